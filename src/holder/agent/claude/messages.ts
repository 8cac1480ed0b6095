/**
 * What Claude Code says on its standard output, as it goes into the transcript. Its messages come twice, in pieces as they are written
 * (`stream_event`, the events of the Messages API) and then whole (`assistant`); what came in pieces is not said again.
 */
import { type Json, jsonOf, listOf, needJson, needText, textOf } from "../json.ts";
import type { Desk } from "../protocol.ts";
import { planOf, resultParts, toolChangeOf } from "./content.ts";

/** The tool whose input is the plan. */
const PLAN_TOOL = "TodoWrite";

export class Messages {
	readonly #desk: Desk;
	/** The message that is coming in pieces. */
	#streaming: string | null = null;
	/** Calls that are shown as something else. */
	readonly #hidden = new Set<string>();

	constructor(desk: Desk) {
		this.#desk = desk;
	}

	/** `stream_event`. Throws Garbled. */
	event(message: Json): void {
		// A helper's words are its own; its tools are told when they are whole.
		if (message.parent_tool_use_id !== null && message.parent_tool_use_id !== undefined) return;
		const event = needJson(message.event, "the event");
		const { transcript } = this.#desk;
		if (event.type === "message_start") this.#streaming = textOf(jsonOf(event.message).id);
		else if (event.type === "message_stop") transcript.endMessage();
		else if (event.type === "content_block_start") {
			const block = jsonOf(event.content_block);
			if (block.type === "tool_use" && block.name !== PLAN_TOOL) this.#call(block);
		} else if (event.type === "content_block_delta") {
			const delta = jsonOf(event.delta);
			if (delta.type === "text_delta") this.#say("assistant", needText(delta.text, "the text"));
			else if (delta.type === "thinking_delta") this.#say("thought", needText(delta.thinking, "the thought"));
		}
	}

	/** `assistant`. Throws Garbled. */
	assistant(message: Json): void {
		const { id, content } = needJson(message.message, "the message");
		const own = message.parent_tool_use_id === null || message.parent_tool_use_id === undefined;
		const said = !own || (this.#streaming !== null && id === this.#streaming);
		for (const block of listOf(content)) {
			if (block.type === "tool_use") this.#call(block);
			else if (said) continue;
			else if (block.type === "text") this.#say("assistant", needText(block.text, "the text"));
			else if (block.type === "thinking") this.#say("thought", needText(block.thinking, "the thought"));
		}
		if (!said) this.#desk.transcript.endMessage();
	}

	/** `user`: results of tools; what else stands in it was sent by us or is told otherwise. Throws Garbled. */
	user(message: Json): void {
		const { content } = needJson(message.message, "the message");
		const { transcript } = this.#desk;
		for (const block of listOf(content)) {
			if (block.type !== "tool_result") continue;
			const call = needText(block.tool_use_id, "the id of a tool call");
			if (this.#hidden.delete(call)) continue;
			const diffs = (transcript.toolCall(call)?.output ?? []).filter(({ type }) => type === "diff");
			transcript.tool(call, {
				status: block.is_error === true ? "failed" : "completed",
				output: [...diffs, ...resultParts(this.#desk, block.content)],
			});
		}
	}

	#say(role: "assistant" | "thought", text: string): void {
		if (text !== "") this.#desk.transcript.say(role, { type: "text", text });
	}

	/** A call, with its input or before it. */
	#call(block: Json): void {
		const call = needText(block.id, "the id of a tool call");
		const name = needText(block.name, "the name of a tool");
		const input = jsonOf(block.input);
		const { transcript } = this.#desk;
		if (name === PLAN_TOOL) {
			this.#hidden.add(call);
			transcript.plan(planOf(input));
			return;
		}
		const begun = Object.keys(input).length > 0;
		transcript.tool(call, { ...toolChangeOf(name, input), status: begun ? "running" : "pending" });
	}
}
