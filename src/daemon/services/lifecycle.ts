/**
 * A worker's life: started, stopped, started again, one thing at a time for each worker and all of them independent of each other.
 *
 *   close, kill   join a stop that is under way; a kill overtakes it. They give up a start, and call off a restart.
 *   restart       waits for what is under way; a second restart joins the first.
 *   by itself     an exit is recorded by whoever hears of it first, and once: an old generation's word changes nothing.
 *
 * Owned by the daemon; holders and their processes outlive it, and the next daemon takes them up (reconcile.ts).
 */
import { rmSync } from "node:fs";
import type { SessionProcess } from "../../contract/activity.ts";
import type { RestartOptions } from "../../contract/agent-start.ts";
import { BerthError } from "../../contract/errors.ts";
import { isLive } from "../../contract/state.ts";
import { holderSocket } from "../../platform/paths.ts";
import type { SessionRow, WorkerFacts, WorkerRow } from "../../store/schema.ts";
import { sessionById } from "../../store/sessions.ts";
import { workerById } from "../../store/workers.ts";
import { planRestart } from "./admission.ts";
import { replanAgent } from "./agents/planning.ts";
import type { Alarms } from "./alarms.ts";
import type { ControlContext } from "./control-context.ts";
import { Exits } from "./exits.ts";
import { FactWriter } from "./fact-writer.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { Launcher } from "./launcher.ts";
import { BACKOFF_LONGEST_MS } from "./restart-policy.ts";
import { Starter } from "./starter.ts";
import { Stopper, type StopRequest } from "./stopper.ts";
import { Supervisor } from "./supervisor.ts";
import { dropOldGenerations } from "./worker-folders.ts";
import { rolesOf, treeOf } from "./worker-processes.ts";
import { startOfRow, WorkerRecords } from "./worker-records.ts";

/** Milliseconds that the daemon's end waits for what is under way: a start takes less, a stubborn process's end may not. */
const FINISH_MS = 2000;

export class Lifecycle {
	readonly records: WorkerRecords;
	readonly exits: Exits;
	readonly supervisor: Supervisor;
	readonly facts: FactWriter;
	readonly #context: ControlContext;
	readonly #stopper: Stopper;
	readonly #starter: Starter;
	readonly #alarms: Alarms;
	readonly #lock = new KeyedLock();
	readonly #restarts = new Map<string, Promise<WorkerRow>>();
	readonly #onChanged: (sessionId: string) => void;

	/** `onChanged` is told when a worker of the session has started or ended. */
	constructor(context: ControlContext, alarms: Alarms, onChanged: (sessionId: string) => void) {
		const { store, now, monotonic, log } = context;
		this.#context = context;
		this.#alarms = alarms;
		this.#onChanged = onChanged;
		this.facts = new FactWriter(store, monotonic, (error) =>
			log("error", "what holders told could not be stored", { error: String(error) }),
		);
		this.records = new WorkerRecords(store, now, {
			onEnding: () => this.facts.flush(),
			onEnded: (row) => this.#ended(row),
		});
		this.exits = new Exits(context, this.records);
		const parts = { context, records: this.records, exits: this.exits, facts: this.facts };
		this.supervisor = new Supervisor(parts, {
			onLost: (row) => this.#lost(row),
			onReached: (row) => this.background(row, "adopt", () => this.adopt(row)),
		});
		this.#stopper = new Stopper(parts, this.supervisor);
		this.#starter = new Starter(parts, new Launcher(context), this.supervisor);
	}

	/** What a stop of this worker would end. */
	processesOf(row: WorkerRow): SessionProcess[] {
		const tree = treeOf(row, rolesOf(row), false, () => this.supervisor.holderPids());
		return tree.look().map(({ pid, ppid, pgid, foregroundGroup, comm, state }) => ({
			workerId: row.id,
			pid,
			ppid,
			name: comm,
			foreground: pgid === foregroundGroup,
			stopped: state === "T" || state === "t",
		}));
	}

	/** Starts a worker that is stored as `starting`. Throws when its process does not run; the worker is then stored as ended. */
	start(session: SessionRow, row: WorkerRow): Promise<void> {
		return this.#lock.run(row.id, () => this.#start(session, row));
	}

