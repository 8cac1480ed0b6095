/** Content of the Agent Client Protocol as parts of items. */

import { claudeToolCall } from "../../../contract/claude-tools.ts";
import type { Part, ToolPart } from "../../../contract/conversation.ts";
import { toolKinds } from "../../../contract/words.ts";
import { Garbled, isJson, type Json, jsonOf, listOf, needText, numberOf, textOf, wordOf } from "../json.ts";
import type { Desk } from "../protocol.ts";
import type { ToolChange } from "../transcript.ts";

/** A content block; throws Garbled. */
export function partOf(desk: Desk, block: Json): Part {
	switch (block.type) {
		case "text":
			return { type: "text", text: needText(block.text, "the text of a text block") };
		case "image": {
			const image = desk.keepImage(needText(block.data, "the data of an image"));
			return image ? { type: "image", image } : { type: "text", text: "[an image that could not be kept]" };
		}
		case "resource_link": {
			const uri = needText(block.uri, "the address of a link");
			return { type: "link", uri, name: textOf(block.title) ?? textOf(block.name) ?? uri };
		}
		case "resource": {
			const resource = jsonOf(block.resource);
			const text = textOf(resource.text);
			if (text !== null) return { type: "text", text };
			const uri = needText(resource.uri, "the address of a resource");
			return { type: "link", uri, name: uri };
		}
		case "audio":
			return { type: "text", text: `[sound, ${textOf(block.mimeType) ?? "of some kind"}]` };
		default:
			throw new Garbled(`a content block of the type ${JSON.stringify(block.type)}`);
	}
}

const statuses = {
	pending: "pending",
	in_progress: "running",
	completed: "completed",
	failed: "failed",
} as const;
const statusWords = ["pending", "in_progress", "completed", "failed"] as const;

/** What a tool call or its update tells; what it does not name stays. `terminal` gives a terminal's output so far. */
export function toolChangeOf(desk: Desk, update: Json, terminal: (id: string) => string | null): ToolChange {
	const change: ToolChange = {};
	const title = textOf(update.title);
	if (title !== null) change.title = title;
	const name = nameOf(update);
	if (name !== null) change.name = name;
	const kind = wordOf(toolKinds, update.kind);
	if (kind !== null) change.kind = kind;
	const status = wordOf(statusWords, update.status);
	if (status !== null) change.status = statuses[status];
	if (update.rawInput !== undefined && update.rawInput !== null) change.input = update.rawInput;
	if (Array.isArray(update.locations)) {
		change.locations = listOf(update.locations).flatMap(({ path, line }) =>
			typeof path === "string" ? [{ path, line: numberOf(line) }] : [],
		);
	}
	if (Array.isArray(update.content)) {
		change.output = listOf(update.content).map((content) => toolPartOf(desk, content, terminal));
	} else {
		const output = textOf(update.rawOutput) ?? textOf(jsonOf(update.rawOutput).output);
		if (output !== null) change.output = [{ type: "text", text: output }];
	}
	return change;
}

function toolPartOf(desk: Desk, content: Json, terminal: (id: string) => string | null): ToolPart {
	if (content.type === "content") return partOf(desk, jsonOf(content.content));
	if (content.type === "diff") {
		return {
			type: "diff",
			path: needText(content.path, "the path of a change"),
			oldText: textOf(content.oldText),
			newText: needText(content.newText, "the new text of a change"),
		};
	}
	if (content.type === "terminal") {
		const id = needText(content.terminalId, "the id of a terminal");
		return { type: "text", text: terminal(id) ?? "" };
	}
	throw new Garbled(`content of the type ${JSON.stringify(content.type)}`);
}

/** Ids of the terminals that are shown in it. */
export function terminalsIn(update: Json): string[] {
	return listOf(update.content).flatMap(({ type, terminalId }) =>
		type === "terminal" && typeof terminalId === "string" ? [terminalId] : [],
	);
}

/** The tool's name: the protocol has a field for it of late; Claude Code's adapter had one of its own before. */
function nameOf(update: Json): string | null {
	return textOf(update.name) ?? textOf(jsonOf(jsonOf(update._meta).claudeCode).toolName);
}

/** What rules of permission look at: the command, the path or the address that the tool is given. */
export function subjectOf(name: string, input: unknown, locations: readonly { path: string }[]): string {
	if (isJson(input)) {
		const { command, filePath } = input;
		// Some agents give argv.
		if (Array.isArray(command) && command.every((argument) => typeof argument === "string"))
			return scriptOf(command) ?? command.join(" ");
		if (typeof filePath === "string") return filePath;
	}
	return claudeToolCall(name, input).subject || (locations[0]?.path ?? "");
}

/** The script that argv has a shell run, as Codex does with every command; null for argv of another kind. */
function scriptOf([program = "", flag = "", script, ...more]: string[]): string | null {
	const isShell = /^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(program) && /^-l?c$/.test(flag);
	return isShell && script !== undefined && more.length === 0 ? script : null;
}
