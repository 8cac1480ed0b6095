/** Google's Gemini API with streaming (https://ai.google.dev/api/generate-content), as Gemini CLI calls it. */
import { eventStream, hear, newQuestion, pieces, type Question, type Reply, type Wire } from "./wire.ts";

interface Part {
	text?: string;
	inlineData?: { mimeType: string };
	functionResponse?: { name: string; response: Record<string, unknown> };
}

interface Body {
	contents: { role?: string; parts: Part[] }[];
	tools?: { functionDeclarations?: { name: string }[] }[];
}

/** `/v1beta/models/MODEL:METHOD`. */
const PATH = /\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;

export const gemini: Wire = async (request, ask) => {
	const [, model, method] = PATH.exec(new URL(request.url).pathname) ?? [];
	if (request.method !== "POST" || model === undefined) return null;
	if (method === "countTokens") return Response.json({ totalTokens: 10 });
	const body = (await request.json()) as Body;
	const chunks = chunksOf(model, await ask(questionOf(model, body)));
	return method === "streamGenerateContent" ? eventStream(chunks) : Response.json(whole(chunks));
};

function questionOf(model: string, { contents, tools = [] }: Body): Question {
	const names = tools.flatMap(({ functionDeclarations = [] }) =>
		functionDeclarations.map(({ name }) => name),
	);
	const question = newQuestion(model, names);
	for (const { role = "user", parts } of contents) {
		if (role === "model") continue;
		for (const { text, inlineData, functionResponse } of parts) {
			if (functionResponse) question.results.push(resultOf(functionResponse.response));
			else if (inlineData) question.images.push(inlineData.mimeType);
			else hear(question, text ?? "");
		}
	}
	return question;
}

function resultOf({ output, error }: Record<string, unknown>): string {
	return String(output ?? error ?? "");
}

interface Chunk {
	candidates: { content: { role: "model"; parts: object[] }; index: number; finishReason?: string }[];
	[field: string]: unknown;
}

function chunksOf(modelVersion: string, reply: Reply): Chunk[] {
	const parts =
		"tool" in reply
			? [{ functionCall: { name: reply.tool, args: reply.input } }]
			: pieces(reply.text).map((text) => ({ text }));
	return parts.map((part, index) => {
		const last = index === parts.length - 1;
		return {
			candidates: [
				{
					...{ index: 0, content: { role: "model", parts: [part] } },
					...(last ? { finishReason: "STOP" } : {}),
				},
			],
			usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
			modelVersion,
		};
	});
}

function whole(chunks: readonly Chunk[]): Chunk {
	const last = chunks.at(-1)!;
	const parts = chunks.flatMap(({ candidates }) => candidates[0]!.content.parts);
	return { ...last, candidates: [{ ...last.candidates[0]!, content: { role: "model", parts } }] };
}
