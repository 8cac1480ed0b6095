/**
 * The daemon's start: brings what is stored and what is there together.
 *
 *   holder answers and is the one            adopted
 *   holder gone, exit record on the disk     exited, as the record says
 *   holder gone, no record                   lost; what it may have left is not touched
 *   holder there, but silent (stopped)       stays what it was, and is asked again in the background
 *   was starting                             finished when its holder is there, else failed
 *   was stopping                             the stop goes on
 *   a holder that nobody knows               left alone, and told
 *
 * Nothing is ended that nobody asked to end.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { WorkerRow } from "../../store/schema.ts";
import { allWorkers, liveWorkers, workerById } from "../../store/workers.ts";
import type { ControlContext } from "./control-context.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { holderHasBegun } from "./unfinished-start.ts";
import { finishRemovals } from "./worker-folders.ts";
import { holderLives, rolesOf } from "./worker-processes.ts";
import { startOfRow } from "./worker-records.ts";

/** Milliseconds for which the daemon's start waits for holders that do not answer; they are waited for in the background then. */
const SILENCE_MS = 500;
/** Milliseconds between looks for the socket of a holder that is still starting. */
const STARTING_CHECK_MS = 50;

export interface Reconciled {
	adopted: number;
	exited: number;
	lost: number;
	failed: number;
	stopping: number;
	silent: number;
}

export class Reconciler {
	readonly #context: ControlContext;
	readonly #lifecycle: Lifecycle;

	constructor(context: ControlContext, lifecycle: Lifecycle) {
		this.#context = context;
		this.#lifecycle = lifecycle;
	}

	async run(): Promise<Reconciled> {
		const { store, log } = this.#context;
		const counts: Reconciled = { adopted: 0, exited: 0, lost: 0, failed: 0, stopping: 0, silent: 0 };
		finishRemovals(this.#context.paths, (id) => workerById(store.read, id) !== undefined);
		const live = liveWorkers(store.read);
		await Promise.all(live.map(async (row) => counts[await this.#guarded(row)]++));
		for (const row of allWorkers(store.read)) this.#lifecycle.armRestart(row);
		this.#tellStrangers(new Set(live.map(({ id }) => id)));
		log("info", "sessions were taken up", { ...counts });
		return counts;
	}

	/** One worker that cannot be taken up keeps nobody from the others. */
	async #guarded(row: WorkerRow): Promise<keyof Reconciled> {
		try {
			return await this.#one(row);
		} catch (error) {
			this.#context.log("error", "a worker could not be taken up", { worker: row.id, error: String(error) });
			this.#lifecycle.supervisor.retry(row);
			return "silent";
		}
	}

	async #one(row: WorkerRow): Promise<keyof Reconciled> {
		const { supervisor, records, exits } = this.#lifecycle;
		const roles = rolesOf(row);
		supervisor.watch(row, roles.holder);
		const contact = await supervisor.reach(row, SILENCE_MS);
		if (row.state === "stopping") {
			this.#lifecycle.resumeStop(row);
			return "stopping";
		}
		if (contact === "connected") {
			await this.#lifecycle.adopt(row);
			return "adopted";
		}
		if (contact === "silent") return "silent";
		const start = startOfRow(row);
		if (exits.settle(start)) return "exited";
		if (row.state === "starting") {
			if (!this.#mayStillStart(row)) {
				this.#lifecycle.failStart(row);
				return "failed";
			}
			this.#lifecycle.background(row, "wait for a start", () => this.#awaitStart(row));
			return "silent";
		}
		if (holderLives(roles)) {
			supervisor.retry(row);
			return "silent";
		}
		records.lost(start, exits.journalEnd(row));
		return "lost";
	}

	/** Its holder may have been started when the last daemon died, and not be ready yet. Who that is was perhaps not stored any more. */
	#mayStillStart(row: WorkerRow): boolean {
		const roles = rolesOf(row);
		const begun = roles.holder === null ? holderHasBegun(this.#context, row.id) : holderLives(roles);
		return begun && this.#context.now() < (row.deadlineAt ?? 0);
	}

	async #awaitStart(row: WorkerRow): Promise<void> {
		const { sleep } = this.#context;
		const { supervisor, exits } = this.#lifecycle;
		while (this.#mayStillStart(row)) {
			const contact = await supervisor.reach(row, SILENCE_MS);
			if (contact === "connected") {
				await this.#lifecycle.adopt(row);
				return;
			}
			// It has been reached and is waited for already.
			if (contact === "silent") return;
			await sleep(STARTING_CHECK_MS);
		}
		if (!exits.settle(startOfRow(row))) this.#lifecycle.failStart(row);
	}

	/** Sockets in our folder that belong to nobody we know: a holder of a database that was moved away, for one. */
	#tellStrangers(live: ReadonlySet<string>): void {
		const { paths, store, log } = this.#context;
		if (!existsSync(paths.run)) return;
		for (const name of readdirSync(paths.run)) {
			const workerId = /^(w_.+)\.sock$/.exec(name)?.[1];
			if (workerId === undefined || live.has(workerId) || workerById(store.read, workerId)) continue;
			log("warn", "a socket belongs to no worker that is known; it was left alone", {
				socket: join(paths.run, name),
			});
		}
	}
}
