/**
 * The API of a language model on loopback, with scripted answers, in the wire formats that agents of the npm registry call: Anthropic's,
 * OpenAI's and Google's. Nothing leaves the machine.
 */
import { anthropic } from "./wires/anthropic.ts";
import { gemini } from "./wires/gemini.ts";
import { responses } from "./wires/responses.ts";
import type { Question, Reply, Wire } from "./wires/wire.ts";

export type { Question, Reply } from "./wires/wire.ts";

const wires: readonly Wire[] = [anthropic, responses, gemini];

export class ModelApi implements AsyncDisposable {
	readonly #server: Bun.Server<undefined>;
	readonly #reply: (question: Question) => Reply | null;
	readonly questions: Question[] = [];
	/** Requests that no scripted model has an answer to. */
	readonly strangers: string[] = [];

	readonly #stopped = Promise.withResolvers<Reply>();

	/** `reply` says null for a model that thinks until the agent gives up. */
	constructor(reply: (question: Question) => Reply | null) {
		this.#reply = reply;
		this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#serve(request) });
	}

	get url(): string {
		return `http://127.0.0.1:${this.#server.port}`;
	}

	async #serve(request: Request): Promise<Response> {
		for (const wire of wires) {
			const response = await wire(request, (question) => this.#answer(question));
			if (response) return response;
		}
		const { pathname } = new URL(request.url);
		this.strangers.push(`${request.method} ${pathname}`);
		return Response.json(
			{ type: "error", error: { type: "not_found_error", message: pathname } },
			{ status: 404 },
		);
	}

	async #answer(question: Question): Promise<Reply> {
		// Agents ask on the side as well, for a title as an example: then there are no tools.
		if (question.tools.length === 0) return { text: "A title" };
		this.questions.push(question);
		return this.#reply(question) ?? (await this.#stopped.promise);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped.resolve({ text: "" });
		await this.#server.stop(true);
	}
}