	/** Resolves when no process of the worker's tree is left. Quiet success on what has ended or is gone. */
	stop(workerId: string, request: StopRequest): Promise<void> {
		const joined = this.#stopper.join(workerId, request);
		if (joined) return joined;
		this.#starter.abort(workerId);
		return this.#lock.run(workerId, async () => {
			const row = this.#row(workerId);
			if (!row) return;
			this.records.stayEnded(row);
			this.#alarms.cancel(`restart:${workerId}`);
			await this.#stopper.stop(row, request);
		});
	}

	/**
	 * Ends what runs, and starts the next generation. Throws before anything is touched when it could not start. One that asks for
	 * something else than the restart under way comes after it.
	 */
	restart(workerId: string, options: RestartOptions = {}): Promise<WorkerRow> {
		const plain = Object.keys(options).length === 0;
		return (plain ? this.#restarts.get(workerId) : undefined) ?? this.#beginRestart(workerId, options, false);
	}

	/** Takes up a holder that has been reached: it runs, or goes on being stopped. */
	async adopt(row: WorkerRow): Promise<void> {
		const now = this.records.live(startOfRow(row));
		if (!now) return;
		if (now.state === "starting") await this.#starter.adopt(now);
		this.supervisor.listen(row.id);
		this.#onChanged(row.sessionId);
	}

	/** Sets the alarm for a restart that is due by what is stored. */
	armRestart(row: WorkerFacts): void {
		const { id, nextRestartAt } = row;
		if (nextRestartAt === null) {
			this.#alarms.cancel(`restart:${id}`);
			return;
		}
		// No restart waits for longer; one that seems to was stored before the clock was set back.
		const at = Math.min(nextRestartAt, this.#context.now() + BACKOFF_LONGEST_MS);
		this.#alarms.set(`restart:${id}`, at, () =>
			this.background(row, "restart it by itself", () => this.#restartByItself(id)),
		);
	}

	/**
	 * Lets go of every holder; they carry on. What is under way is finished if that is soon; the next daemon goes on with the rest, by
	 * what is stored.
	 */
	async shutdown(): Promise<void> {
		this.#stopper.stopRetrying();
		await Promise.race([this.#lock.idle(), this.#context.sleep(FINISH_MS)]);
		this.facts.flush();
		this.supervisor.stop();
	}

	async #start(session: SessionRow, row: WorkerRow): Promise<void> {
		await this.#starter.start(session, row);
		this.#onChanged(session.id);
	}

	#beginRestart(workerId: string, options: RestartOptions, byItself: boolean): Promise<WorkerRow> {
		const restart: Promise<WorkerRow> = this.#lock
			.run(workerId, () => this.#restart(workerId, options, byItself))
			.finally(() => {
				if (this.#restarts.get(workerId) === restart) this.#restarts.delete(workerId);
			});
		this.#restarts.set(workerId, restart);
		return restart;
	}

	async #restart(workerId: string, options: RestartOptions, byItself: boolean): Promise<WorkerRow> {
		const before = this.#found(workerId);
		// The user may have ended or restarted it while the alarm's turn was waited for.
		if (byItself && before.nextRestartAt === null) return before;
		const session = sessionById(this.#context.store.read, before.sessionId)!;
		const checked = planRestart(this.#context, session, before, options);
		this.#alarms.cancel(`restart:${workerId}`);
		await this.#stopper.stop(before, { reason: "stopped", force: false });
		const ended = this.#found(workerId);
		if (isLive(before.state) && (ended.exitReason === "closed" || ended.exitReason === "killed")) {
			throw new BerthError("session_ended", `${session.name} was ${ended.exitReason} while it restarted`);
		}
		// Its last word may have told the conversation that is to go on.
		const plan = ended.kind === "agent" ? replanAgent(this.#context, session, ended, options) : checked;
		const next = this.#starter.nextGeneration(ended, plan, byItself ? ended.restarts + 1 : 0);
		try {
			await this.#start(session, next);
		} catch (error) {
			this.#starter.takeBack(next, plan);
			throw error;
		}
		dropOldGenerations(this.#context.paths, next.id, next.generation);
		return this.#found(workerId);
	}

	async #restartByItself(workerId: string): Promise<void> {
		const row = this.#row(workerId);
		if (!row || this.#restarts.has(workerId)) return;
		try {
			await this.#beginRestart(workerId, {}, true);
		} catch (error) {
			this.#context.log("warn", "an automatic restart failed", { worker: workerId, error: String(error) });
			const after = this.#row(workerId);
			// What failed after the old generation was over has been recorded, with when it is tried next.
			if (after && after.generation === row.generation && after.nextRestartAt !== null) {
				this.armRestart(this.records.restartFailed(after));
			}
		}
	}

	#ended(row: WorkerRow): void {
		this.supervisor.release(row.id);
		// A holder that died left its socket; one that ended has removed it.
		rmSync(holderSocket(this.#context.paths, row.id), { force: true });
		this.armRestart(row);
		this.#onChanged(row.sessionId);
	}

	#lost(row: WorkerRow): void {
		this.background(row, "end what a holder left", () =>
			this.#lock.run(row.id, () => this.#stopper.endOrphans(row)),
		);
	}

	/** Goes on stopping a worker that an earlier daemon was stopping. */
	resumeStop(row: WorkerRow): void {
		const reason = row.stopReason ?? "closed";
		const request = { reason, force: reason === "killed" };
		this.background(row, "go on stopping", () =>
			this.#lock.run(row.id, () => this.#stopper.stop(row, request)),
		);
	}

	/** Gives up on a worker whose start nobody will finish. */
	failStart(row: WorkerRow): void {
		this.background(row, "clear a failed start", () => this.#lock.run(row.id, () => this.#starter.fail(row)));
	}

	/** Runs what nobody waits for; a failure is told in the log. */
	background(row: WorkerFacts, what: string, work: () => Promise<void>): void {
		work().catch((error) =>
			this.#context.log("error", `could not ${what}`, { worker: row.id, error: String(error) }),
		);
	}

	#row(workerId: string): WorkerRow | undefined {
		return workerById(this.#context.store.read, workerId);
	}

	#found(workerId: string): WorkerRow {
		const row = this.#row(workerId);
		if (!row) throw new BerthError("worker_not_found", "it was forgotten meanwhile");
		return row;
	}
}
