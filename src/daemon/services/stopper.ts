/**
 * Ends workers: close, kill, the idle limit, and the first half of a restart.
 *
 * One stop per worker at a time. Whoever asks for another joins it; a kill overtakes a close that is under way. A stop is over when a
 * look at the whole system finds no process of the worker's tree, and only then is the worker recorded as ended. None of this
 * depends on the holder: it is asked to remember the reason and to record the exit, and when it does not answer in time it is ended
 * too and the exit is recorded for it.
 *
 * A stop that could not end everything says so, leaves the worker `stopping`, and is taken up again by itself.
 */
import { BerthError } from "../../contract/errors.ts";
import { CLOSE_STEPS_MS } from "../../contract/limits.ts";
import type { ExitReason } from "../../contract/state.ts";
import { type EndingStep, endProcesses } from "../../platform/processes/ending.ts";
import {
	endOfZombie,
	livingProcess,
	type ProcessInfo,
	signalProcess,
} from "../../platform/processes/index.ts";
import type { WorkerTree } from "../../platform/processes/tree.ts";
import type { WorkerRow } from "../../store/schema.ts";
import { workerById } from "../../store/workers.ts";
import type { ControlContext } from "./control-context.ts";
import type { Exits } from "./exits.ts";
import type { Supervisor, SupervisorParts } from "./supervisor.ts";
import { revokeStart } from "./unfinished-start.ts";
import { rolesOf, treeOf, type WorkerRoles } from "./worker-processes.ts";
import { startOfRow, type WorkerRecords } from "./worker-records.ts";

/** Milliseconds that a holder may take to note why its process will end. */
const INTENT_MS = 200;
/** Milliseconds that a holder which answers may take to record the exit once its tree is gone: it drains and syncs first. */
const RECORD_MS = { answering: 1000, silent: 200 } as const;
/** Milliseconds that a holder, and what only its end hangs up, may take to go after SIGKILL. */
const HOLDER_END_MS = 500;
/** Milliseconds of the one step of a kill. With the waits above it stays within KILL_LIMIT_MS. */
const KILL_STEP_MS = 700;
/** Milliseconds between looks at what is about to end. */
const CHECK_MS = 2;
/** Milliseconds after which a stop that left something is taken up again. */
const RETRY_MS = 5000;

/** SIGCONT after each: a stopped process gets its signal only when it runs. */
const closeSteps: readonly EndingStep[] = [
	{ signals: ["SIGHUP", "SIGCONT"], withinMs: CLOSE_STEPS_MS.hangUp },
	{ signals: ["SIGTERM", "SIGCONT"], withinMs: CLOSE_STEPS_MS.terminate },
];
const closeKillStep: EndingStep = { signals: ["SIGKILL"], withinMs: CLOSE_STEPS_MS.kill };
const killStep: EndingStep = { signals: ["SIGKILL"], withinMs: KILL_STEP_MS };
/** Once the holder is done with: the kernel hangs up its terminal when it goes, and nothing should be left. */
const lastStep: EndingStep = { signals: ["SIGKILL"], withinMs: HOLDER_END_MS };

export interface StopRequest {
	reason: ExitReason;
	/** Kill at once, or hang up and terminate first. */
	force: boolean;
}

interface Stop {
	request: StopRequest;
	done: Promise<void>;
}

export class Stopper {
	readonly #context: ControlContext;
	readonly #records: WorkerRecords;
	readonly #exits: Exits;
	readonly #supervisor: Supervisor;
	readonly #stops = new Map<string, Stop>();
	readonly #retries = new Map<string, Timer>();

	constructor({ context, records, exits }: SupervisorParts, supervisor: Supervisor) {
		this.#context = context;
		this.#records = records;
		this.#exits = exits;
		this.#supervisor = supervisor;
	}

