/**
 * The Agent Client Protocol (https://agentclientprotocol.com, version 1) through its official SDK, with Berth as the client. The SDK
 * matches requests with answers and checks what the agent asks for. Lines and updates are read here: the SDK would answer what is no
 * message, and drop an update that it does not know without a word.
 */
import {
	type AnyMessage,
	type ClientConnection,
	type CreateElicitationRequest,
	type CreateElicitationResponse,
	client,
	methods,
	PROTOCOL_VERSION,
	RequestError,
	type RequestPermissionRequest,
	type RequestPermissionResponse,
	type Stream,
} from "@agentclientprotocol/sdk";
import type { ItemBody } from "../../../contract/conversation.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { PermissionOption } from "../../../contract/permission.ts";
import { VERSION } from "../../../contract/version.ts";
import { Garbled, isJson, type Json, jsonOf, listOf, numberOf, textOf } from "../json.ts";
import type { Desk, PromptImage, Protocol, TurnEnd } from "../protocol.ts";
import type { Outcome } from "../request.ts";
import { Choices } from "./choices.ts";
import { subjectOf } from "./content.ts";
import { Form } from "./elicitation.ts";
import { readTextFile, writeTextFile } from "./files.ts";
import { Terminals } from "./terminals.ts";
import { Updates } from "./updates.ts";

/** JSON-RPC error of the protocol: the agent wants a login first. */
const AUTH_REQUIRED = -32000;

/** What Berth does for an agent. */
const clientCapabilities = {
	fs: { readTextFile: true, writeTextFile: true },
	terminal: true,
	session: { notices: {} },
	// Not those that send a person to a web page: Berth opens no pages for others.
	elicitation: { form: {} },
};

/**
 * Milliseconds. Gemini CLI goes on telling of an earlier conversation after it has answered that it is loaded, and never says that all
 * is told: it is when nothing has come for so long, or at the limit.
 */
const TOLD = { rest: 500, limit: 10_000 };

/**
 * How Gemini CLI names itself. Offered the client's files it can make no new one: it reads first, and does not know the client's answer
 * that there is none (google-gemini/gemini-cli#17588). So it is told anew, once it is known, that it has to read and write by itself.
 */
const GEMINI = "gemini-cli";

type ToolBody = Extract<ItemBody, { type: "tool" }>;

/** What a form is answered with. */
const ANSWER: PermissionOption = { id: "accept", name: "Answer", kind: "allow_once" };
const DECLINE: PermissionOption = { id: "decline", name: "Decline", kind: "reject_once" };

export class Acp implements Protocol {
	readonly evidence = {
		...{ ready: "session/new", busy: "session/prompt", idle: "session/prompt" },
		permission: methods.client.session.requestPermission,
		question: methods.client.elicitation.create,
	};
	readonly #desk: Desk;
	readonly #choices = new Choices();
	readonly #terminals: Terminals;
	readonly #updates: Updates;
	readonly #connection: ClientConnection;
	#incoming!: ReadableStreamDefaultController<AnyMessage>;
	#sessionId = "";
	/** Updates so far. */
	#heard = 0;
	#login = "";
	#program = "";

	constructor(desk: Desk) {
		this.#desk = desk;
		const { cwd, env } = desk;
		this.#terminals = new Terminals({ cwd, env, onLast: (id) => this.#updates.terminalEnded(id) });
		this.#updates = new Updates(desk, this.#choices, this.#terminals);
		this.#connection = this.#connect();
	}

