/** When a worker that ended by itself is started again. Pure: the answer is stored with the exit, so a new daemon carries it out. */
import type { Session } from "../../contract/session.ts";
import type { Exit } from "../../contract/state.ts";

/** Milliseconds before the first automatic restart; doubled for each further one in a row. */
export const BACKOFF_FIRST_MS = 1000;
/** The longest wait between two automatic restarts, in milliseconds. */
export const BACKOFF_LONGEST_MS = 60_000;
/** Automatic restarts in a row after which a worker is left alone: by then somebody has to look. */
export const RESTARTS_IN_A_ROW = 10;
/** Milliseconds of running after which a worker counts as healthy, and the row of restarts as over. */
export const HEALTHY_AFTER_MS = 60_000;

export interface PolicyFacts {
	policy: Session["restart"];
	exit: Exit;
	/** Automatic restarts in a row so far. */
	restarts: number;
	/** Unix milliseconds; null when it never ran. */
	startedAt: number | null;
	endedAt: number;
	now: number;
}

export interface RestartPlan {
	restarts: number;
	/** Unix milliseconds; null for never. */
	nextRestartAt: number | null;
}

export function planRestart({ policy, exit, restarts, startedAt, endedAt, now }: PolicyFacts): RestartPlan {
	const healthy = startedAt !== null && endedAt - startedAt >= HEALTHY_AFTER_MS;
	const inARow = healthy ? 0 : restarts;
	if (!wanted(policy, exit) || inARow >= RESTARTS_IN_A_ROW) return { restarts: inARow, nextRestartAt: null };
	const wait = Math.min(BACKOFF_FIRST_MS * 2 ** inARow, BACKOFF_LONGEST_MS);
	return { restarts: inARow, nextRestartAt: now + wait };
}

/** Only what ended by itself: what a user or the idle limit ended stays ended. */
function wanted(policy: Session["restart"], { code, reason }: Exit): boolean {
	if (policy === "no") return false;
	if (reason !== "exited" && reason !== "lost" && reason !== "failed") return false;
	return policy === "always" || code !== 0;
}