	/**
	 * The stop of this worker that is under way, after `request` has joined it; null when there is none. A close takes the place of a
	 * restart's stop or of the idle limit's, and a kill that of any.
	 */
	join(workerId: string, request: StopRequest): Promise<void> | null {
		const stop = this.#stops.get(workerId);
		if (!stop) return null;
		if (weight(request) > weight(stop.request)) {
			stop.request = request;
			const row = workerById(this.#context.store.read, workerId);
			if (row?.state === "stopping") this.#records.stopping(row, request.reason);
		}
		return stop.done;
	}

	/** Ends the worker's tree; quiet success on one that has ended, after ending what it may have left. Throws `stop_failed`. */
	stop(row: WorkerRow, request: StopRequest): Promise<void> {
		return this.join(row.id, request) ?? this.#begin(row, request, (stop) => this.#run(row, stop));
	}

	/**
	 * Ends what a holder left that died a moment ago; `row` is what was stored while it lived. Only in this moment does the child's pid
	 * still name its own kernel session for certain.
	 */
	endOrphans(row: WorkerRow): Promise<void> {
		const request: StopRequest = { reason: "lost", force: false };
		const tree = this.#tree(row, rolesOf(row), true);
		return (
			this.join(row.id, request) ?? this.#begin(row, request, (stop) => this.#endLeftovers(row, tree, stop))
		);
	}

	stopRetrying(): void {
		for (const workerId of [...this.#retries.keys()]) this.#forgetRetry(workerId);
	}

	#begin(row: WorkerRow, request: StopRequest, run: (stop: Stop) => Promise<void>): Promise<void> {
		this.#forgetRetry(row.id);
		const stop: Stop = { request, done: Promise.resolve() };
		this.#stops.set(row.id, stop);
		stop.done = run(stop).finally(() => this.#stops.delete(row.id));
		return stop.done;
	}

	async #run(given: WorkerRow, stop: Stop): Promise<void> {
		const row = this.#records.live(startOfRow(given));
		// The holder of one that has ended may still be leaving: what it adopted is the worker's, and not another holder's.
		const roles = row ? await this.#rolesIn(row) : { holder: this.#supervisor.holder(given.id), child: null };
		const tree = this.#tree(given, roles, false);
		// It may have ended by itself with the notice still on its way: then that is how it ended.
		if (!row || (row.state !== "stopping" && this.#exits.settle(startOfRow(row)))) {
			await this.#endLeftovers(given, tree, stop);
			return;
		}
		const stopping = this.#note(row, stop.request.reason);
		const starting = row.state === "starting";
		if (starting) await this.#cutOff(tree, roles);
		const answers = !starting && (await this.#announce(row, roles, stop.request.reason));
		const left = await this.#endTree(tree, stop);
		await this.#settle(stopping, roles, answers, left.length > 0);
		const still = await endProcesses(tree, [lastStep], this.#clock);
		if (still.length > 0) throw this.#failed(row, stop, still);
		this.#record(stopping, stop);
	}

	/**
	 * Says that it is being stopped. Where the disk takes nothing any more, an end that somebody asked for is made all the same: it may be the
	 * end of what filled the disk. That it has ended is then known from the exit record, for which there always is room.
	 */
	#note(row: WorkerRow, reason: ExitReason): WorkerRow {
		try {
			return this.#records.stopping(row, reason);
		} catch (error) {
			const { code, detail } = BerthError.from(error).toProblem();
			if (code !== "store_failed" || (reason !== "closed" && reason !== "killed")) throw error;
			this.#context.log("warn", "a stop could not be noted", { worker: row.id, error: detail });
			return row;
		}
	}

	/** A holder on its way would start its process after the last look: it goes first, and what it has started is known by then. */
	async #cutOff(tree: WorkerTree, { holder }: WorkerRoles): Promise<void> {
		if (!holder) return;
		tree.look();
		signalProcess(holder, "SIGKILL");
		await this.#until(() => livingProcess(holder) === null, HOLDER_END_MS);
	}

	/** One that is still being started by an earlier daemon's holder is found first: it must not begin after the last look. */
	async #rolesIn(row: WorkerRow): Promise<WorkerRoles> {
		if (row.state !== "starting") return rolesOf(row);
		const holder = await revokeStart(this.#context, this.#supervisor, row);
		const process = holder && livingProcess(holder);
		return { holder: process && { pid: process.pid, startTime: process.startTime }, child: null };
	}

	#tree(row: WorkerRow, roles: WorkerRoles, childJustEnded: boolean): WorkerTree {
		return treeOf(row, roles, childJustEnded, () => this.#supervisor.holderPids());
	}

	async #endTree(tree: WorkerTree, stop: Stop): Promise<ProcessInfo[]> {
		if (!stop.request.force) {
			const left = await endProcesses(tree, closeSteps, this.#clock, () => stop.request.force);
			if (left.length === 0) return left;
		}
		return await endProcesses(tree, [stop.request.force ? killStep : closeKillStep], this.#clock);
	}

	/** Processes that carry the marker of a worker which has ended: a daemonised job of an earlier day. */
	async #endLeftovers(row: WorkerRow, tree: WorkerTree, stop: Stop): Promise<void> {
		const left = await this.#endTree(tree, stop);
		if (left.length > 0) throw stopFailed(row, left);
	}

	/** Wakes a holder that was stopped and tells it the reason; whether it answered. */
	async #announce(row: WorkerRow, { holder }: WorkerRoles, reason: ExitReason): Promise<boolean> {
		const process = holder && livingProcess(holder);
		if (!process) return false;
		if (process.state === "T") signalProcess(process, "SIGCONT");
		const deadline = this.#context.monotonic() + INTENT_MS;
		let client = this.#supervisor.client(row.id);
		while (!client && this.#context.monotonic() < deadline) {
			await this.#context.sleep(CHECK_MS);
			client = this.#supervisor.client(row.id);
		}
		if (!client) return false;
		try {
			await client.call("intent", { reason }, INTENT_MS);
			return true;
		} catch (error) {
			this.#context.log("info", "a holder was not told why it is stopped", {
				worker: row.id,
				error: String(error),
			});
			return false;
		}
	}

