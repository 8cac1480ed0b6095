/** Whether a session runs, waits, or is over: what its workers and its pause say together. Pure. */
import { isLive } from "../../../src/contract/state.ts";
import type { Session, Worker } from "./types.ts";

export type Life = "live" | "paused" | "ended";

/** A worker that ends while its session is being paused still counts as live. */
export function lifeOf(session: Session): Life {
	if (isSessionLive(session)) return "live";
	return session.pausedAt === undefined ? "ended" : "paused";
}

export function isSessionLive(session: Session): boolean {
	return session.workers.some(isWorkerLive);
}

export function isWorkerLive({ state }: Worker): boolean {
	return isLive(state);
}
