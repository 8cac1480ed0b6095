/**
 * Reads on in the logs of structured agents and puts what they tell into the store. The position is stored with what was read, in one
 * transaction, so that a daemon that dies at any moment has taken a record or not, and the next one reads on there.
 *
 *   doorbell, daemon's start, end, restart ─▶ catchUp ─▶ read whole lines ─▶ one transaction: items, sinks, position ─▶ again
 *
 * One reading at a time for each agent. A restart's generation begins when the one before has been read to its end and its end was told.
 */
import type { AgentRecord } from "../../../contract/agent-log.ts";
import { isLive } from "../../../contract/state.ts";
import { generationDir, type Paths } from "../../../platform/paths.ts";
import { type AgentChange, agentOf, noteAgent, updateAgent } from "../../../store/agents.ts";
import { openItems } from "../../../store/items.ts";
import type { AgentRow, WorkerRow } from "../../../store/schema.ts";
import type { Bookkeeping, Change, Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";
import type { Log } from "../../log.ts";
import { KeyedLock } from "../keyed-lock.ts";
import { closedBody, ItemBatch } from "./item-batch.ts";
import { type LogPiece, readLog } from "./log-file.ts";
import type { AgentSinks } from "./sinks.ts";

/** Milliseconds after which a reading that failed is tried again: a database or a disk may refuse for a while. */
const RETRY_MS = 1000;

export interface LogReaderOptions {
	store: Store;
	paths: Paths;
	log: Log;
	sinks: AgentSinks;
	/** The agent's conversation has changed. */
	onItems: (workerId: string) => void;
}

export class LogReader {
	readonly #options: LogReaderOptions;
	readonly #lock = new KeyedLock();
	/** Readings that have not begun: they will see all that is there when they are asked for. */
	readonly #waiting = new Map<string, Promise<void>>();
	readonly #retries = new Map<string, Timer>();
	#stopped = false;

	constructor(options: LogReaderOptions) {
		this.#options = options;
	}

	/** Resolves when everything that the log held at the call has been taken. A failure is told in the log and tried again. */
	catchUp(workerId: string): Promise<void> {
		const waiting = this.#waiting.get(workerId);
		if (waiting) return waiting;
		const reading = this.#lock.run(workerId, async () => {
			this.#waiting.delete(workerId);
			await this.#guarded(workerId);
		});
		this.#waiting.set(workerId, reading);
		return reading;
	}

	/** Nothing is read after this; a reading that waits for its turn finds nothing to do. */
	stop(): void {
		this.#stopped = true;
		for (const timer of this.#retries.values()) clearTimeout(timer);
		this.#retries.clear();
	}

	async #guarded(workerId: string): Promise<void> {
		try {
			await this.#read(workerId);
		} catch (error) {
			if (this.#stopped) return;
			this.#options.log("error", "an agent's log could not be read", {
				worker: workerId,
				error: String(error),
			});
			clearTimeout(this.#retries.get(workerId));
			this.#retries.set(
				workerId,
				setTimeout(() => void this.catchUp(workerId), RETRY_MS),
			);
		}
	}

	async #read(workerId: string): Promise<void> {
		const { store } = this.#options;
		for (;;) {
			if (!(await this.#drain(workerId))) return;
			const worker = workerById(store.read, workerId);
			const agent = agentOf(store.read, workerId);
			if (!worker || !agent) return;
			const { logGeneration } = agent;
			if (logGeneration === worker.generation) {
				if (!isLive(worker.state)) this.#ended(worker);
				return;
			}
			// An agent that was just made has had no generation yet.
			if (logGeneration > 0) this.#ended({ ...worker, generation: logGeneration });
			store.bookkeep((bookkeeping) =>
				noteAgent(bookkeeping, workerId, { logGeneration: worker.generation, logOffset: 0, logRecords: 0 }),
			);
			this.#options.sinks.states?.started(worker);
		}
	}

	/** Takes all that the log of the generation being read holds; false when there is no such agent any more. */
	async #drain(workerId: string): Promise<boolean> {
		const { store, paths } = this.#options;
		for (;;) {
			if (this.#stopped) return false;
			const worker = workerById(store.read, workerId);
			const agent = agentOf(store.read, workerId);
			if (!worker || !agent) return false;
			const piece = readLog(generationDir(paths, workerId, agent.logGeneration), agent.logOffset);
			if (piece.last) return true;
			this.#take(worker, agent, piece);
			// A long log must not keep the daemon from everything else.
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
	}

	#take(worker: WorkerRow, agent: AgentRow, piece: LogPiece): void {
		const { store, log } = this.#options;
		const fresh = piece.records.filter(({ n }) => n > agent.logRecords);
		const missing = (fresh.at(-1)?.n ?? agent.logRecords) - agent.logRecords - fresh.length;
		if (missing + piece.broken > 0) {
			const facts = { worker: worker.id, missing, broken: piece.broken };
			log("error", "an agent's log has records that cannot be read", facts);
		}
		const owner = { workerId: worker.id, generation: agent.logGeneration, next: agent.items };
		const write = (writer: Bookkeeping, change: Change | null): number => {
			const ids = fresh.flatMap((record) =>
				record.kind === "item" || record.kind === "text" ? [record.id] : [],
			);
			const batch = new ItemBatch(writer, owner, ids);
			for (const record of fresh) this.#one(batch, change, worker, record);
			const items = batch.write();
			const logRecords = fresh.at(-1)?.n ?? agent.logRecords;
			noteAgent(writer, worker.id, { logOffset: piece.end, logRecords, items });
			return batch.size;
		};
		const changed = fresh.some(isTold)
			? store.take((change) => write(change, change))
			: store.bookkeep((bookkeeping) => write(bookkeeping, null));
		if (changed > 0) this.#options.onItems(worker.id);
	}

	#one(batch: ItemBatch, change: Change | null, worker: WorkerRow, record: AgentRecord): void {
		if (record.kind === "item") batch.put(record.id, record.body, record.at);
		else if (record.kind === "text") batch.append(record.id, record.text, record.at);
		else if (change) this.#tell(change, worker, record);
	}

	#tell(change: Change, worker: WorkerRow, record: AgentRecord): void {
		const { permissions, prompts, states } = this.#options.sinks;
		const { at } = record;
		switch (record.kind) {
			case "agent": {
				const patch = newsOf(agentOf(change.tx, worker.id), record);
				if (Object.keys(patch).length > 0) updateAgent(change, worker.id, patch);
				break;
			}
			case "state": {
				const evidence = { kind: "protocol", rule: record.rule, text: record.text, at } as const;
				states?.protocol(change, worker, { state: record.state, since: at, evidence });
				break;
			}
			case "permission":
				permissions?.asked(change, worker, record.permission, at);
				break;
			case "permission-ended":
				permissions?.answered(change, worker, record.permission, at);
				break;
			case "turn":
				prompts?.started(change, worker, record.promptId, at);
				break;
			case "turn-ended":
				prompts?.finished(change, worker, record, at);
				break;
		}
	}

	#ended(worker: WorkerRow): void {
		const { permissions, prompts, states } = this.#options.sinks;
		this.#closeItems(worker);
		permissions?.ended(worker);
		prompts?.ended(worker);
		states?.ended(worker);
	}

	/** What a holder that died left open will not be finished by anybody. */
	#closeItems(worker: WorkerRow): void {
		const { store, onItems } = this.#options;
		const at = worker.endedAt;
		const closed = openItems(store.read, worker.id, worker.generation).flatMap((item) => {
			const body = closedBody(item.body);
			return body ? [{ id: item.id, body, at: at ?? item.updatedAt }] : [];
		});
		if (closed.length === 0) return;
		store.bookkeep((bookkeeping) => {
			const next = agentOf(bookkeeping.tx, worker.id)?.items ?? 0;
			const owner = { workerId: worker.id, generation: worker.generation, next };
			const ids = closed.map(({ id }) => id);
			const batch = new ItemBatch(bookkeeping, owner, ids);
			for (const { id, body, at } of closed) batch.put(id, body, at);
			batch.write();
		});
		onItems(worker.id);
	}
}

/** Whether an event may tell of it. */
function isTold({ kind }: AgentRecord): boolean {
	return kind !== "item" && kind !== "text";
}

/** What of this was not known. */
function newsOf(row: AgentRow | undefined, fact: AgentRecord & { kind: "agent" }): AgentChange {
	const { conversation, model, mode, models, modes, images } = fact;
	const told = { conversation, model, mode, models, modes, images };
	const entries = Object.entries(told).filter(
		([name, value]) =>
			value !== undefined && !Bun.deepEquals(value, row?.[name as keyof typeof told] as unknown),
	);
	return Object.fromEntries(entries);
}
