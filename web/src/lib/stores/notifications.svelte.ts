/**
 * Tells a person who looks elsewhere that an agent waits: by a notification of the browser's, when it was allowed, and by a number in the
 * tab's title. One notification for each time that an agent begins to wait; it goes when the waiting ends.
 */
import { agentsOf, stateWord, urgency } from "../agents/state.ts";
import { route, sessionPath } from "./route.svelte.ts";
import { sessions } from "./sessions.svelte.ts";

interface Calling {
	sessionId: string;
	workerId: string;
	title: string;
	body: string;
}

class Notifications {
	#permission = $state<NotificationPermission | "unsupported">(
		"Notification" in globalThis ? Notification.permission : "unsupported",
	);
	readonly #shown = new Map<string, Notification | null>();

	/** Every agent that waits for a person. */
	readonly calling = $derived(
		sessions.live.flatMap((session) =>
			agentsOf(session).flatMap(({ workerId, name, agent }): Calling[] => {
				const { state, evidence } = agent.status;
				if (urgency(state) !== "calling") return [];
				const title = `${session.name} / ${name} ${stateWord(state)}`;
				return [{ sessionId: session.id, workerId, title, body: evidence.text ?? "" }];
			}),
		),
	);

	/** The browser has not been asked yet. */
	get offered(): boolean {
		return this.#permission === "default";
	}

	/** Asks the browser; only after a click, as browsers want it. */
	async ask(): Promise<void> {
		this.#permission = await Notification.requestPermission();
	}

	/** Shows and takes back notifications as `calling` changes. Call inside an effect. */
	update(): void {
		const now = new Set(this.calling.map(({ workerId }) => workerId));
		for (const [workerId, notification] of this.#shown) {
			if (now.has(workerId)) continue;
			notification?.close();
			this.#shown.delete(workerId);
		}
		for (const one of this.calling) {
			if (!this.#shown.has(one.workerId)) this.#shown.set(one.workerId, this.#show(one));
		}
	}

	/** Null when the person sees it anyway, or does not want to be told. */
	#show({ sessionId, workerId, title, body }: Calling): Notification | null {
		if (this.#permission !== "granted" || !document.hidden) return null;
		const notification = new Notification(title, { body, tag: workerId, icon: "/assets/icon-192.png" });
		notification.onclick = () => {
			window.focus();
			route.go(sessionPath(sessionId, workerId));
			notification.close();
		};
		return notification;
	}
}

export const notifications = new Notifications();
