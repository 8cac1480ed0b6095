/**
 * All sessions that this login sees, live. Owned by the page for as long as it is logged in.
 *
 *   events are followed ──▶ whole list         an event names a session ──▶ that session again
 *   every few seconds, while somebody looks ──▶ whole list: output moves ages and last lines without events
 */
import { SvelteMap } from "svelte/reactivity";
import { answer, berth, onFinding, sessionApi } from "../api/berth.ts";
import { codeOf, sentence } from "../api/errors.ts";
import { EventFeed } from "../api/event-feed.ts";
import { isSessionLive, lifeOf } from "../life.ts";
import type { Event, Session } from "../types.ts";
import { seen } from "./seen.svelte.ts";

/** Milliseconds between looks at the whole list. */
const POLL_MS = 3000;

/** Above it the whole list is asked for instead of one session after the other. */
const SINGLY = 4;

type Listener = (event: Event) => void;

class Sessions {
	readonly #byId = new SvelteMap<string, Session>();
	state = $state<"loading" | "ready" | "failed">("loading");
	failure = $state("");
	/** Ended ones are asked for too. */
	#all = $state(false);
	readonly #dirty = new Set<string>();
	#refreshing: Promise<void> | null = null;
	#again = false;
	#stop: AbortController | null = null;
	readonly #listeners = new Set<Listener>();

	/** Oldest first. */
	readonly list = $derived([...this.#byId.values()].sort((a, b) => a.createdAt - b.createdAt));
	readonly live = $derived(this.list.filter(isSessionLive));
	readonly paused = $derived(this.list.filter((session) => lifeOf(session) === "paused"));

	constructor() {
		onFinding((finding) => {
			if (finding === "events-open" && this.#stop) void this.refresh();
		});
	}

	get all(): boolean {
		return this.#all;
	}

	set all(value: boolean) {
		this.#all = value;
		if (value && this.#stop) void this.refresh();
	}

	get(id: string): Session | undefined {
		return this.#byId.get(id);
	}

	/** Every event as it comes; returns the removal. */
	onEvent(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Follows until the returned function is called. */
	start(): () => void {
		const stop = new AbortController();
		this.#stop = stop;
		const feed = new EventFeed({
			onEvent: (event) => this.#happened(event),
			onFailed: (error) => this.#failed(error),
		});
		void this.refresh();
		const look = () => {
			if (!document.hidden) void this.refresh();
		};
		const poll = setInterval(look, POLL_MS);
		document.addEventListener("visibilitychange", look);
		return () => {
			stop.abort();
			feed.stop();
			clearInterval(poll);
			document.removeEventListener("visibilitychange", look);
			if (this.#stop === stop) this.#stop = null;
			this.#byId.clear();
			this.state = "loading";
		};
	}

	/** The whole list again. One request at a time: one that comes meanwhile is made afterwards. */
	refresh(): Promise<void> {
		if (this.#refreshing !== null) {
			this.#again = true;
			return this.#refreshing;
		}
		this.#refreshing = this.#load().finally(() => {
			this.#refreshing = null;
			if (!this.#again) return;
			this.#again = false;
			void this.refresh();
		});
		return this.#refreshing;
	}

	/** One session by any reference, from the daemon; kept like the others. */
	async find(ref: string): Promise<Session> {
		const session = await answer(sessionApi(ref).get());
		this.put(session);
		return session;
	}

	/** What an answer to a change told: shown at once; the event confirms it. */
	put(session: Session): void {
		this.#byId.set(session.id, session);
	}

	#happened(event: Event): void {
		for (const listener of this.#listeners) listener(event);
		const { sessionId, type } = event;
		if (sessionId === null) return;
		if (type === "session.deleted") {
			this.#byId.delete(sessionId);
			return;
		}
		if (this.#dirty.size === 0) queueMicrotask(() => void this.#refreshDirty());
		this.#dirty.add(sessionId);
	}

	async #refreshDirty(): Promise<void> {
		const ids = [...this.#dirty];
		this.#dirty.clear();
		if (ids.length > SINGLY) {
			await this.refresh();
			return;
		}
		await Promise.all(
			ids.map(async (id) => {
				try {
					await this.find(id);
				} catch (error) {
					if (codeOf(error) === "session_not_found") this.#byId.delete(id);
				}
			}),
		);
	}

	async #load(): Promise<void> {
		const { signal } = this.#stop ?? new AbortController();
		try {
			const found = await answer(berth.api.sessions.get({ query: { all: this.#all } }));
			if (signal.aborted) return;
			const ids = new Set(found.map(({ id }) => id));
			// An ended session stays where it is shown: only a whole list can tell that one was forgotten.
			for (const [id, session] of this.#byId) {
				if (ids.has(id)) continue;
				if (this.#all) this.#byId.delete(id);
				else if (lifeOf(session) !== "ended") void this.find(id).catch(() => this.#byId.delete(id));
			}
			for (const session of found) this.put(session);
			if (this.#all) seen.keepOnly(new Set(found.flatMap(({ workers }) => workers.map(({ id }) => id))));
			this.state = "ready";
		} catch (error) {
			if (!signal.aborted) this.#failed(error);
		}
	}

	#failed(error: unknown): void {
		const code = codeOf(error);
		// What the connection and the login say is shown by themselves; what is known stays on the page.
		if (code === "daemon_unreachable" || code === "unauthorized") return;
		this.failure = sentence(error);
		if (this.state === "loading") this.state = "failed";
	}
}

export const sessions = new Sessions();
