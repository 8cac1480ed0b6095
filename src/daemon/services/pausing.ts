/**
 * Pause and resume: the workers of a session end, everything else stays, and they come back in the directories they were in.
 *
 * The pause is stored before the first worker is ended and dropped after the last one is back, so that a daemon that dies in
 * between leaves a session that is paused; the next daemon ends what runs of it. Only a person resumes, or ends it for good.
 */
import { BerthError } from "../../contract/errors.ts";
import { isLive } from "../../contract/state.ts";
import { allPauses, dropPause, pauseOf, savePause } from "../../store/pauses.ts";
import type { PauseRow, SessionRow, WorkerRow } from "../../store/schema.ts";
import { updateWorker, workerById, workersOf } from "../../store/workers.ts";
import type { ControlContext } from "./control-context.ts";
import type { Lifecycle } from "./lifecycle.ts";

const END = { reason: "closed", force: false } as const;

/** Milliseconds within which a healthy holder tells its status. */
const STATUS_MS = 1000;

export class Pausing {
	readonly #context: ControlContext;
	readonly #lifecycle: Lifecycle;
	/** When the paused ones were paused, as the store has it, which only we write: every list of sessions asks for all of them. */
	readonly #paused: Map<string, number>;
	/** Sessions that are being resumed. */
	readonly #resuming = new Set<string>();

	constructor(context: ControlContext, lifecycle: Lifecycle) {
		this.#context = context;
		this.#lifecycle = lifecycle;
		this.#paused = new Map(allPauses(context.store.read).map(({ sessionId, at }) => [sessionId, at]));
	}

	/** Unix milliseconds; undefined while it is not paused. */
	pausedAt(sessionId: string): number | undefined {
		return this.#paused.get(sessionId);
	}

	/** Throws `session_paused`: nothing of a paused session is started but by its resumption. */
	checkNotPaused({ id, name }: SessionRow): void {
		if (this.#paused.has(id))
			throw new BerthError("session_paused", `${name} is paused; go on with it: berth resume ${name}`);
	}

	/** Resolves when no process of it is left. Quiet success on one that is paused; throws `session_ended` when nothing runs. */
	async pause(session: SessionRow): Promise<void> {
		const { id, name } = session;
		const directories = await this.#directories(id);
		this.#checkNotResuming(session);
		const before = pauseOf(this.#read, id);
		const running = workersOf(this.#read, id).filter(
			({ state, nextRestartAt }) => isLive(state) || nextRestartAt !== null,
		);
		if (running.length === 0) {
			if (before) return;
			throw new BerthError("session_ended", `${name} has ended; there is nothing to pause`);
		}
		const earlier = (before?.workers ?? []).filter((worker) => !running.some((row) => row.id === worker.id));
		const workers = [
			...earlier,
			...running.map((row) => ({ id: row.id, cwd: directories.get(row.id) ?? row.cwd })),
		];
		const at = before?.at ?? this.#context.now();
		this.#context.store.change((change) => savePause(change, { sessionId: id, at, workers }));
		this.#paused.set(id, at);
		await this.#end(running.map((row) => row.id));
	}

	/** All that ran when it was paused runs again, or none of it, and then it stays paused. */
	async resume(session: SessionRow): Promise<void> {
		const { id, name } = session;
		this.#checkNotResuming(session);
		const pause = pauseOf(this.#read, id);
		if (!pause) throw new BerthError("illegal_transition", `${name} is not paused`);
		this.#resuming.add(id);
		try {
			await this.#bringBack(session, pause);
			this.#drop(id, "resumed");
		} finally {
			this.#resuming.delete(id);
		}
	}

	/** It is being ended for good. */
	forget(sessionId: string): void {
		if (this.#paused.has(sessionId)) this.#drop(sessionId, "ended");
	}

	/** At the daemon's start: ends what a pause or a resumption that was cut short left running. */
	finish(): void {
		for (const { sessionId } of allPauses(this.#read)) {
			for (const row of workersOf(this.#read, sessionId).filter(({ state }) => isLive(state)))
				this.#lifecycle.background(row, "pause it", () => this.#lifecycle.stop(row.id, END));
		}
	}

	async #bringBack({ id: sessionId, name }: SessionRow, { workers }: PauseRow): Promise<void> {
		const begun: WorkerRow[] = [];
		try {
			for (const { id, cwd } of workers) {
				const row = workerById(this.#read, id);
				// It was forgotten while it was paused.
				if (!row) continue;
				if (!this.#paused.has(sessionId))
					throw new BerthError("session_ended", `${name} was ended while it was being resumed`);
				begun.push(row);
				this.#move(row, cwd);
				await this.#lifecycle.restart(id);
			}
			if (!this.#paused.has(sessionId))
				throw new BerthError("session_ended", `${name} was ended while it was being resumed`);
		} catch (error) {
			await this.#end(begun.map(({ id }) => id));
			for (const row of begun) this.#move(row, row.cwd);
			throw error;
		}
	}

	#drop(sessionId: string, why: "resumed" | "ended"): void {
		this.#context.store.change((change) => dropPause(change, sessionId, why));
		this.#paused.delete(sessionId);
	}

	#move({ id }: WorkerRow, cwd: string): void {
		const row = workerById(this.#read, id);
		if (row && row.cwd !== cwd) this.#context.store.change((change) => updateWorker(change, id, { cwd }));
	}

	/** All at once; when some could not be ended the others still are, and the failure is told then. */
	async #end(workerIds: readonly string[]): Promise<void> {
		for (const outcome of await Promise.allSettled(workerIds.map((id) => this.#lifecycle.stop(id, END)))) {
			if (outcome.status === "rejected") throw outcome.reason;
		}
	}

	/** Where each worker is now. A holder's news of it may still be on their way, so it is asked; one that hangs told it last. */
	async #directories(sessionId: string): Promise<Map<string, string>> {
		const { supervisor } = this.#lifecycle;
		const found = new Map<string, string>();
		const ask = async ({ id }: WorkerRow): Promise<void> => {
			const told = supervisor.status(id);
			const status = await supervisor
				.client(id)
				?.call("status", {}, STATUS_MS)
				.catch(() => told);
			const cwd = status?.cwd ?? told?.cwd;
			if (cwd !== undefined) found.set(id, cwd);
		};
		await Promise.all(workersOf(this.#read, sessionId).map(ask));
		return found;
	}

	#checkNotResuming({ id, name }: SessionRow): void {
		if (this.#resuming.has(id))
			throw new BerthError("illegal_transition", `${name} is just being resumed; wait for that`);
	}

	get #read() {
		return this.#context.store.read;
	}
}
