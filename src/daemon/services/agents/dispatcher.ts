/**
 * Hands prompts over: the oldest that waits, when the agent is idle and has no other. One step at a time for each agent.
 *
 *   pending ─claim─▶ claimed ─given─▶ running ─▶ completed, failed, stopped (prompts.ts, terminal-turns.ts)
 *      ▲                │                └─interrupt─▶ stopping ─▶ stopped …
 *      └──later─────────┘ the holder did not take it, or its deadline has passed
 *
 * A claim that nobody knows the outcome of (the daemon died, the holder did not answer) is given again, which changes nothing when it had
 * arrived. Deadlines are stored; `start` winds them up again.
 */
import { PROMPT_CLAIM_MS, PROMPT_STOP_MS } from "../../../contract/limits.ts";
import type { Interrupted } from "../../../contract/prompt.ts";
import type { HolderClient } from "../../../link/client.ts";
import { agentOf, allAgents } from "../../../store/agents.ts";
import {
	movePrompt,
	nextPrompt,
	notePrompt,
	promptById,
	promptDeadlines,
	promptUnderWay,
} from "../../../store/prompts.ts";
import type { PromptRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";
import type { Log } from "../../log.ts";
import { Alarms } from "../alarms.ts";
import type { KeyedLock } from "../keyed-lock.ts";
import type { Delivery } from "./delivery.ts";

/** Milliseconds after which an agent that is idle and took nothing is tried again. */
const RETRY_MS = 1000;

export interface DispatcherOptions {
	store: Store;
	/** The control connection to a worker's holder; null while there is none. */
	client: (workerId: string) => HolderClient | null;
	/** Resolves when everything that the agent's log holds by now has been taken. */
	caughtUp: (workerId: string) => Promise<void>;
	delivery: { structured: Delivery; terminal: Delivery };
	/** Held while something is given to an agent. */
	typing: KeyedLock;
	now: () => number;
	monotonic: () => number;
	log: Log;
}

export class Dispatcher {
	readonly #options: DispatcherOptions;
	readonly #lock: KeyedLock;
	readonly #alarms: Alarms;
	#stopped = false;

	constructor(options: DispatcherOptions) {
		this.#options = options;
		this.#lock = options.typing;
		this.#alarms = new Alarms(options.now, options.monotonic);
	}

	/** Takes up what the last daemon left on its way. */
	start(): void {
		for (const row of promptDeadlines(this.#options.store.read)) this.#wind(row);
		for (const { workerId } of allAgents(this.#options.store.read)) this.look(workerId);
	}

	stop(): void {
		this.#stopped = true;
		this.#alarms.stop();
	}

	/** Something has changed: perhaps the agent can take its next prompt. `urgent` is one that does not wait for it to be idle. */
	look(workerId: string, urgent?: string): void {
		void this.#guarded(workerId, () => this.#dispatch(workerId, urgent));
	}

	/** The holder is there again: what was on its way to it is given again. */
	reached(workerId: string): void {
		if (promptUnderWay(this.#options.store.read, workerId))
			void this.#guarded(workerId, () => this.#resume(workerId));
		this.look(workerId);
	}

	/** Stops what the agent does. Throws `holder_unreachable`; a prompt under way is then stopped at its deadline all the same. */
	async interrupt(workerId: string, client: HolderClient): Promise<Interrupted> {
		const { store } = this.#options;
		// What is just being handed over is either given in a moment, or waits.
		if (promptUnderWay(store.read, workerId)?.state === "claimed")
			await this.#lock.run(workerId, async () => {});
		const row = promptUnderWay(store.read, workerId);
		if (row?.state === "running") {
			const deadlineAt = this.#options.now() + PROMPT_STOP_MS;
			this.#wind(store.bookkeep((bookkeeping) => notePrompt(bookkeeping, row.id, "stopping", deadlineAt)));
		}
		// Escape means something else to a program that does nothing.
		const rests = this.#isTerminal(workerId) && agentOf(store.read, workerId)?.status.state === "idle";
		if (!row && rests) return { status: "interrupted", promptId: null };
		const told = await this.#delivery(workerId).interrupt(client);
		return { status: "interrupted", promptId: row?.id ?? told };
	}

	/** Takes a prompt that waits out of the queue; whether it still did. */
	async withdraw({ id, workerId }: Pick<PromptRow, "id" | "workerId">): Promise<boolean> {
		return this.#lock.run(workerId, async () => {
			const { store } = this.#options;
			if (promptById(store.read, id)?.state !== "pending") return false;
			store.change((change) =>
				movePrompt(change, id, "stopped", {
					endedAt: change.at,
					detail: "it was cancelled before it was sent",
				}),
			);
			return true;
		});
	}

	async #dispatch(workerId: string, urgent?: string): Promise<void> {
		const { store, client: clientOf, now } = this.#options;
		const worker = workerById(store.read, workerId);
		const agent = agentOf(store.read, workerId);
		// A restart's agent begins when all of the one before has been read.
		if (worker?.state !== "running" || agent?.logGeneration !== worker.generation) return;
		const waits = urgent === undefined && agent.status.state !== "idle";
		if (waits || promptUnderWay(store.read, workerId)) return;
		const client = clientOf(workerId);
		const next = urgent === undefined ? nextPrompt(store.read, workerId) : promptById(store.read, urgent);
		if (!client || next?.state !== "pending") return;
		const deadlineAt = now() + PROMPT_CLAIM_MS;
		const claimed = store.bookkeep((bookkeeping) => notePrompt(bookkeeping, next.id, "claimed", deadlineAt));
		this.#wind(claimed);
		await this.#give(client, claimed);
	}

	/** Gives again what nobody knows the outcome of. */
	async #resume(workerId: string): Promise<void> {
		const { store, client: clientOf, caughtUp } = this.#options;
		await caughtUp(workerId);
		const row = promptUnderWay(store.read, workerId);
		const client = clientOf(workerId);
		if (!row || !client) return;
		if (row.state === "stopping") await this.#delivery(workerId).interrupt(client);
		else if (row.state === "claimed" || this.#isTerminal(workerId)) await this.#give(client, row);
	}

	async #give(client: HolderClient, row: PromptRow): Promise<void> {
		const { store, caughtUp } = this.#options;
		const handed = await this.#delivery(row.workerId).give(client, row, () => this.#begun(row.id));
		if (handed.outcome === "unsure") return;
		if (handed.outcome === "given") {
			await caughtUp(row.workerId);
			return;
		}
		if (promptById(store.read, row.id)?.state !== "claimed") return;
		if (handed.outcome === "refused") {
			const { detail } = handed;
			store.change((change) => movePrompt(change, row.id, "failed", { endedAt: change.at, detail }));
			return;
		}
		this.#waitAgain(row.id);
		this.#alarms.set(`retry:${row.workerId}`, this.#options.now() + RETRY_MS, () => this.look(row.workerId));
	}

	/** An agent without a log is about to begin. */
	#begun(id: string): void {
		const { store } = this.#options;
		if (promptById(store.read, id)?.state !== "claimed") return;
		store.change((change) => movePrompt(change, id, "running", { startedAt: change.at }));
	}

	#waitAgain(id: string): void {
		this.#options.store.bookkeep((bookkeeping) => notePrompt(bookkeeping, id, "pending", null));
	}

	#wind({ id, workerId, deadlineAt }: PromptRow): void {
		if (deadlineAt === null) return;
		this.#alarms.set(`deadline:${id}`, deadlineAt, () =>
			this.#guarded(workerId, () => this.#expire(workerId, id)),
		);
	}

	async #expire(workerId: string, id: string): Promise<void> {
		const { store, caughtUp, now } = this.#options;
		await caughtUp(workerId);
		const row = promptById(store.read, id);
		if (!row || row.deadlineAt === null || row.deadlineAt > now()) return;
		if (row.state === "claimed") {
			this.#waitAgain(id);
			this.look(workerId);
		} else if (row.state === "stopping") {
			const detail = "it was interrupted; the agent did not say that it had stopped";
			store.change((change) => movePrompt(change, id, "stopped", { endedAt: change.at, detail }));
		}
	}

	#isTerminal(workerId: string): boolean {
		return agentOf(this.#options.store.read, workerId)?.driver === "pty";
	}

	#delivery(workerId: string): Delivery {
		const { structured, terminal } = this.#options.delivery;
		return this.#isTerminal(workerId) ? terminal : structured;
	}

	/** One thing at a time for each agent; nobody waits for it, so that a failure is told in the log. */
	#guarded(workerId: string, work: () => Promise<void>): Promise<void> {
		return this.#lock.run(workerId, async () => {
			if (this.#stopped) return;
			try {
				await work();
			} catch (error) {
				if (this.#stopped) return;
				const facts = { worker: workerId, error: String(error) };
				this.#options.log("error", "a prompt could not be handed over", facts);
			}
		});
	}
}
