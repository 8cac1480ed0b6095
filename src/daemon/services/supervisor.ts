/**
 * The daemon's end of every live worker: one control connection to its holder, and what the holder last told. Lives as long as the
 * daemon; when the daemon dies the holders carry on, and the next daemon adopts them (reconcile.ts).
 *
 * A connection that ends tells nothing by itself. Only an exit record, or a holder whose process is gone, ends a worker; a holder
 * that is stopped or slow stays what it was and is asked again.
 */
import type { HolderStatus, Identity, Notice } from "../../contract/link.ts";
import { HolderClient } from "../../link/client.ts";
import { holderSocket } from "../../platform/paths.ts";
import { livingProcess, type ProcessIdentity, readProcess } from "../../platform/processes/index.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { ControlContext } from "./control-context.ts";
import type { Exits } from "./exits.ts";
import type { FactWriter } from "./fact-writer.ts";
import { type Heard, type LivingNotice, News } from "./news.ts";
import { type Start, startOf, type WorkerRecords } from "./worker-records.ts";

/** Milliseconds within which a healthy holder says who it is. */
export const IDENTIFY_MS = 2000;
/** Milliseconds for which one connection waits for a holder that is stopped; each further connection would take room in its queue. */
const IDENTIFY_PATIENCE_MS = 3600 * 1000;
/** Milliseconds between attempts to reach a holder whose process lives but whose socket does not answer; doubled each time. */
const RECONNECT_FIRST_MS = 250;
const RECONNECT_LONGEST_MS = 30_000;
/** Milliseconds that a dying holder's process may outlive its sockets: the kernel closes them first. */
const DYING_MS = 2000;
/** Milliseconds between looks at a process that is dying. */
const DYING_CHECK_MS = 2;

/** What a connection attempt found. */
export type Contact = "connected" | "nobody" | "stranger" | "silent";

export interface SupervisorParts {
	context: ControlContext;
	records: WorkerRecords;
	exits: Exits;
	facts: FactWriter;
}

export interface SupervisorEvents {
	/** The holder is gone without a word while the daemon looked on; the worker is marked lost already. */
	onLost(row: WorkerRow): void;
	/** A holder that was silent has answered after all. */
	onReached(row: WorkerRow): void;
}

/** Hears what holders tell of living workers, after it has been taken into their status. Must not throw. */
export type NoticeListener = (worker: Heard, notice: LivingNotice) => void;

interface Live extends Start, Heard {
	holder: ProcessIdentity | null;
	client: HolderClient | null;
	/** A connection that has not answered yet. */
	waiting: HolderClient | null;
	retryMs: number;
	retry: Timer | null;
}

export class Supervisor {
	readonly #context: ControlContext;
	readonly #records: WorkerRecords;
	readonly #exits: Exits;
	readonly #facts: FactWriter;
	readonly #news: News;
	readonly #events: SupervisorEvents;
	readonly #live = new Map<string, Live>();
	readonly #listeners = new Set<NoticeListener>();
	#stopped = false;

	constructor({ context, records, exits, facts }: SupervisorParts, events: SupervisorEvents) {
		this.#context = context;
		this.#records = records;
		this.#exits = exits;
		this.#facts = facts;
		this.#news = new News(facts, context.now);
		this.#events = events;
	}

	/** What the holder last told; null while it has not, or when the worker has ended. */
	status(workerId: string): HolderStatus | null {
		return this.#live.get(workerId)?.status ?? null;
	}

	/** The control connection; null while there is none. */
	client(workerId: string): HolderClient | null {
		return this.#live.get(workerId)?.client ?? null;
	}

	/** The holder's process, as its own answer or the store tells; null while nobody knows. */
	holder(workerId: string): ProcessIdentity | null {
		return this.#live.get(workerId)?.holder ?? null;
	}

	/** Returns the removal. */
	onNotice(listener: NoticeListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Pids of the holders that are being supervised. */
	holderPids(): number[] {
		return [...this.#live.values()].flatMap(({ holder }) => (holder ? [holder.pid] : []));
	}

	/** Takes charge of a worker's holder, which need not be reachable yet. */
	watch(row: WorkerRow, holder: ProcessIdentity | null): void {
		this.release(row.id);
		this.#live.set(row.id, {
			workerId: row.id,
			generation: row.generation,
			sessionId: row.sessionId,
			holder,
			client: null,
			waiting: null,
			status: null,
			retryMs: RECONNECT_FIRST_MS,
			retry: null,
		});
	}

