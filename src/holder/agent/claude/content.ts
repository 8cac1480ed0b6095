/** Messages of Claude Code (Anthropic's Messages API) as parts of items. */
import { claudeToolCall } from "../../../contract/claude-tools.ts";
import type { ItemBody, ToolPart } from "../../../contract/conversation.ts";
import { type Json, jsonOf, listOf, needText, textOf, wordOf } from "../json.ts";
import type { Desk } from "../protocol.ts";
import type { ToolChange } from "../transcript.ts";

type PlanEntry = Extract<ItemBody, { type: "plan" }>["entries"][number];

/** A call as it is known once its input is. */
export function toolChangeOf(name: string, input: Json): ToolChange {
	const { title, kind, subject } = claudeToolCall(name, input);
	const change: ToolChange = { name, title, kind, input };
	const diffs = diffsOf(name, input);
	if (diffs.length > 0) change.output = diffs;
	if (kind === "read" || kind === "edit")
		change.locations = subject === "" ? [] : [{ path: subject, line: null }];
	return change;
}

/** What an edit will change, so that it can be seen before it is allowed. */
function diffsOf(name: string, input: Json): ToolPart[] {
	const path = textOf(input.file_path);
	if (path === null) return [];
	if (name === "Write") return [{ type: "diff", path, oldText: null, newText: textOf(input.content) ?? "" }];
	const edits = name === "Edit" ? [input] : name === "MultiEdit" ? listOf(input.edits) : [];
	return edits.map(({ old_string, new_string }) => {
		return { type: "diff", path, oldText: textOf(old_string) ?? "", newText: textOf(new_string) ?? "" };
	});
}

/** A tool's result: text, or a list of blocks. */
export function resultParts(desk: Desk, content: unknown): ToolPart[] {
	const text = textOf(content);
	if (text !== null) return text === "" ? [] : [{ type: "text", text }];
	return listOf(content).map((block) => {
		if (block.type !== "image") return { type: "text", text: textOf(block.text) ?? JSON.stringify(block) };
		const image = desk.keepImage(needText(jsonOf(block.source).data, "the data of an image"));
		return image ? { type: "image", image } : { type: "text", text: "[an image that could not be kept]" };
	});
}

/** The to-do list that Claude Code keeps by a tool. */
export function planOf(input: Json): PlanEntry[] {
	return listOf(input.todos).map(({ content, status }) => ({
		content: textOf(content) ?? "",
		priority: "medium",
		status: wordOf(["pending", "in_progress", "completed"] as const, status) ?? "pending",
	}));
}