	async open(): Promise<void> {
		const answer = await this.#initialize(clientCapabilities);
		if (answer.protocolVersion !== PROTOCOL_VERSION) {
			const detail = `the agent speaks version ${answer.protocolVersion} of the protocol, Berth ${PROTOCOL_VERSION}`;
			throw new BerthError("agent_refused", detail);
		}
		this.#login = listOf(answer.authMethods)
			.map(({ name, description }) => [name, description].filter((text) => text).join(": "))
			.join("; ");
		this.#program = textOf(jsonOf(answer.agentInfo).name) ?? "";
		if (this.#program === GEMINI) await this.#initialize({ ...clientCapabilities, fs: {} });
		const capabilities = jsonOf(answer.agentCapabilities);
		this.#desk.learned({ images: jsonOf(capabilities.promptCapabilities).image === true });
		const session = (await this.#earlier(capabilities)) ?? (await this.#newSession());
		this.#desk.learned({ conversation: this.#sessionId, ...this.#choices.session(session) });
		const { model, mode } = this.#desk.choice;
		if (model !== null) await this.#insist(this.setModel(model));
		if (mode !== null) await this.#insist(this.setMode(mode));
	}

	async prompt(text: string, images: PromptImage[]): Promise<TurnEnd> {
		const words = text === "" ? [] : [{ type: "text", text }];
		const pictures = images.map(({ mediaType, content }) => {
			return { type: "image", mimeType: mediaType, data: content.toString("base64") };
		});
		this.#endReplay();
		const costBefore = this.#updates.costUsd ?? 0;
		const answer = await this.#ask(methods.agent.session.prompt, { prompt: [...words, ...pictures] });
		const { stopReason, usage } = jsonOf(answer);
		return turnEnd(textOf(stopReason), jsonOf(usage), (this.#updates.costUsd ?? 0) - costBefore);
	}

	interrupt(): void {
		const { report } = this.#desk;
		const params = { sessionId: this.#sessionId };
		this.#connection.agent.notify(methods.agent.session.cancel, params).catch(report);
	}

	async setModel(model: string): Promise<void> {
		this.#desk.learned(await this.#choices.choose("model", model, (...call) => this.#ask(...call)));
	}

	async setMode(mode: string): Promise<void> {
		this.#desk.learned(await this.#choices.choose("mode", mode, (...call) => this.#ask(...call)));
	}

	receive(line: string): void {
		if (line.trim() === "") return;
		const message = parsed(line);
		if (message === null) this.#desk.garbled(line);
		else if ("method" in message && message.method === methods.client.session.update)
			this.#update(message.params);
		else this.#incoming.enqueue(message);
	}

	close(): void {
		this.#terminals.close();
		this.#connection.close(new BerthError("session_ended", "the agent has ended"));
	}

	owns(pid: number): boolean {
		return this.#terminals.owns(pid);
	}

	#connect(): ClientConnection {
		const stream: Stream = {
			readable: new ReadableStream({
				start: (controller) => {
					this.#incoming = controller;
				},
			}),
			writable: new WritableStream({ write: (message) => this.#desk.send(message) }),
		};
		const { session, fs, terminal, elicitation } = methods.client;
		const terminals = this.#terminals;
		return client({ name: "berth" })
			.onRequest(session.requestPermission, ({ params, signal }) => this.#permission(params, signal))
			.onRequest(elicitation.create, ({ params, signal }) => this.#elicitation(params, signal))
			.onRequest(fs.readTextFile, ({ params }) => readTextFile(params))
			.onRequest(fs.writeTextFile, ({ params }) => writeTextFile(params))
			.onRequest(terminal.create, ({ params }) => terminals.create(params))
			.onRequest(terminal.output, ({ params }) => terminals.output(params.terminalId))
			.onRequest(terminal.waitForExit, ({ params }) => terminals.waitForExit(params.terminalId))
			.onRequest(terminal.kill, ({ params }) => terminals.kill(params.terminalId))
			.onRequest(terminal.release, ({ params }) => terminals.release(params.terminalId))
			.connect(stream);
	}

	async #initialize(offered: Json): Promise<Json> {
		const clientInfo = { name: "berth", title: "Berth", version: VERSION };
		const params = { protocolVersion: PROTOCOL_VERSION, clientInfo, clientCapabilities: offered };
		return jsonOf(await this.#request(methods.agent.initialize, params));
	}

	/** The conversation that was begun earlier; null when there was none, or the agent cannot go on with it, which is told. */
	async #earlier(capabilities: Json): Promise<Json | null> {
		const { choice, generation, transcript, cwd } = this.#desk;
		if (choice.conversation === null) return null;
		const resumes = isJson(jsonOf(capabilities.sessionCapabilities).resume);
		const loads = capabilities.loadSession === true;
		if (!resumes && !loads) {
			transcript.notice("warning", "the agent cannot go on with an earlier conversation; this is a new one");
			return null;
		}
		this.#sessionId = choice.conversation;
		// What a restarted worker's agent has said is known; a conversation from elsewhere is told from its beginning.
		const load = loads && (generation === 1 || !resumes);
		this.#updates.replay = generation === 1 ? "kept" : "known";
		try {
			const method = load ? methods.agent.session.load : methods.agent.session.resume;
			const session = jsonOf(await this.#ask(method, { cwd, mcpServers: [] }));
			if (load && this.#program === GEMINI) await this.#told();
			// What one that loads tells after all, until the first prompt, is still of the earlier conversation.
			if (!load) this.#endReplay();
			transcript.endMessage();
			return session;
		} catch (error) {
			this.#endReplay();
			if (!(error instanceof BerthError) || error.code !== "agent_refused") throw error;
			const why = error.message;
			transcript.notice("warning", `the earlier conversation could not be found (${why}); this is a new one`);
			return null;
		}
	}

	async #told(): Promise<void> {
		const deadline = performance.now() + TOLD.limit;
		for (let known = -1; known !== this.#heard && performance.now() < deadline; ) {
			known = this.#heard;
			await Bun.sleep(TOLD.rest);
		}
	}

	#endReplay(): void {
		if (this.#updates.replay === null) return;
		this.#updates.replay = null;
		this.#desk.transcript.endMessage();
	}

	async #newSession(): Promise<Json> {
		const { cwd } = this.#desk;
		const session = jsonOf(await this.#request(methods.agent.session.new, { cwd, mcpServers: [] }));
		const id = textOf(session.sessionId);
		if (id === null) throw new BerthError("agent_refused", "the agent began a conversation without an id");
		this.#sessionId = id;
		return session;
	}

	/** What was chosen before the start must not keep the agent from starting. */
	async #insist(choosing: Promise<void>): Promise<void> {
		await choosing.catch((error) => {
			if (!(error instanceof BerthError)) throw error;
			this.#desk.transcript.notice("warning", error.message);
		});
	}

	#update(params: unknown): void {
		const { sessionId } = jsonOf(params);
		// Of a conversation that is not this one, as an agent's own helpers have.
		if (this.#sessionId !== "" && sessionId !== this.#sessionId) return;
		this.#heard++;
		try {
			this.#updates.take(params);
		} catch (error) {
			if (!(error instanceof Garbled)) throw error;
			this.#desk.garbled(error.message);
		}
	}

	#permission(
		{ toolCall, options }: RequestPermissionRequest,
		signal: AbortSignal,
	): Promise<RequestPermissionResponse> {
		const call = this.#updates.tool(toolCall as unknown as Json);
		const known = this.#desk.transcript.toolCall(call)!;
		const tool = known.name ?? known.kind;
		const { promise, resolve } = Promise.withResolvers<RequestPermissionResponse>();
		const id = this.#desk.ask({
			...{ call, tool, kind: known.kind, title: known.title || tool, input: known.input },
			subject: this.#subjectOf(tool, known),
			options: options.map(({ optionId, name, kind }) => ({ id: optionId, name, kind })),
			respond: (outcome) => resolve(answerOf(outcome)),
		});
		signal.addEventListener("abort", () => this.#desk.withdraw(id));
		return promise;
	}

	/**
	 * What rules look at. Gemini CLI asks without the input, and its title is the whole command; another agent's may be a model's own
	 * words, which must not make a rule fit.
	 */
	#subjectOf(tool: string, { kind, title, input, locations }: ToolBody): string {
		const titled = this.#program === GEMINI && kind === "execute" && input === null;
		return titled ? title : subjectOf(tool, input, locations);
	}

	#elicitation(params: CreateElicitationRequest, signal: AbortSignal): Promise<CreateElicitationResponse> {
		const { message, mode, toolCallId, requestedSchema } = params as unknown as Json;
		if (mode !== "form") throw RequestError.invalidParams(undefined, "Berth offers forms only");
		const title = textOf(message) ?? "";
		const form = new Form(title, requestedSchema);
		// Whoever has nothing to say has agreed to nothing either.
		if (form.questions.length === 0) throw RequestError.invalidParams(undefined, "a form without fields");
		const call = textOf(toolCallId);
		const tool = (call !== null && this.#desk.transcript.toolCall(call)?.name) || "elicitation";
		const { promise, resolve } = Promise.withResolvers<CreateElicitationResponse>();
		const id = this.#desk.ask({
			...{ call, tool, kind: "other", title, subject: "", input: requestedSchema },
			...{ options: [ANSWER, DECLINE], questions: form.questions },
			respond({ answers, cancelled }) {
				if (answers) resolve({ action: "accept", content: form.content(answers) });
				else resolve({ action: cancelled ? "cancel" : "decline" });
			},
		});
		signal.addEventListener("abort", () => this.#desk.withdraw(id));
		return promise;
	}

	/** A request of this conversation. */
	#ask(method: string, params: Json): Promise<unknown> {
		return this.#request(method, { sessionId: this.#sessionId, ...params });
	}

	/** Rejects with `agent_refused` and what the agent said. */
	async #request(method: string, params: Json): Promise<unknown> {
		try {
			return await this.#connection.agent.request<unknown, Json>(method, params);
		} catch (error) {
			if (!(error instanceof RequestError)) throw error;
			if (error.code === AUTH_REQUIRED) {
				const how = this.#login === "" ? "" : ` (${this.#login})`;
				throw new BerthError("agent_refused", `the agent wants somebody to log in first${how}`);
			}
			const details = textOf(jsonOf(error.data).details) ?? textOf(jsonOf(error.data).message);
			throw new BerthError(
				"agent_refused",
				details === null ? error.message : `${error.message}: ${details}`,
			);
		}
	}
}

/** Null for what is no message of the protocol. */
function parsed(line: string): AnyMessage | null {
	let message: unknown;
	try {
		message = JSON.parse(line);
	} catch {
		return null;
	}
	if (!isJson(message) || message.jsonrpc !== "2.0") return null;
	return typeof message.method === "string" || "id" in message ? (message as AnyMessage) : null;
}

/** Without an option there is no yes. */
function answerOf({ optionId, cancelled }: Outcome): RequestPermissionResponse {
	return {
		outcome: cancelled || optionId === null ? { outcome: "cancelled" } : { outcome: "selected", optionId },
	};
}

function turnEnd(stopReason: string | null, usage: Json, costUsd: number): TurnEnd {
	const outcome = stopReason === "cancelled" ? "stopped" : stopReason === "refusal" ? "failed" : "completed";
	const counts: NonNullable<TurnEnd["usage"]> = {};
	const inputTokens = numberOf(usage.inputTokens);
	const outputTokens = numberOf(usage.outputTokens);
	if (inputTokens !== null) counts.inputTokens = inputTokens;
	if (outputTokens !== null) counts.outputTokens = outputTokens;
	if (costUsd > 0) counts.costUsd = costUsd;
	return {
		...{ outcome, stopReason, answer: null },
		detail: outcome === "failed" ? "the agent refused to go on" : null,
		usage: Object.keys(counts).length > 0 ? counts : null,
	};
}
