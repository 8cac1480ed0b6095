/** Anthropic's Messages API with streaming (https://docs.anthropic.com/en/api/messages-streaming), as Claude Code and opencode call it. */
import {
	eventStream,
	halves,
	hear,
	newQuestion,
	pieces,
	type Question,
	type Reply,
	type Wire,
} from "./wire.ts";

interface Block {
	type: string;
	text?: string;
	content?: string | Block[];
	source?: { media_type: string };
}

interface Body {
	model: string;
	stream?: boolean;
	tools?: { name: string }[];
	messages: { role: string; content: string | Block[] }[];
}

export const anthropic: Wire = async (request, ask) => {
	const { pathname } = new URL(request.url);
	if (request.method === "HEAD") return new Response(null);
	if (request.method !== "POST") return null;
	if (pathname.endsWith("/messages/count_tokens")) return Response.json({ input_tokens: 10 });
	if (!pathname.endsWith("/messages")) return null;
	const body = (await request.json()) as Body;
	const message = messageOf(body, await ask(questionOf(body)));
	return body.stream ? eventStream(eventsOf(message)) : Response.json(message);
};

function questionOf({ model, messages, tools = [] }: Body): Question {
	const question = newQuestion(
		model,
		tools.map(({ name }) => name),
	);
	for (const { role, content } of messages) {
		if (role !== "user") continue;
		const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
		for (const { type, text = "", content, source } of blocks) {
			if (type === "tool_result") question.results.push(textIn(content));
			else if (source) question.images.push(source.media_type);
			else if (type === "text") hear(question, text);
		}
	}
	return question;
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
function eventsOf(message: Message): object[] {
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
