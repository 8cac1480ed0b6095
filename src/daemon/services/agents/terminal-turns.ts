/**
 * When a prompt that was typed into an agent's screen has been worked on: its state becomes idle after it was seen at work, or because a
 * hook says so; or it is idle, or nobody can tell its state, and nothing has been drawn for a while. A screen that shows the prompt again
 * is no end by itself: an agent that is slow to begin draws its screen anew before it works. Its answer is what its hook told as the last
 * message, else what the terminal shows new.
 *
 * What the terminal showed before, and that it was seen at work, is kept in memory alone: after the daemon's death the answer is the
 * screen as it is, and quiet is its end where no hook tells it.
 */
import type { AgentStatus } from "../../../contract/agent.ts";
import type { HolderStatus } from "../../../contract/link.ts";
import type { HolderClient } from "../../../link/client.ts";
import { agentOf } from "../../../store/agents.ts";
import { movePrompt, promptById, promptUnderWay } from "../../../store/prompts.ts";
import type { PromptRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";
import type { Log } from "../../log.ts";
import { Alarms } from "../alarms.ts";
import { KeyedLock } from "../keyed-lock.ts";
import { HOLDER_MS } from "./delivery.ts";
import { quietly } from "./quietly.ts";
import { ANSWER_LINES } from "./terminal-delivery.ts";

/** Milliseconds without output after which an agent in this state has finished; longer where nothing tells its state. */
const QUIET_MS: Partial<Record<AgentStatus["state"], number>> = {
	idle: 3000,
	starting: 10_000,
	unknown: 10_000,
};

/** The same for one whose hooks tell when it begins and ends: quiet says only that it is slow to begin. */
const HOOKED_QUIET_MS = 20_000;

/** States of an agent that has begun with what it was asked. */
const AT_WORK: ReadonlySet<AgentStatus["state"]> = new Set(["busy", "needs-permission", "needs-input"]);

/** Milliseconds between looks at an agent that is neither. */
const LOOK_MS = 5000;

export interface TerminalTurnsOptions {
	store: Store;
	client: (workerId: string) => HolderClient | null;
	/** What the holder last told. */
	status: (workerId: string) => HolderStatus | null;
	/** Whether an agent of this definition has hooks that tell of its turns. */
	hooked: (definition: string) => boolean;
	now: () => number;
	monotonic: () => number;
	log: Log;
}

export class TerminalTurns {
	readonly #options: TerminalTurnsOptions;
	readonly #alarms: Alarms;
	readonly #lock = new KeyedLock();
	/** By prompt: what the terminal showed before it was typed. */
	readonly #before = new Map<string, string>();
	/** Prompts that were seen being worked on. */
	readonly #worked = new Set<string>();

	constructor(options: TerminalTurnsOptions) {
		this.#options = options;
		this.#alarms = new Alarms(options.now, options.monotonic);
	}

	stop(): void {
		this.#alarms.stop();
	}

	/** What the terminal shows before the prompt is typed. */
	before(promptId: string, output: string): void {
		this.#before.set(promptId, output);
	}

	/** Whether the agent was seen at work on the prompt, or is done with it. */
	taken(promptId: string): boolean {
		const row = promptById(this.#options.store.read, promptId);
		return row?.state !== "running" || this.#worked.has(promptId);
	}

	/** A prompt has ended, however that came. */
	forget(promptId: string): void {
		this.#before.delete(promptId);
		this.#worked.delete(promptId);
	}

	/** A prompt has begun, is taken up, or is to stop: its end is looked out for. */
	begun(workerId: string): void {
		const row = this.#running(workerId);
		if (row) this.#lookLater(row);
	}

	/** The agent's state has changed. */
	moved(workerId: string): void {
		const agent = agentOf(this.#options.store.read, workerId);
		const row = this.#running(workerId, agent);
		if (!row || !agent) return;
		const { status } = agent;
		if (AT_WORK.has(status.state)) this.#worked.add(row.id);
		if (status.state !== "idle") return;
		const over = row.state === "stopping" || this.#worked.has(row.id) || status.evidence.kind === "hook";
		if (over) this.#end(workerId, "idle");
		else this.#lookLater(row);
	}

	#running(workerId: string, agent = agentOf(this.#options.store.read, workerId)): PromptRow | undefined {
		const { read } = this.#options.store;
		if (agent?.driver !== "pty") return undefined;
		const row = promptUnderWay(read, workerId);
		return row?.state === "running" || row?.state === "stopping" ? row : undefined;
	}

	#lookLater(row: PromptRow): void {
		const { store, status, now, hooked } = this.#options;
		const agent = agentOf(store.read, row.workerId);
		const state = agent?.status.state;
		// One that was interrupted has begun, and no hook need tell of that.
		const slow = agent && row.state === "running" && hooked(agent.definition);
		const least = slow ? HOOKED_QUIET_MS : 0;
		const known = state && QUIET_MS[state];
		const quiet = known === undefined ? undefined : Math.max(known, least);
		const drawnAt = Math.max(row.startedAt ?? 0, status(row.workerId)?.lastOutputAt ?? now());
		const at = quiet === undefined ? now() + LOOK_MS : drawnAt + quiet;
		this.#alarms.set(`quiet:${row.workerId}`, Math.max(at, now() + 1), () => {
			const still = this.#running(row.workerId);
			if (still?.id !== row.id) return;
			if (quiet !== undefined && at <= now() && this.#isQuietSince(row.workerId, now() - quiet, state))
				this.#end(row.workerId, "quiet");
			else this.#lookLater(still);
		});
	}

	#isQuietSince(workerId: string, since: number, state: AgentStatus["state"] | undefined): boolean {
		const told = this.#options.status(workerId);
		const now = agentOf(this.#options.store.read, workerId)?.status.state;
		return told !== null && told.lastOutputAt <= since && now === state;
	}

	#end(workerId: string, stopReason: "idle" | "quiet"): void {
		quietly(this.#options.log, "end a prompt", () =>
			this.#lock.run(workerId, async () => {
				const row = this.#running(workerId);
				if (!row) return;
				const answer = row.answer ?? (await this.#shown(row));
				const { store } = this.#options;
				if (this.#running(workerId)?.id !== row.id) return;
				const outcome = row.state === "stopping" ? "stopped" : "completed";
				store.change((change) =>
					movePrompt(change, row.id, outcome, { endedAt: change.at, stopReason, answer }),
				);
			}),
		);
	}

	/** What the terminal shows that it did not show before; null when it cannot be asked. */
	async #shown({ id, workerId }: PromptRow): Promise<string | null> {
		const client = this.#options.client(workerId);
		if (!client) return null;
		const before = this.#before.get(id);
		if (before === undefined)
			return (await client.call("screen", { format: "text" }, HOLDER_MS)).lines.join("\n").trim();
		const { text } = await client.call("output", { lines: ANSWER_LINES }, HOLDER_MS);
		return newLines(before, text);
	}
}

/** The lines of `after` that come after those that it begins with as `before` did. */
export function newLines(before: string, after: string): string {
	const old = before.split("\n");
	const now = after.split("\n");
	const changed = now.findIndex((line, index) => line !== old[index]);
	return changed === -1 ? "" : now.slice(changed).join("\n").trim();
}
