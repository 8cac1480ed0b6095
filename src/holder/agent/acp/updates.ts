/** session/update as it goes into the transcript (https://agentclientprotocol.com/protocol/v1/prompt-turn). */
import type { ItemBody, ToolPart } from "../../../contract/conversation.ts";
import { Garbled, type Json, jsonOf, listOf, needJson, needText, numberOf, textOf, wordOf } from "../json.ts";
import type { Desk } from "../protocol.ts";
import type { Choices } from "./choices.ts";
import { partOf, terminalsIn, toolChangeOf } from "./content.ts";
import type { Terminals } from "./terminals.ts";

type PlanEntry = Extract<ItemBody, { type: "plan" }>["entries"][number];

const priorities = ["high", "medium", "low"] as const;
const planStates = ["pending", "in_progress", "completed"] as const;
const noticeLevels = ["info", "warning", "error"] as const;

export class Updates {
	readonly #desk: Desk;
	readonly #choices: Choices;
	readonly #terminals: Terminals;
	/** Which tool call shows a terminal, and the update that said so. */
	readonly #shown = new Map<string, { call: string; update: Json }>();
	/** An earlier conversation is being told again: kept, or known already. */
	replay: "kept" | "known" | null = null;
	/** US dollars that the conversation has cost so far, when the agent tells. */
	costUsd: number | null = null;

	constructor(desk: Desk, choices: Choices, terminals: Terminals) {
		this.#desk = desk;
		this.#choices = choices;
		this.#terminals = terminals;
	}

	/** Throws Garbled. */
	take(params: unknown): void {
		const update = needJson(jsonOf(params).update, "the update");
		const kind = needText(update.sessionUpdate, "the kind of an update");
		const told = Object.hasOwn(this.#kinds, kind) ? this.#kinds[kind] : undefined;
		if (!told) throw new Garbled(`an update of the kind ${kind}`);
		told(update);
	}

	/** The last of a terminal's output is there: the tool call that shows it gets it. */
	terminalEnded(id: string): void {
		const shown = this.#shown.get(id);
		if (!shown) return;
		this.#shown.delete(id);
		this.#desk.transcript.tool(shown.call, this.#change({ content: shown.update.content }));
	}

	/** A tool call, or what changed of it, also as it stands in a request for permission. */
	tool(update: Json): string {
		const call = needText(update.toolCallId, "the id of a tool call");
		const change = this.#change(update);
		// Agents show a change when they ask for it, and only say that it is done at the end: it stays.
		if (change.output && !change.output.some(isDiff)) {
			const shown = this.#desk.transcript.toolCall(call)?.output.filter(isDiff) ?? [];
			change.output = [...shown, ...change.output];
		}
		this.#desk.transcript.tool(call, change);
		for (const id of terminalsIn(update)) this.#shown.set(id, { call, update });
		return call;
	}

	#change(update: Json): ReturnType<typeof toolChangeOf> {
		return toolChangeOf(this.#desk, update, (id) => this.#terminals.text(id));
	}

	#chunk(role: "user" | "assistant" | "thought", update: Json): void {
		const part = partOf(this.#desk, needJson(update.content, "the content of a message"));
		this.#desk.transcript.say(role, part, textOf(update.messageId));
	}

	readonly #kinds: Record<string, (update: Json) => void> = {
		// The prompt that is being worked on is known; only earlier ones are news.
		user_message_chunk: (update) => {
			if (this.replay === "kept") this.#chunk("user", update);
		},
		agent_message_chunk: (update) => this.#said("assistant", update),
		agent_thought_chunk: (update) => this.#said("thought", update),
		tool_call: (update) => this.#called(update),
		tool_call_update: (update) => this.#called(update),
		plan: (update) => {
			if (this.replay !== "known") this.#desk.transcript.plan(listOf(update.entries).map(planEntry));
		},
		current_mode_update: (update) =>
			this.#desk.learned(this.#choices.mode(needText(update.currentModeId, "the id of a mode"))),
		config_option_update: (update) => this.#desk.learned(this.#choices.options(update.configOptions)),
		session_info_update: (update) => {
			const title = textOf(update.title);
			if (title !== null) this.#desk.title(title);
		},
		usage_update: (update) => {
			const cost = jsonOf(update.cost);
			if (cost.currency === "USD") this.costUsd = numberOf(cost.amount);
		},
		notice: (update) => {
			const text = [textOf(update.title), textOf(update.description)].filter((line) => line).join("\n");
			this.#desk.transcript.notice(wordOf(noticeLevels, update.severity) ?? "info", text);
		},
		// What the agent can be told by a slash, and how it keeps its own memory short, are its own affair.
		available_commands_update: () => {},
		compaction_update: () => {},
		compaction_summary_chunk: () => {},
	};

	#said(role: "assistant" | "thought", update: Json): void {
		if (this.replay !== "known") this.#chunk(role, update);
	}

	#called(update: Json): void {
		if (this.replay !== "known") this.tool(update);
	}
}

const isDiff = ({ type }: ToolPart) => type === "diff";

function planEntry(entry: Json): PlanEntry {
	return {
		content: needText(entry.content, "the content of a plan's entry"),
		priority: wordOf(priorities, entry.priority) ?? "medium",
		status: wordOf(planStates, entry.status) ?? "pending",
	};
}
