/**
 * State machines, one table per noun. Every writer goes through {@link transition}: what a table lacks is an error, never a
 * silent overwrite.
 */
import { BerthError } from "./errors.ts";

export const workerStates = ["starting", "running", "stopping", "exited", "lost"] as const;
export type WorkerState = (typeof workerStates)[number];

export const exitReasons = ["exited", "closed", "killed", "stopped", "idle", "lost", "failed"] as const;
export type ExitReason = (typeof exitReasons)[number];

export const runStates = [
	"pending",
	"claimed",
	"running",
	"stopping",
	"completed",
	"failed",
	"stopped",
] as const;
export type RunState = (typeof runStates)[number];

/** A request for permission: `answered` by a person or a rule, `expired` at its deadline, `cancelled` when nobody asks any more. */
export const permissionStates = ["pending", "answered", "expired", "cancelled"] as const;
export type PermissionState = (typeof permissionStates)[number];

/**
 * `lost` may still become `exited`: a kill of what a dead holder left behind finds its end.
 * `starting` follows `exited` and `lost` by a restart, which counts the generation.
 */
const workerTable: Record<WorkerState, readonly WorkerState[]> = {
	starting: ["running", "stopping", "exited", "lost"],
	running: ["stopping", "exited", "lost"],
	stopping: ["exited", "lost"],
	exited: ["starting"],
	lost: ["starting", "exited"],
};

const runTable: Record<RunState, readonly RunState[]> = {
	pending: ["claimed", "stopped"],
	claimed: ["running", "failed", "stopped", "pending"],
	running: ["stopping", "completed", "failed", "stopped"],
	stopping: ["stopped", "completed", "failed"],
	completed: [],
	failed: [],
	stopped: [],
};

/** Ended once is ended: an answer counts once, and a late one is refused. */
const permissionTable: Record<PermissionState, readonly PermissionState[]> = {
	pending: ["answered", "expired", "cancelled"],
	answered: [],
	expired: [],
	cancelled: [],
};

const tables = { worker: workerTable, run: runTable, permission: permissionTable };
interface States {
	worker: WorkerState;
	run: RunState;
	permission: PermissionState;
}

/** Whether `from → to` is in the noun's table. */
export function allows<N extends keyof States>(noun: N, from: States[N], to: States[N]): boolean {
	const table = tables[noun] as Record<string, readonly string[]>;
	return table[from]?.includes(to) ?? false;
}

/** Returns `to`, or throws `illegal_transition`. */
export function transition<N extends keyof States>(noun: N, from: States[N], to: States[N]): States[N] {
	if (!allows(noun, from, to)) {
		throw new BerthError("illegal_transition", `a ${noun} that is ${from} cannot become ${to}`, { from, to });
	}
	return to;
}

/** A worker in one of these states has a process, or may have one. */
export function isLive(state: WorkerState): boolean {
	return state === "starting" || state === "running" || state === "stopping";
}

/** How a worker's process ended. At most one of `code` and `signal` is set; both are null when nobody can know. */
export interface Exit {
	/** Exit status 0–255 of a process that exited. */
	code: number | null;
	/** Signal name without SIG (`KILL`, `TERM`) of a process that a signal ended. */
	signal: string | null;
	reason: ExitReason;
}

/** The exit status that a shell would report: the code, or 128+N for signal N; 1 when nothing is known. */
export function shellStatus(exit: Exit, signalNumber: (name: string) => number | undefined): number {
	if (exit.code !== null) return exit.code;
	const number = exit.signal === null ? undefined : signalNumber(exit.signal);
	return number === undefined ? 1 : 128 + number;
}
