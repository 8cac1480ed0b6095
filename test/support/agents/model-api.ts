/**
 * The API of a language model on loopback, with scripted answers: Anthropic's Messages API with streaming
 * (https://docs.anthropic.com/en/api/messages-streaming), as agents of the npm registry call it. Nothing leaves the machine.
 */

/** What the model is asked. */
export interface Question {
	model: string;
	/** The last thing that the user said. */
	text: string;
	/** All that the user has said, in order. */
	history: string[];
	/** What the tools answered that were called since. */
	results: string[];
	/** Media types of the images in the conversation. */
	images: string[];
}

/** What it says: text, or one call of a tool. */
export type Reply = { text: string; thinking?: string } | { tool: string; input: Record<string, unknown> };

interface Block {
	type: string;
	text?: string;
	content?: string | Block[];
	source?: { media_type: string };
}

interface Body {
	model: string;
	stream?: boolean;
	tools?: unknown[];
	messages: { role: string; content: string | Block[] }[];
}

export class ModelApi implements AsyncDisposable {
	readonly #server: Bun.Server<undefined>;
	readonly #reply: (question: Question) => Reply;
	readonly questions: Question[] = [];
	/** Requests that no scripted model has an answer to. */
	readonly strangers: string[] = [];

	constructor(reply: (question: Question) => Reply) {
		this.#reply = reply;
		this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#serve(request) });
	}

	get url(): string {
		return `http://127.0.0.1:${this.#server.port}`;
	}

	async #serve(request: Request): Promise<Response> {
		const { pathname } = new URL(request.url);
		if (request.method === "HEAD") return new Response(null);
		if (request.method === "POST" && pathname.endsWith("/messages/count_tokens"))
			return Response.json({ input_tokens: 10 });
		if (request.method !== "POST" || !pathname.endsWith("/messages")) {
			this.strangers.push(`${request.method} ${pathname}`);
			return Response.json(
				{ type: "error", error: { type: "not_found_error", message: pathname } },
				{ status: 404 },
			);
		}
		const body = (await request.json()) as Body;
		const message = messageOf(body, this.#answer(body));
		if (!body.stream) return Response.json(message);
		const events = eventsOf(message).map(
			(event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
		);
		return new Response(events.join(""), { headers: { "content-type": "text/event-stream" } });
	}

	#answer(body: Body): Reply {
		// Agents ask on the side as well, for a title as an example: then there are no tools.
		if (!body.tools?.length) return { text: "A title" };
		const question = questionOf(body);
		this.questions.push(question);
		return this.#reply(question);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#server.stop(true);
	}
}

function questionOf({ model, messages }: Body): Question {
	const question: Question = { model, text: "", history: [], results: [], images: [] };
	for (const { role, content } of messages) {
		if (role !== "user") continue;
		const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
		for (const { type, text = "", content, source } of blocks) {
			if (type === "tool_result") question.results.push(textIn(content));
			else if (source) question.images.push(source.media_type);
			else if (type === "text" && isSaid(text)) {
				question.history.push(text);
				Object.assign(question, { text, results: [] });
			}
		}
	}
	return question;
}

/** What agents add for the model alone stands in tags or brackets. */
function isSaid(text: string): boolean {
	return text.trim() !== "" && !/^\s*(<|\[Request interrupted)/.test(text);
}

function textIn(content: string | Block[] | undefined): string {
	if (typeof content === "string") return content;
	return (content ?? []).map(({ text }) => text ?? "").join("");
}

interface Message {
	content: Record<string, unknown>[];
	stop_reason: string;
	[field: string]: unknown;
}

let messages = 0;

function messageOf({ model }: Body, reply: Reply): Message {
	const id = `msg_${++messages}`;
	const called = "tool" in reply;
	const thinking = !called && reply.thinking !== undefined;
	const thought = thinking ? [{ type: "thinking", thinking: reply.thinking, signature: "c2ln" }] : [];
	const content = called
		? [{ type: "tool_use", id: `toolu_${messages}`, name: reply.tool, input: reply.input }]
		: [...thought, { type: "text", text: reply.text }];
	return {
		...{ id, type: "message", role: "assistant", model, content, stop_sequence: null },
		stop_reason: called ? "tool_use" : "end_turn",
		usage: { input_tokens: 10, output_tokens: 5 },
	};
}

/** The message as the API streams it: words one by one, a tool's input in two pieces. */
function eventsOf(message: Message): { type: string; [field: string]: unknown }[] {
	const blocks = message.content.flatMap((block, index) => {
		const { type, text, thinking, signature, input } = block;
		const deltas =
			type === "text"
				? pieces(text as string).map((text) => ({ type: "text_delta", text }))
				: type === "thinking"
					? [
							...pieces(thinking as string).map((thinking) => ({ type: "thinking_delta", thinking })),
							{ type: "signature_delta", signature },
						]
					: halves(JSON.stringify(input)).map((partial_json) => ({ type: "input_json_delta", partial_json }));
		const empty =
			type === "text" ? { text: "" } : type === "thinking" ? { thinking: "", signature: "" } : { input: {} };
		return [
			{ type: "content_block_start", index, content_block: { ...block, ...empty } },
			...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
			{ type: "content_block_stop", index },
		];
	});
	const { stop_reason, ...start } = message;
	return [
		{ type: "message_start", message: { ...start, content: [], stop_reason: null } },
		{ type: "ping" },
		...blocks,
		{
			...{ type: "message_delta", delta: { stop_reason, stop_sequence: null } },
			usage: { output_tokens: 5 },
		},
		{ type: "message_stop" },
	];
}

const pieces = (text: string): string[] => text.split(/(?<= )/);

function halves(text: string): string[] {
	const middle = Math.floor(text.length / 2);
	return [text.slice(0, middle), text.slice(middle)];
}
