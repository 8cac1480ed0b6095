/** OpenAI's Responses API with streaming (https://platform.openai.com/docs/api-reference/responses-streaming), as Codex calls it. */
import {
	dataUrlType,
	eventStream,
	halves,
	hear,
	newQuestion,
	pieces,
	type Question,
	type Reply,
	type Wire,
} from "./wire.ts";

interface Part {
	type: string;
	text?: string;
	image_url?: string;
}

interface Item {
	type?: string;
	role?: string;
	content?: string | Part[];
	/** Of a tool's answer. */
	output?: string | Part[];
}

interface Body {
	model: string;
	tools?: { type: string; name?: string }[];
	input: Item[];
}

export const responses: Wire = async (request, ask) => {
	const { pathname } = new URL(request.url);
	if (request.method === "GET" && pathname.endsWith("/models"))
		return Response.json({ object: "list", data: [], models: [] });
	if (request.method !== "POST" || !pathname.endsWith("/responses")) return null;
	const body = (await request.json()) as Body;
	return eventStream(eventsOf(body, await ask(questionOf(body))));
};

function questionOf({ model, input, tools = [] }: Body): Question {
	const question = newQuestion(
		model,
		tools.map(({ name, type }) => name ?? type),
	);
	for (const { type = "message", role, content, output } of input) {
		if (type.endsWith("_call_output")) {
			question.results.push(textIn(output));
			images(question, output);
		} else if (type === "message" && role === "user") {
			images(question, content);
			for (const text of textsIn(content)) hear(question, text);
		}
	}
	return question;
}

function images(question: Question, content: string | Part[] | undefined): void {
	if (typeof content === "string") return;
	for (const { image_url } of content ?? []) {
		const type = dataUrlType(image_url);
		if (type !== null) question.images.push(type);
	}
}

function textsIn(content: string | Part[] | undefined): string[] {
	return typeof content === "string" ? [content] : (content ?? []).map(({ text }) => text ?? "");
}

const textIn = (content: string | Part[] | undefined): string => textsIn(content).join("");

let answers = 0;

/** The answer as the API streams it: words one by one, a tool's input in two pieces. */
function eventsOf({ model }: Body, reply: Reply): object[] {
	const id = `resp_${++answers}`;
	const response = { id, object: "response", created_at: 0, model, status: "in_progress", output: [] };
	const { item, deltas } = itemOf(reply);
	const place = { output_index: 0, item_id: item.id };
	const events = [
		{ type: "response.created", response },
		{ type: "response.output_item.added", output_index: 0, item: { ...item, ...emptied(item) } },
		...deltas.map((delta) => ({ ...delta, ...place })),
		{ type: "response.output_item.done", output_index: 0, item },
		{
			type: "response.completed",
			response: { ...response, status: "completed", output: [item], usage: USAGE },
		},
	];
	return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

const USAGE = {
	...{ input_tokens: 10, output_tokens: 5, total_tokens: 15 },
	input_tokens_details: { cached_tokens: 0 },
	output_tokens_details: { reasoning_tokens: 0 },
};

type OutputItem = { id: string; type: string; [field: string]: unknown };

function itemOf(reply: Reply): { item: OutputItem; deltas: object[] } {
	const call_id = `call_${answers}`;
	if (!("tool" in reply)) {
		const { text } = reply;
		const content = [{ type: "output_text", text, annotations: [] }];
		return {
			item: { id: `msg_${answers}`, type: "message", role: "assistant", status: "completed", content },
			deltas: pieces(text).map((delta) => ({ type: "response.output_text.delta", content_index: 0, delta })),
		};
	}
	const { tool: name, input } = reply;
	if (typeof input === "string")
		return {
			item: { id: `ctc_${answers}`, type: "custom_tool_call", status: "completed", call_id, name, input },
			deltas: halves(input).map((delta) => ({ type: "response.custom_tool_call_input.delta", delta })),
		};
	const text = JSON.stringify(input);
	return {
		item: {
			...{ id: `fc_${answers}`, type: "function_call", status: "completed" },
			...{ call_id, name, arguments: text },
		},
		deltas: halves(text).map((delta) => ({ type: "response.function_call_arguments.delta", delta })),
	};
}

function emptied({ type }: OutputItem): object {
	const status = "in_progress";
	if (type === "message") return { status, content: [] };
	return type === "function_call" ? { status, arguments: "" } : { status, input: "" };
}