	/**
	 * Waits for the holder to record the exit, and ends it when it does not. A holder that is gone also hangs up what we may not signal:
	 * the processes of another user in its terminal.
	 */
	async #settle(
		row: WorkerRow,
		{ holder, child }: WorkerRoles,
		answers: boolean,
		treeLeft: boolean,
	): Promise<void> {
		if (!holder) return;
		const recorded = (): boolean => this.#exits.of(startOfRow(row)) !== null;
		const gone = (): boolean => livingProcess(holder) === null;
		const patience = treeLeft ? 0 : answers ? RECORD_MS.answering : RECORD_MS.silent;
		if (await this.#until(() => recorded() || gone(), patience)) return;
		const end = child && endOfZombie(child.pid);
		this.#context.log("warn", "a holder did not record the exit and was ended", {
			worker: row.id,
			pid: holder.pid,
		});
		signalProcess(holder, "SIGKILL");
		await this.#until(gone, HOLDER_END_MS);
		if (!recorded()) this.#exits.recordFor(row, end);
	}

	/** Nothing of the tree is left: the worker has ended. */
	#record(row: WorkerRow, stop: Stop): void {
		const record = this.#exits.of(startOfRow(row)) ?? this.#exits.recordFor(row, null);
		const { code, signal, offset, at } = record;
		this.#records.ended({
			...startOfRow(row),
			exit: { code, signal, reason: stop.request.reason },
			offset,
			at,
		});
	}

	#failed(row: WorkerRow, stop: Stop, left: ProcessInfo[]): BerthError {
		const again = setTimeout(() => {
			this.#retries.delete(row.id);
			const now = workerById(this.#context.store.read, row.id);
			if (now?.state !== "stopping" || now.generation !== row.generation) return;
			this.stop(now, stop.request).catch((error) =>
				this.#context.log("warn", "a stop failed again", { worker: row.id, error: String(error) }),
			);
		}, RETRY_MS);
		this.#retries.set(row.id, again);
		return stopFailed(row, left);
	}

	#forgetRetry(workerId: string): void {
		clearTimeout(this.#retries.get(workerId));
		this.#retries.delete(workerId);
	}

	async #until(condition: () => boolean, withinMs: number): Promise<boolean> {
		const deadline = this.#context.monotonic() + withinMs;
		while (!condition()) {
			if (this.#context.monotonic() >= deadline) return false;
			await this.#context.sleep(CHECK_MS);
		}
		return true;
	}

	get #clock() {
		return { now: () => this.#context.monotonic(), sleep: (ms: number) => this.#context.sleep(ms) };
	}
}

function weight({ reason, force }: StopRequest): number {
	return force ? 2 : reason === "closed" ? 1 : 0;
}

function stopFailed(row: WorkerRow, left: ProcessInfo[]): BerthError {
	const names = left.map(({ pid, comm }) => `${comm} (${pid})`).join(", ");
	const detail = `${row.name}: ${names} did not end; it is tried again by itself. Another user's processes need that user`;
	return new BerthError("stop_failed", detail, { pids: left.map(({ pid }) => pid) });
}