	/**
	 * Connects to a watched worker's holder and checks that it is the one that was started. `silent`: something accepts connections and
	 * has not answered in time; it is waited for in the background, and `onReached` tells when it has.
	 */
	async reach(row: WorkerRow, withinMs: number): Promise<Contact> {
		const live = this.#live.get(row.id);
		if (!live || live.client) return live ? "connected" : "nobody";
		let client: HolderClient;
		try {
			client = await HolderClient.connect(holderSocket(this.#context.paths, row.id), {
				onNotice: (notice) => this.#guarded(live, row, () => this.#heard(live, notice)),
				onGone: () => this.#disconnected(live, row, client),
			});
		} catch {
			return "nobody";
		}
		live.waiting = client;
		let silent = false;
		const answer = client.identify(IDENTIFY_PATIENCE_MS).then(
			(identity): Contact => {
				const contact = this.#met(live, row, client, identity);
				if (silent && contact === "connected") this.#events.onReached(row);
				return contact;
			},
			// The end of the connection is told to onGone too, which finds out more.
			(): Contact => "nobody",
		);
		const silence = this.#context.sleep(withinMs).then((): Contact => {
			silent = true;
			return "silent";
		});
		return await Promise.race([answer, silence]);
	}

	/** Hears what the holder has to tell; the first is its status. Call when the worker is stored as running. */
	listen(workerId: string): void {
		this.client(workerId)?.subscribe();
	}

	/** Tries again later, for as long as the holder's process lives. */
	retry(row: WorkerRow): void {
		const live = this.#live.get(row.id);
		if (!live || live.retry || this.#stopped) return;
		live.retry = setTimeout(() => {
			live.retry = null;
			this.#guarded(live, row, () => this.#tryAgain(live, row));
		}, live.retryMs);
		live.retry.unref();
		live.retryMs = Math.min(live.retryMs * 2, RECONNECT_LONGEST_MS);
	}

	/** Lets go of a worker that has ended; its connection is closed when those who asked something have their answers. */
	release(workerId: string): void {
		this.#letGo(workerId, (client) => client.retire());
	}

	#letGo(workerId: string, leave: (client: HolderClient) => void): void {
		const live = this.#live.get(workerId);
		if (!live) return;
		this.#live.delete(workerId);
		if (live.retry) clearTimeout(live.retry);
		if (live.client) leave(live.client);
		live.waiting?.close();
		this.#facts.forget(workerId);
		this.#exits.forget(workerId);
	}

	stop(): void {
		this.#stopped = true;
		for (const workerId of [...this.#live.keys()]) this.#letGo(workerId, (client) => client.close());
	}

	/** Whether this is still the worker's current connection state: a restart replaces it. */
	#current(live: Live): boolean {
		return this.#live.get(live.workerId) === live;
	}

	#met(live: Live, row: WorkerRow, client: HolderClient, identity: Identity): Contact {
		const { workerId, generation, nonce, holderPid } = identity;
		live.waiting = null;
		const ours = workerId === row.id && generation === row.generation && nonce === row.nonce;
		const process = ours ? readProcess(holderPid) : null;
		// Somebody else may have reached it meanwhile: one connection is enough.
		if (live.client && this.#current(live)) {
			client.close();
			return "connected";
		}
		if (!ours || !process || !this.#current(live)) {
			client.close();
			if (!ours) {
				this.#context.log("warn", "a socket is answered by a stranger; it was left alone", {
					worker: row.id,
				});
			}
			return "stranger";
		}
		live.client = client;
		live.holder = { pid: process.pid, startTime: process.startTime };
		live.retryMs = RECONNECT_FIRST_MS;
		return "connected";
	}

	#heard(live: Live, notice: Notice): void {
		if (!this.#current(live)) return;
		if (notice.kind === "exit") {
			this.#exits.heard({ ...startOf(live), ...notice.exit, offset: notice.offset, at: notice.at });
			return;
		}
		this.#news.hear(live, notice);
		for (const listener of this.#listeners) listener(live, notice);
		// One that had ended before it was listened to tells it in its status.
		if (notice.kind === "status" && notice.status.exit !== null) this.#exits.settle(live);
	}

	#disconnected(live: Live, row: WorkerRow, client: HolderClient): void {
		if (!this.#current(live) || this.#stopped) return;
		if (live.client === client) live.client = null;
		if (live.waiting === client) live.waiting = null;
		this.#guarded(live, row, () => this.#findOut(live));
	}

	/** A database that refuses for a while must not make the daemon deaf to a worker: it is asked again. */
	#guarded(live: Live, row: WorkerRow, work: () => void | Promise<void>): void {
		const failed = (error: unknown): void => {
			if (this.#stopped || !this.#current(live)) return;
			this.#context.log("error", "what a holder told could not be recorded", {
				worker: row.id,
				error: String(error),
			});
			live.client?.close();
			live.client = null;
			this.retry(row);
		};
		try {
			Promise.resolve(work()).catch(failed);
		} catch (error) {
			failed(error);
		}
	}

	async #tryAgain(live: Live, row: WorkerRow): Promise<void> {
		if (!this.#current(live) || this.#stopped) return;
		const contact = await this.reach(row, IDENTIFY_MS);
		if (contact === "connected") this.#events.onReached(row);
		else if (contact !== "silent") await this.#findOut(live);
	}

	/** The connection is gone: has the worker ended, has its holder died, or is it just not answering? */
	async #findOut(live: Live): Promise<void> {
		const row = this.#records.live(startOf(live));
		if (!row || !this.#current(live) || this.#exits.settle(live)) return;
		const deadline = this.#context.monotonic() + DYING_MS;
		while (live.holder && livingProcess(live.holder) && this.#context.monotonic() < deadline) {
			await this.#context.sleep(DYING_CHECK_MS);
			if (!this.#current(live) || this.#stopped) return;
		}
		if (this.#exits.settle(live)) return;
		if (live.holder && livingProcess(live.holder)) {
			this.retry(row);
			return;
		}
		// The stopper waits for exactly this.
		if (this.#records.live(startOf(live))?.state === "stopping") return;
		this.#context.log("warn", "a holder died without a word", { worker: row.id, pid: live.holder?.pid });
		this.#records.lost(startOf(live), this.#exits.journalEnd(row));
		this.#events.onLost(row);
	}
}
