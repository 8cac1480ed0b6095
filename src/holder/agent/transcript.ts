/**
 * The conversation as it happens: puts what the protocol reports into items of the log, and shows it. Text that comes in small pieces is
 * collected for a moment, so that the log has some records a second and not one for every word.
 */
import type { AgentFact } from "../../contract/agent-log.ts";
import type { ItemBody, Part, ToolPart } from "../../contract/conversation.ts";
import type { AgentView } from "./view/view.ts";

/** Milliseconds that text is collected before it is written down. */
const COLLECT_MS = 80;

/** Characters of one message; more of it goes into a message of its own, so that no reader ever gets an endless item. */
const MESSAGE_LIMIT = 1024 * 1024;

type Role = "user" | "assistant" | "thought";
type Body<T extends ItemBody["type"]> = Extract<ItemBody, { type: T }>;
type ToolBody = Body<"tool">;
export type ToolChange = Partial<Omit<ToolBody, "type" | "call">>;

interface OpenMessage {
	id: string;
	body: Body<"message">;
	/** The agent's own id of the message, when it has one. */
	key: string | null;
	/** In the log as an item; more text may follow. */
	written: boolean;
	/** Not yet in the log. */
	unwritten: string;
	length: number;
}

interface KnownTool {
	id: string;
	body: ToolBody;
}

export interface TranscriptOptions {
	generation: number;
	write: (fact: AgentFact) => boolean;
	view: AgentView;
}

export class Transcript {
	readonly #options: TranscriptOptions;
	#items = 0;
	#message: OpenMessage | null = null;
	#timer: Timer | null = null;
	#tools = new Map<string, KnownTool>();
	#plan: string | null = null;
	#answer: string | null = null;

	constructor(options: TranscriptOptions) {
		this.#options = options;
	}

	/** The last that the agent said since `beginTurn`, as Markdown. */
	get answer(): string | null {
		const open = this.#message?.body;
		return open?.role === "assistant" ? textIn(open.parts) : this.#answer;
	}

	/** What was open of the turn before is left as it is. */
	beginTurn(): void {
		this.endMessage();
		this.#tools.clear();
		this.#plan = null;
		this.#answer = null;
	}

	/** Nothing of the turn goes on: a tool call that was not finished never will be. */
	endTurn(): void {
		this.endMessage();
		for (const [call, { body }] of this.#tools) {
			if (body.status === "pending" || body.status === "running") this.tool(call, { status: "failed" });
		}
	}

	/** A message as a whole. */
	said(role: Role, parts: Part[], promptId?: string): void {
		this.endMessage();
		const body: Body<"message"> = { type: "message", role, parts, done: true };
		if (promptId !== undefined) body.promptId = promptId;
		this.#item(this.#newId(), body);
		const { view } = this.#options;
		view.message(role, parts);
		view.endMessage();
		if (role === "assistant") this.#answer = textIn(parts);
	}

	/** More of a message: of the last one, unless its role or key is another. */
	say(role: Role, part: Part, key: string | null = null): void {
		const message = this.#open(role, key);
		this.#options.view.message(role, [part]);
		const { parts } = message.body;
		const last = parts.at(-1);
		if (part.type === "text" && last?.type === "text") {
			last.text += part.text;
			message.unwritten += part.text;
		} else {
			this.#flushText();
			parts.push({ ...part });
			// A part can only be told with the whole item.
			message.written = false;
		}
		message.length += part.type === "text" ? part.text.length : 0;
		if (message.length >= MESSAGE_LIMIT) this.endMessage();
		else this.#timer ??= setTimeout(() => this.flush(), COLLECT_MS);
	}

	endMessage(): void {
		const message = this.#message;
		if (message === null) return;
		this.#stopTimer();
		this.#message = null;
		message.body.done = true;
		this.#item(message.id, message.body);
		if (message.body.role === "assistant") this.#answer = textIn(message.body.parts);
		this.#options.view.endMessage();
	}

	/** What is known of a tool call so far. */
	toolCall(call: string): ToolBody | undefined {
		return this.#tools.get(call)?.body;
	}

	/** A tool call, or what changed of it. */
	tool(call: string, change: ToolChange): void {
		const known = this.#tools.get(call);
		if (known === undefined) this.endMessage();
		const before = known?.body ?? newTool(call);
		const body: ToolBody = { ...before, ...withoutUndefined(change) };
		const id = known?.id ?? this.#newId();
		this.#tools.set(call, { id, body });
		this.flush();
		this.#item(id, body);
		this.#options.view.tool(body);
	}

	/** The whole plan; it replaces the turn's last one. */
	plan(entries: Body<"plan">["entries"]): void {
		this.endMessage();
		this.#plan ??= this.#newId();
		this.#item(this.#plan, { type: "plan", entries });
		this.#options.view.plan(entries);
	}

	notice(level: "info" | "warning" | "error", text: string): void {
		this.endMessage();
		this.#item(this.#newId(), { type: "notice", level, text });
		this.#options.view.notice(level, text);
	}

	/** Returns the item's id, for its end. */
	permission(body: Body<"permission">, id?: string): string {
		this.endMessage();
		const item = id ?? this.#newId();
		this.#item(item, body);
		return item;
	}

	turn(body: Body<"turn">): void {
		this.endMessage();
		this.#item(this.#newId(), body);
		this.#options.view.turn(body);
	}

	/** Everything that was said is in the log. */
	flush(): void {
		this.#stopTimer();
		this.#flushText();
	}

	#flushText(): void {
		const message = this.#message;
		if (message === null || message.body.parts.length === 0) return;
		if (!message.written) {
			this.#item(message.id, message.body);
			message.written = true;
		} else if (message.unwritten !== "") {
			this.#options.write({ kind: "text", id: message.id, text: message.unwritten });
		}
		message.unwritten = "";
	}

	#open(role: Role, key: string | null): OpenMessage {
		const open = this.#message;
		if (open !== null && open.body.role === role && (key === null || open.key === null || open.key === key)) {
			open.key ??= key;
			return open;
		}
		this.endMessage();
		const body: Body<"message"> = { type: "message", role, parts: [], done: false };
		this.#message = { id: this.#newId(), body, key, written: false, unwritten: "", length: 0 };
		return this.#message;
	}

	#item(id: string, body: ItemBody): void {
		this.#options.write({ kind: "item", id, body });
	}

	#newId(): string {
		return `${this.#options.generation}.${++this.#items}`;
	}

	#stopTimer(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}
}

function newTool(call: string): ToolBody {
	return {
		...{ type: "tool", call, title: "", name: null, kind: "other", status: "pending" },
		...{ input: null, output: [] as ToolPart[], locations: [] },
	};
}

function textIn(parts: Part[]): string | null {
	const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
	return text === "" ? null : text;
}

function withoutUndefined(change: ToolChange): ToolChange {
	return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
