/** Endings and restarts as questions: how they are asked, and when the events have told that they happened. Pure. */
import { isWorkerLive, lifeOf } from "./life.ts";
import type { Session, Worker } from "./types.ts";

export type EndAction = "close" | "kill" | "restart" | "pause" | "forget";

/** A whole session, or one of its workers. */
export interface Target {
	session: Session;
	worker: Worker | null;
}

export const endings: Record<EndAction, { verb: string; past: string; does: string; danger: boolean }> = {
	close: {
		verb: "Close",
		past: "closed",
		does: "Its terminal hangs up. What does not end by itself is terminated, and then killed.",
		danger: true,
	},
	kill: {
		verb: "Kill",
		past: "killed",
		does: "Every process ends at once and can save nothing.",
		danger: true,
	},
	restart: {
		verb: "Restart",
		past: "restarted",
		does: "What runs is closed first. Then it starts again with the same name, port, directory and environment.",
		danger: false,
	},
	pause: {
		verb: "Pause",
		past: "paused",
		does: "Its processes are closed. Resumed, each starts again in the directory it was in; what they held in memory is gone.",
		danger: false,
	},
	forget: {
		verb: "Forget",
		past: "forgotten",
		does: "Its output and settings are deleted. This cannot be undone.",
		danger: true,
	},
};

/** Whether what is known now shows that it happened; `before` is what was known when it was asked for. */
export function happened(action: EndAction, before: Target, now: Session | undefined): boolean {
	const known = before.worker ?? before.session.workers[0];
	const worker = now?.workers.find(({ id }) => id === known?.id);
	switch (action) {
		case "close":
		case "kill":
			if (before.worker !== null) return worker === undefined || !isWorkerLive(worker);
			return now === undefined || lifeOf(now) === "ended";
		case "pause":
			return now === undefined || lifeOf(now) === "paused";
		case "restart":
			// It may have ended again already: a new generation is the proof.
			return (
				worker !== undefined &&
				worker.generation > (known?.generation ?? 0) &&
				worker.state !== "starting" &&
				worker.state !== "stopping"
			);
		case "forget":
			return before.worker !== null ? worker === undefined : now === undefined;
	}
}
