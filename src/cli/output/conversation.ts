/** A conversation as lines for people. Items are printed when they come, and of one that changes what is new. */
import type { Item, ItemBody } from "../../contract/conversation.ts";
import type { Cli } from "../cli.ts";
import { printable } from "../text/printable.ts";
import { SafeText } from "./bytes.ts";

type MessageBody = Extract<ItemBody, { type: "message" }>;

const speakers = { user: "you", assistant: "agent", thought: "thinks" } as const;

export class ConversationPrinter {
	readonly #cli: Cli;
	/** By item: how much of a message's text, and which words of another item, have been printed. */
	readonly #shown = new Map<string, string>();
	/** The message whose text is being printed; null at the start of a line. */
	#open: string | null = null;

	constructor(cli: Cli) {
		this.#cli = cli;
	}

	item({ id, body }: Item): void {
		if (body.type === "message") this.#message(id, body);
		else this.#line(id, lineOf(body));
	}

	/** Ends the line that is being printed. */
	end(): void {
		if (this.#open !== null) this.#cli.write("\n");
		this.#open = null;
	}

	#message(id: string, body: MessageBody): void {
		const text = textOf(body);
		const before = this.#shown.get(id);
		this.#shown.set(id, text);
		if (before === text) return;
		if (this.#open !== id) {
			this.end();
			const { bold, cyan } = this.#cli.style;
			this.#cli.print((body.role === "user" ? cyan : bold)(speakers[body.role]));
			this.#open = id;
		}
		// What was printed stays; a message that was told anew from its start is printed anew.
		const rest = before !== undefined && text.startsWith(before) ? text.slice(before.length) : text;
		this.#safely(rest, body.role === "thought" ? this.#cli.style.dim : (same) => same);
	}

	#line(id: string, line: string | null): void {
		if (line === null || this.#shown.get(id) === line) return;
		this.#shown.set(id, line);
		this.end();
		this.#cli.print(this.#cli.style.dim(line));
	}

	/** An agent's words may hold sequences that act on a terminal. */
	#safely(text: string, paint: (text: string) => string): void {
		const safe = new SafeText(false);
		const bytes = Buffer.concat([safe.push(Buffer.from(text)), safe.end()]);
		this.#cli.write(paint(bytes.toString("utf8")));
	}
}

function textOf({ parts }: MessageBody): string {
	return parts
		.map((part) => {
			if (part.type === "text") return part.text;
			if (part.type === "link") return `[${part.name}] ${part.uri}`;
			return `[${part.image.mediaType}, ${part.image.bytes} bytes]`;
		})
		.join("\n");
}

/** null for what its neighbours tell. */
function lineOf(body: Exclude<ItemBody, MessageBody>): string | null {
	switch (body.type) {
		case "tool":
			return `● ${printable(body.title)} (${body.status})`;
		case "plan": {
			const done = body.entries.filter(({ status }) => status === "completed").length;
			const now = body.entries.find(({ status }) => status === "in_progress");
			return `● plan: ${done} of ${body.entries.length} done${now ? `, now: ${printable(now.content)}` : ""}`;
		}
		case "permission":
			return `● permission ${body.permissionId}: ${printable(body.title)} (${body.decision ?? body.state})`;
		case "turn":
			return body.state === "failed" || body.state === "stopped"
				? `● turn ${body.state}${body.stopReason === null ? "" : `: ${printable(body.stopReason)}`}`
				: null;
		case "notice":
			return `● ${body.level}: ${printable(body.text)}`;
	}
}
