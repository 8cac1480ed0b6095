/** A conversation as a file for people or programs. It stands by itself: images are in it. */
import type { Image, Item, ItemBody, Part, ToolPart } from "../../../contract/conversation.ts";
import { BerthError } from "../../../contract/errors.ts";

/** What the export is of. */
export interface ExportHead {
	session: string;
	worker: string;
	agent: string;
	/** The agent's own id of its conversation. */
	conversation: string | null;
	/** Unix milliseconds. */
	exportedAt: number;
}

/** Reads an image; `blob_not_found`. */
export type ReadImage = (sha256: string) => Uint8Array;

/** One JSON document: the head, `items` in order, and `images` by their hash, base64. */
export function* exportJson(
	head: ExportHead,
	items: Iterable<Item>,
	read: ReadImage,
): Generator<string, void, void> {
	const images = new Map<string, Image>();
	yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
	let separator = "";
	for (const item of items) {
		for (const image of imagesOf(item.body)) images.set(image.sha256, image);
		yield `${separator}\n${JSON.stringify(item)}`;
		separator = ",";
	}
	yield '\n],"images":{';
	separator = "";
	for (const image of images.values()) {
		const data = base64Of(image, read);
		yield `${separator}\n${JSON.stringify(image.sha256)}:${JSON.stringify({ ...image, data })}`;
		separator = ",";
	}
	yield "\n}}\n";
}

export function* exportMarkdown(
	head: ExportHead,
	items: Iterable<Item>,
	read: ReadImage,
): Generator<string, void, void> {
	yield `# ${head.session}/${head.worker}\n\n`;
	const id = head.conversation === null ? "" : `, conversation \`${head.conversation}\``;
	yield `${head.agent}${id}, exported ${new Date(head.exportedAt).toISOString()}\n`;
	for (const item of items) {
		const text = markdownOf(item.body, read);
		if (text !== "") yield `\n${text}\n`;
	}
}

const speakers = { user: "User", assistant: "Assistant", thought: "Thought" } as const;

/** Blocks apart by blank lines; empty for what is told by its neighbours. */
function markdownOf(body: ItemBody, read: ReadImage): string {
	switch (body.type) {
		case "message": {
			const text = body.parts.map((part) => partMarkdown(part, read)).join("\n\n");
			const quoted = body.role === "thought" ? quote(text) : text;
			return `## ${speakers[body.role]}\n\n${quoted}`;
		}
		case "tool": {
			const input =
				body.input === undefined || body.input === null ? [] : [fence(pretty(body.input), "json")];
			const output = body.output.map((part) => toolPartMarkdown(part, read));
			return [`### Tool: ${oneLine(body.title)} (${body.status})`, ...input, ...output].join("\n\n");
		}
		case "plan": {
			const lines = body.entries.map(
				({ content, status }) => `- [${status === "completed" ? "x" : " "}] ${oneLine(content)}`,
			);
			return ["### Plan", lines.join("\n")].join("\n\n");
		}
		case "permission":
			return quote(`Permission: ${oneLine(body.title)}: ${body.decision ?? body.state}`);
		case "turn":
			return body.state === "completed"
				? ""
				: quote(`Turn ${body.state}: ${body.stopReason ?? "no reason given"}`);
		case "notice":
			return quote(`${body.level}: ${body.text}`);
	}
}

function toolPartMarkdown(part: ToolPart, read: ReadImage): string {
	if (part.type === "text") return fence(part.text, "");
	if (part.type !== "diff") return partMarkdown(part, read);
	const lines = (text: string, mark: string): string[] =>
		text === "" ? [] : text.split("\n").map((line) => `${mark}${line}`);
	const changed = [...lines(part.oldText ?? "", "-"), ...lines(part.newText, "+")];
	return `\`${part.path}\`\n\n${fence(changed.join("\n"), "diff")}`;
}

function partMarkdown(part: Part, read: ReadImage): string {
	if (part.type === "text") return part.text;
	if (part.type === "link") return `[${part.name}](<${part.uri}>)`;
	const data = base64Of(part.image, read);
	return data === null
		? `(the image ${part.image.sha256} is no longer kept)`
		: `![image](data:${part.image.mediaType};base64,${data})`;
}

/** A block that its content cannot end: its fence is longer than any in the content. */
function fence(text: string, language: string): string {
	const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
	const marks = "`".repeat(Math.max(3, longest + 1));
	return `${marks}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${marks}`;
}

function quote(text: string): string {
	return text
		.split("\n")
		.map((line) => `> ${line}`)
		.join("\n");
}

function oneLine(text: string): string {
	return text.replaceAll(/\s+/g, " ");
}

function pretty(input: unknown): string {
	return typeof input === "string" ? input : JSON.stringify(input, null, 2);
}

/** null when it is no longer kept. */
function base64Of({ sha256 }: Image, read: ReadImage): string | null {
	try {
		return Buffer.from(read(sha256)).toString("base64");
	} catch (error) {
		if (error instanceof BerthError && error.code === "blob_not_found") return null;
		throw error;
	}
}

function imagesOf(body: ItemBody): Image[] {
	const parts = body.type === "message" ? body.parts : body.type === "tool" ? body.output : [];
	return parts.flatMap((part) => (part.type === "image" ? [part.image] : []));
}
