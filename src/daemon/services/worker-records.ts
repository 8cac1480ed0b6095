/**
 * What is written of a worker's life, each step with its event in one transaction. Steps of a generation that is over change
 * nothing: a late exit of the process before a restart never marks the one after it.
 */
import { STOP_DEADLINE_MS } from "../../contract/limits.ts";
import { type Exit, type ExitReason, isLive } from "../../contract/state.ts";
import type { ProcessIdentity } from "../../platform/processes/index.ts";
import type { WorkerRow } from "../../store/schema.ts";
import { sessionById } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { moveWorker, noteWorker, updateWorker, workerById } from "../../store/workers.ts";
import { planRestart } from "./restart-policy.ts";

/** One start of a worker. */
export interface Start {
	workerId: string;
	generation: number;
}

export function startOf({ workerId, generation }: Start): Start {
	return { workerId, generation };
}

/** The start that a row tells of. */
export function startOfRow({ id, generation }: WorkerRow): Start {
	return { workerId: id, generation };
}

export interface Ending extends Start {
	exit: Exit;
	/** End of the output, in bytes. */
	offset: number;
	/** Unix milliseconds. */
	at: number;
}

export interface HolderFacts {
	holder: ProcessIdentity;
	child: ProcessIdentity | null;
	bootId: string;
}

/** What is cleared when no process is left. */
const nobody = {
	holderPid: null,
	holderStart: null,
	pid: null,
	pidStart: null,
	bootId: null,
	deadlineAt: null,
	stopReason: null,
};

export interface RecordEvents {
	/** A worker is about to be recorded as ended: the last moment for what is known of it while it lived. */
	onEnding(): void;
	/** The commit that ended it is made. */
	onEnded(row: WorkerRow): void;
}

export class WorkerRecords {
	readonly #store: Store;
	readonly #now: () => number;
	readonly #events: RecordEvents;

	constructor(store: Store, now: () => number, events: RecordEvents) {
		this.#store = store;
		this.#now = now;
		this.#events = events;
	}

	/** The row while this start is the current one and has, or may have, a process. */
	live(start: Start): WorkerRow | null {
		const row = workerById(this.#store.read, start.workerId);
		return row && row.generation === start.generation && isLive(row.state) ? row : null;
	}

	/** Remembers who was started, before it is known to be ready: a daemon that dies now leaves a trail to it. */
	spawned({ workerId }: Start, holder: ProcessIdentity, bootId: string): void {
		const note = { holderPid: holder.pid, holderStart: holder.startTime, bootId };
		this.#store.bookkeep((bookkeeping) => noteWorker(bookkeeping, workerId, note));
	}

	running(start: Start, { holder, child, bootId }: HolderFacts): WorkerRow {
		return this.#store.change((change) =>
			moveWorker(change, start.workerId, "running", {
				holderPid: holder.pid,
				holderStart: holder.startTime,
				pid: child?.pid ?? null,
				pidStart: child?.startTime ?? null,
				bootId,
				startedAt: change.at,
				deadlineAt: null,
			}),
		);
	}

	/** Says that it is being stopped, and why; a stop under way only changes its reason. */
	stopping(row: WorkerRow, reason: ExitReason): WorkerRow {
		const patch = { stopReason: reason, deadlineAt: this.#now() + STOP_DEADLINE_MS, nextRestartAt: null };
		return this.#store.change((change) =>
			row.state === "stopping"
				? updateWorker(change, row.id, patch)
				: moveWorker(change, row.id, "stopping", patch),
		);
	}

	/** The process has ended. A worker that was being stopped ended for that reason, whatever its holder took it for. */
	ended({ exit, offset, at, ...start }: Ending): void {
		const row = this.live(start);
		if (!row) return;
		const reason = row.state === "stopping" && row.stopReason !== null ? row.stopReason : exit.reason;
		this.#end(row, "exited", { ...exit, reason }, offset, at);
	}

	/** Its holder is gone and left no word of how it ended. */
	lost(start: Start, offset: number): void {
		const row = this.live(start);
		if (!row) return;
		const exit: Exit = { code: null, signal: null, reason: "lost" };
		this.#end(row, "lost", exit, offset, this.#now());
	}

	/** A restart by itself could not even begin: the next try comes later, or never. */
	restartFailed(row: WorkerRow): WorkerRow {
		const now = this.#now();
		const plan = planRestart({
			policy: this.#policyOf(row),
			exit: { code: null, signal: null, reason: "failed" },
			restarts: row.restarts + 1,
			startedAt: null,
			endedAt: now,
			now,
		});
		return this.#store.change((change) => updateWorker(change, row.id, plan));
	}

	/** The user has spoken: no automatic restart any more. */
	stayEnded(row: WorkerRow): void {
		if (row.nextRestartAt === null) return;
		this.#store.change((change) => updateWorker(change, row.id, { nextRestartAt: null }));
	}

	#end(row: WorkerRow, state: "exited" | "lost", exit: Exit, offset: number, at: number): void {
		this.#events.onEnding();
		const plan = planRestart({
			policy: this.#policyOf(row),
			exit,
			restarts: row.restarts,
			startedAt: row.startedAt,
			endedAt: at,
			now: this.#now(),
		});
		const ended = this.#store.change((change) =>
			moveWorker(change, row.id, state, {
				...nobody,
				...plan,
				exitCode: exit.code,
				exitSignal: exit.signal,
				exitReason: exit.reason,
				offset,
				endedAt: at,
			}),
		);
		this.#events.onEnded(ended);
	}

	#policyOf(row: WorkerRow): "no" | "on-failure" | "always" {
		return sessionById(this.#store.read, row.sessionId)?.restart ?? "no";
	}
}
