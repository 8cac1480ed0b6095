/**
 * Prompts: asked for, in the order of asking for each agent, handed over one at a time (dispatcher.ts), and ended by what the agent's log
 * tells. All of it is stored, so that a daemon that dies at any moment loses none and gives none twice.
 */
import { BerthError } from "../../../contract/errors.ts";
import { PROMPT_QUEUE_LIMIT } from "../../../contract/limits.ts";
import { newId } from "../../../contract/names.ts";
import type { NewPrompt, Prompt } from "../../../contract/prompt.ts";
import { isLive, type RunState } from "../../../contract/state.ts";
import type { ImageStore } from "../../../platform/images.ts";
import {
	createPrompt,
	lastPrompts,
	movePrompt,
	type NewPromptRow,
	noteAnswer,
	notePrompt,
	openPrompts,
	promptById,
	promptUnderWay,
	waitingPrompts,
} from "../../../store/prompts.ts";
import type { PromptRow, WorkerRow } from "../../../store/schema.ts";
import type { Change, Store } from "../../../store/store.ts";
import { Endings } from "./endings.ts";
import type { HookFact, PromptSink } from "./sinks.ts";
import type { AgentTarget } from "./target.ts";

/** Ended prompts in a list. */
const LISTED = 200;

const ENDED: ReadonlySet<RunState> = new Set(["completed", "failed", "stopped"]);

export function hasEnded({ state }: { state: RunState }): boolean {
	return ENDED.has(state);
}

export interface PromptsOptions {
	store: Store;
	images: ImageStore;
	now: () => number;
}

type Turn = Parameters<PromptSink["finished"]>[2];

export class Prompts implements PromptSink {
	readonly #store: Store;
	readonly #images: ImageStore;
	readonly #now: () => number;
	readonly #endings: Endings<PromptRow>;

	constructor({ store, images, now }: PromptsOptions) {
		this.#store = store;
		this.#images = images;
		this.#now = now;
		this.#endings = new Endings(store, "prompt.ended", (read, id) => {
			const row = promptById(read, id);
			return row && hasEnded(row) ? row : null;
		});
	}

	/** Puts a prompt at the end of the agent's queue. Throws and queues nothing when it could not be taken. */
	add({ worker, agent, session }: AgentTarget, { text, images = [] }: NewPrompt): Prompt {
		const where = `${session.name}/${worker.name}`;
		if (!isLive(worker.state) && worker.nextRestartAt === null)
			throw new BerthError(
				"session_ended",
				`${where} has ended; start it again first: berth restart ${where}`,
			);
		if (waitingPrompts(this.#store.read, worker.id) >= PROMPT_QUEUE_LIMIT) {
			const detail = `${PROMPT_QUEUE_LIMIT} prompts wait for ${where} already; see berth prompts ls ${where}`;
			throw new BerthError("agent_busy", detail, { limit: PROMPT_QUEUE_LIMIT });
		}
		if (images.length > 0 && agent.driver === "pty") {
			const drivers = "acp or claude-stream (--driver)";
			throw new BerthError(
				"agent_refused",
				`${where} runs in its own screen and takes no images; ${drivers} does`,
			);
		}
		// One that is starting has not told yet what it takes.
		if (images.length > 0 && agent.status.state !== "starting" && !agent.images)
			throw new BerthError("agent_refused", `${where} takes no images`);
		const row = newPrompt(worker, text, this.#now());
		row.images = images.map((sha256) => this.#images.facts(sha256));
		this.#store.change((change) => createPrompt(change, row));
		return this.get(worker.id, row.id);
	}

	/** Those that have not ended, or the last ones of all; oldest first. */
	list(workerId: string, all: boolean): Prompt[] {
		const { read } = this.#store;
		return (all ? lastPrompts(read, workerId, LISTED) : openPrompts(read, workerId)).map(view);
	}

	/** Throws `prompt_not_found`, also for another agent's. */
	get(workerId: string, id: string): Prompt {
		const row = promptById(this.#store.read, id);
		if (row?.workerId !== workerId) throw new BerthError("prompt_not_found", `there is no prompt ${id} here`);
		return view(row);
	}

	/** The prompt when it has ended, or as it is after `ms`; `signal` says that nobody waits any more. */
	async wait(workerId: string, id: string, ms: number, signal: AbortSignal): Promise<Prompt> {
		this.get(workerId, id);
		await this.#endings.of(id, AbortSignal.any([signal, AbortSignal.timeout(ms)]));
		return this.get(workerId, id);
	}

	stop(): void {
		this.#endings.stop();
	}

	started(change: Change, _worker: WorkerRow, promptId: string, at: number): void {
		const row = promptById(change.tx, promptId);
		// One that was typed into the terminal is none of ours; one that was cancelled was given by a daemon that died on the way.
		if (!row || hasEnded(row) || row.state === "running" || row.state === "stopping") return;
		if (row.state === "pending") notePrompt(change, promptId, "claimed", null);
		movePrompt(change, promptId, "running", { startedAt: at });
	}

	finished(change: Change, worker: WorkerRow, turn: Turn, at: number): void {
		const { promptId, outcome, stopReason, detail, answer } = turn;
		this.started(change, worker, promptId, at);
		const row = promptById(change.tx, promptId);
		if (!row || hasEnded(row)) return;
		movePrompt(change, promptId, outcome, { endedAt: at, stopReason, detail, answer });
	}

	/** The last message of a turn, as the agent's own hook tells it before its state says that it is idle. */
	hook(worker: WorkerRow, { event, text }: HookFact): void {
		if (event !== "Stop" || text === null) return;
		const row = promptUnderWay(this.#store.read, worker.id);
		if (row) this.#store.bookkeep((bookkeeping) => noteAnswer(bookkeeping, row.id, text));
	}

	ended(worker: WorkerRow): void {
		const row = promptUnderWay(this.#store.read, worker.id);
		if (!row) return;
		if (row.state === "claimed") {
			// The log was read to its end: it was never given.
			this.#store.bookkeep((bookkeeping) => notePrompt(bookkeeping, row.id, "pending", null));
			return;
		}
		const endedAt = worker.endedAt ?? this.#now();
		const outcome = row.state === "stopping" ? "stopped" : "failed";
		this.#store.change((change) =>
			movePrompt(change, row.id, outcome, { endedAt, detail: "the agent ended before it had finished" }),
		);
	}
}

/** A prompt that waits. */
export function newPrompt(
	worker: Pick<WorkerRow, "id" | "sessionId">,
	text: string,
	at: number,
): NewPromptRow {
	return {
		id: newId("q"),
		sessionId: worker.sessionId,
		workerId: worker.id,
		text,
		images: [],
		state: "pending",
		createdAt: at,
		startedAt: null,
		endedAt: null,
		deadlineAt: null,
		stopReason: null,
		answer: null,
		detail: null,
	};
}

function view({ seq: _seq, deadlineAt: _deadline, ...prompt }: PromptRow): Prompt {
	return prompt;
}
