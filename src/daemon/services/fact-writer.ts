/**
 * Writes what holders tell of their workers: title, size, directory, viewers, prompt, bells, notifications and commands. Titles that spin and
 * prompts that flicker come many times a second from many workers at once, so facts are gathered and written together, in one transaction.
 * What is not written when the daemon dies is told again by the holders when the next one asks.
 */
import type { CommandBlock, PromptState } from "../../contract/link.ts";
import { sessionById, touchSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { noteWorker, workerById } from "../../store/workers.ts";

/** Milliseconds for which facts are gathered after some were written: what a watcher of events waits for a title at most. */
const GATHER_MS = 2000;
/** Milliseconds for which a command, a bell, or a fact after a quiet time is held back, so that a burst is one transaction. */
const MOMENT_MS = 100;

/** Facts that are states: the last one counts. */
export interface WorkerFacts {
	title?: string;
	cwd?: string;
	cols?: number;
	rows?: number;
	viewers?: number;
	writers?: number;
	prompt?: PromptState;
	offset?: number;
	/** Unix milliseconds of the last sign of life. */
	activeAt?: number;
}

interface Moment {
	type: "worker.bell" | "worker.notification" | "worker.command";
	sessionId: string;
	workerId: string;
	data: Record<string, unknown>;
}

export class FactWriter {
	readonly #store: Store;
	readonly #onFailure: (error: unknown) => void;
	readonly #facts = new Map<string, WorkerFacts>();
	#moments: Moment[] = [];
	#timer: Timer | null = null;
	#due = Number.POSITIVE_INFINITY;
	#writtenAt = Number.NEGATIVE_INFINITY;
	readonly #monotonic: () => number;

	constructor(store: Store, monotonic: () => number, onFailure: (error: unknown) => void) {
		this.#store = store;
		this.#monotonic = monotonic;
		this.#onFailure = onFailure;
	}

	changed(workerId: string, facts: WorkerFacts): void {
		this.#facts.set(workerId, { ...this.#facts.get(workerId), ...facts });
		this.#schedule(this.#monotonic() - this.#writtenAt > GATHER_MS ? MOMENT_MS : GATHER_MS);
	}

	bell(sessionId: string, workerId: string): void {
		this.#moment({ type: "worker.bell", sessionId, workerId, data: {} });
	}

	notification(sessionId: string, workerId: string, data: { title: string; body: string }): void {
		this.#moment({ type: "worker.notification", sessionId, workerId, data });
	}

	command(sessionId: string, workerId: string, block: CommandBlock): void {
		this.#moment({ type: "worker.command", sessionId, workerId, data: { ...block } });
	}

	/** Drops what is gathered of a worker: it is being written by somebody who knows better. */
	forget(workerId: string): void {
		this.#facts.delete(workerId);
	}

	/** Writes what is gathered, now. */
	flush(): void {
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		this.#due = Number.POSITIVE_INFINITY;
		this.#writtenAt = this.#monotonic();
		const facts = [...this.#facts];
		const moments = this.#moments;
		this.#facts.clear();
		this.#moments = [];
		try {
			this.#write(facts, moments);
		} catch (error) {
			this.#onFailure(error);
		}
	}

	#moment(moment: Moment): void {
		this.#moments.push(moment);
		this.#schedule(MOMENT_MS);
	}

	#schedule(delay: number): void {
		const due = this.#monotonic() + delay;
		if (due >= this.#due) return;
		this.#due = due;
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.flush(), delay);
	}

	#write(facts: [string, WorkerFacts][], moments: Moment[]): void {
		const silent = facts.filter(([, fact]) => !isTold(fact));
		const told = facts.filter(([, fact]) => isTold(fact));
		if (silent.length > 0) {
			this.#store.bookkeep((bookkeeping) => {
				for (const [workerId, fact] of silent) this.#note(bookkeeping, workerId, fact);
			});
		}
		const present = told.filter(([workerId]) => workerById(this.#store.read, workerId));
		if (present.length + moments.length === 0) return;
		this.#store.change((change) => {
			for (const [workerId, fact] of present) {
				const sessionId = this.#note(change, workerId, fact);
				const { activeAt: _time, ...data } = fact;
				change.record({ type: "worker.updated", sessionId, workerId, data });
			}
			for (const moment of moments) change.record(moment);
		});
	}

	/** The session it belongs to; null when the worker is no longer stored. */
	#note(writer: Parameters<typeof noteWorker>[0], workerId: string, fact: WorkerFacts): string | null {
		const row = workerById(writer.tx, workerId);
		if (!row) return null;
		const { title, cols, rows, offset, activeAt } = fact;
		const note = { title, cols, rows, offset };
		if (Object.values(note).some((value) => value !== undefined)) noteWorker(writer, workerId, note);
		const before = sessionById(writer.tx, row.sessionId)?.lastActiveAt ?? 0;
		if (activeAt !== undefined && activeAt > before) touchSession(writer, row.sessionId, activeAt);
		return row.sessionId;
	}
}

/** Whether somebody who follows the events wants to hear it: output alone is told by the streams. */
function isTold({ offset: _offset, activeAt: _at, ...rest }: WorkerFacts): boolean {
	return Object.values(rest).some((value) => value !== undefined);
}
