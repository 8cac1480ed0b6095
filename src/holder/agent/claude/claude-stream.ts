/**
 * Claude Code's stream-json, as `claude --print --input-format stream-json --output-format stream-json --verbose
 * --include-partial-messages --permission-prompt-tool stdio` speaks it: messages of its SDK, and control requests both ways for what is
 * not a message. Looked up in @anthropic-ai/claude-agent-sdk 0.3.185 and tried with Claude Code 2.1.197.
 *
 *   to the agent     {"type":"user","message":{…}} · {"type":"control_request","request_id","request":{"subtype":…}}
 *   from the agent   {"type":"system"|"assistant"|"user"|"stream_event"|"result",…} · {"type":"control_request",…can_use_tool}
 *   both ways        {"type":"control_response","response":{"subtype":"success"|"error","request_id",…}}
 */
import { claudeAnswers, claudeQuestions, QUESTION_TOOL } from "../../../contract/claude-questions.ts";
import { claudeToolCall } from "../../../contract/claude-tools.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { PermissionOption } from "../../../contract/permission.ts";
import type { Question } from "../../../contract/question.ts";
import { Garbled, isJson, type Json, jsonOf, listOf, needJson, needText, numberOf, textOf } from "../json.ts";
import type { Desk, PromptImage, Protocol, TurnEnd } from "../protocol.ts";
import type { Outcome } from "../request.ts";
import { Messages } from "./messages.ts";

/** As `claude --help` lists them: the agent does not tell. */
const MODES = ["default", "acceptEdits", "plan", "bypassPermissions", "dontAsk", "auto"];

const ALLOW: PermissionOption = { id: "allow", name: "Allow", kind: "allow_once" };
const ALWAYS: PermissionOption = { id: "allow_always", name: "Always allow", kind: "allow_always" };
const DENY: PermissionOption = { id: "deny", name: "Deny", kind: "reject_once" };

export class ClaudeStream implements Protocol {
	readonly evidence = {
		...{ ready: "initialize", busy: "user", idle: "result", permission: "can_use_tool" },
		question: QUESTION_TOOL,
	};
	readonly #desk: Desk;
	readonly #messages: Messages;
	/** Our control requests that wait for their answer. */
	readonly #controls = new Map<string, PromiseWithResolvers<Json>>();
	/** The agent's requests for permission by its own ids; the values are ours. */
	readonly #asked = new Map<string, string>();
	#turn: PromiseWithResolvers<TurnEnd> | null = null;
	#requests = 0;
	#model: string | null = null;

	constructor(desk: Desk) {
		this.#desk = desk;
		this.#messages = new Messages(desk);
	}

	async open(): Promise<void> {
		const answer = await this.#control({ subtype: "initialize" });
		const models = listOf(answer.models).flatMap(({ value, displayName }) =>
			typeof value === "string" ? [{ id: value, name: textOf(displayName) ?? value }] : [],
		);
		const { conversation } = this.#desk.choice;
		this.#desk.learned({
			...{ images: true, models, modes: MODES.map((id) => ({ id, name: id })) },
			...(conversation === null ? {} : { conversation }),
		});
	}

	prompt(text: string, images: PromptImage[]): Promise<TurnEnd> {
		const pictures = images.map(({ mediaType, content }) => {
			const source = { type: "base64", media_type: mediaType, data: content.toString("base64") };
			return { type: "image", source };
		});
		const words = text === "" ? [] : [{ type: "text", text }];
		this.#turn = Promise.withResolvers();
		this.#desk.send({
			...{ type: "user", session_id: "", parent_tool_use_id: null },
			message: { role: "user", content: [...pictures, ...words] },
		});
		return this.#turn.promise;
	}

	interrupt(): void {
		this.#control({ subtype: "interrupt" }).catch((error) =>
			this.#desk.garbled(BerthError.from(error).message),
		);
	}

	async setModel(model: string): Promise<void> {
		await this.#control({ subtype: "set_model", model });
		this.#desk.learned({ model });
	}

	async setMode(mode: string): Promise<void> {
		await this.#control({ subtype: "set_permission_mode", mode });
		this.#desk.learned({ mode });
	}

	receive(line: string): void {
		if (line.trim() === "") return;
		const message = parsed(line);
		const kind = message === null ? null : textOf(message.type);
		if (message === null || kind === null) {
			this.#desk.garbled(line);
			return;
		}
		try {
			if (Object.hasOwn(this.#kinds, kind)) this.#kinds[kind]!(message);
		} catch (error) {
			if (!(error instanceof Garbled)) throw error;
			this.#desk.garbled(`${kind}: ${error.message}`);
		}
	}

	close(): void {
		const gone = new BerthError("session_ended", "the agent has ended");
		for (const control of this.#controls.values()) control.reject(gone);
		this.#controls.clear();
	}

	owns(): boolean {
		return false;
	}

	/** What else comes (hooks, progress, limits) is the agent's own affair. */
	readonly #kinds: Record<string, (message: Json) => void> = {
		system: (message) => this.#system(message),
		stream_event: (message) => {
			// It may begin by itself, when something that it left running has ended.
			if (jsonOf(message.event).type === "message_start") this.#desk.working(true);
			this.#messages.event(message);
		},
		assistant: (message) => this.#messages.assistant(message),
		user: (message) => {
			// Those that are replayed were told when they were new.
			if (message.isReplay !== true) this.#messages.user(message);
		},
		result: (message) => this.#result(message),
		control_request: (message) => this.#asks(message),
		control_cancel_request: (message) => {
			const id = this.#asked.get(needText(message.request_id, "the id of a request"));
			if (id !== undefined) this.#desk.withdraw(id);
		},
		control_response: (message) => this.#answered(needJson(message.response, "the response")),
	};

	#system(message: Json): void {
		const { subtype } = message;
		const mode = textOf(message.permissionMode);
		if (subtype === "init" || subtype === "status") {
			const conversation = textOf(message.session_id);
			this.#desk.learned({
				...(conversation === null ? {} : { conversation }),
				...(mode === null ? {} : { mode }),
			});
			this.#runs(textOf(message.model));
		} else if (subtype === "compact_boundary") {
			this.#desk.transcript.notice("info", "the agent has summed up the conversation to go on with");
		} else if (subtype === "api_retry" || subtype === "api_error") {
			this.#desk.transcript.notice("warning", textOf(message.error) ?? "the model's service was asked again");
		}
	}

	/**
	 * The full name of the model that answers. It is told and not taken for the choice: a short name, or none, is to mean the newest
	 * model at the next start as well.
	 */
	#runs(model: string | null): void {
		if (model === null || model === this.#model) return;
		this.#model = model;
		this.#desk.transcript.notice("info", `the model is ${model}`);
	}

	#result(message: Json): void {
		const end = turnEnd(message);
		const turn = this.#turn;
		this.#turn = null;
		if (turn) turn.resolve(end);
		else this.#desk.working(false);
	}

	/** The agent asks us something. */
	#asks(message: Json): void {
		const requestId = needText(message.request_id, "the id of a request");
		const request = needJson(message.request, "the request");
		if (request.subtype === "can_use_tool") this.#permission(requestId, request);
		else {
			const error = `Berth does not answer ${JSON.stringify(request.subtype)}`;
			this.#respond({ subtype: "error", request_id: requestId, error });
		}
	}

	#permission(requestId: string, request: Json): void {
		const tool = needText(request.tool_name, "the name of a tool");
		const input = needJson(request.input, "the input of a tool");
		const call = textOf(request.tool_use_id);
		const suggestions = listOf(request.permission_suggestions);
		const { kind, title, subject } = claudeToolCall(tool, input);
		const questions = claudeQuestions(tool, input);
		if (call !== null && this.#desk.transcript.toolCall(call))
			this.#desk.transcript.tool(call, { status: "pending" });
		const id = this.#desk.ask({
			...{ call, tool, kind, title, subject, input, questions },
			options: suggestions.length > 0 ? [ALLOW, ALWAYS, DENY] : [ALLOW, DENY],
			respond: (outcome) => {
				this.#asked.delete(requestId);
				const response = answerOf(outcome, input, suggestions, questions);
				this.#respond({ subtype: "success", request_id: requestId, response });
				if (call !== null && outcome.decision === "allow" && this.#desk.transcript.toolCall(call))
					this.#desk.transcript.tool(call, { status: "running" });
			},
		});
		this.#asked.set(requestId, id);
	}

	#respond(response: Json): void {
		this.#desk.send({ type: "control_response", response });
	}

	/** Rejects with `agent_refused` and what the agent said. */
	#control(request: Json): Promise<Json> {
		const id = `berth-${++this.#requests}`;
		const waiting = Promise.withResolvers<Json>();
		this.#controls.set(id, waiting);
		this.#desk.send({ type: "control_request", request_id: id, request });
		return waiting.promise;
	}

	#answered(response: Json): void {
		const id = needText(response.request_id, "the id of a request");
		const waiting = this.#controls.get(id);
		if (!waiting) throw new Garbled(`an answer to ${id}, which was not asked`);
		this.#controls.delete(id);
		if (response.subtype === "success") waiting.resolve(jsonOf(response.response));
		else waiting.reject(new BerthError("agent_refused", textOf(response.error) ?? "the agent refused"));
	}
}

function parsed(line: string): Json | null {
	try {
		const message: unknown = JSON.parse(line);
		return isJson(message) ? message : null;
	} catch {
		return null;
	}
}

/** Claude Code's PermissionResult. A denial that ends the turn says so, or the model would try another way. */
function answerOf(
	{ decision, optionId, answers, cancelled, reason }: Outcome,
	input: Json,
	suggestions: Json[],
	questions: Question[],
): Json {
	if (decision !== "allow")
		return { behavior: "deny", message: reason ?? "The user does not want this.", interrupt: cancelled };
	if (answers)
		return { behavior: "allow", updatedInput: { ...input, answers: claudeAnswers(questions, answers) } };
	return optionId === ALWAYS.id
		? { behavior: "allow", updatedInput: input, updatedPermissions: suggestions }
		: { behavior: "allow", updatedInput: input };
}

function turnEnd(message: Json): TurnEnd {
	const failed = message.is_error === true;
	const errors = Array.isArray(message.errors)
		? message.errors.filter((error) => typeof error === "string")
		: [];
	const result = textOf(message.result);
	const usage = jsonOf(message.usage);
	const counts: NonNullable<TurnEnd["usage"]> = {};
	const inputTokens = numberOf(usage.input_tokens);
	const outputTokens = numberOf(usage.output_tokens);
	const costUsd = numberOf(message.total_cost_usd);
	if (inputTokens !== null) counts.inputTokens = inputTokens;
	if (outputTokens !== null) counts.outputTokens = outputTokens;
	if (costUsd !== null) counts.costUsd = costUsd;
	const refused = message.stop_reason === "refusal";
	return {
		outcome: failed || refused ? "failed" : "completed",
		stopReason: textOf(message.stop_reason) ?? textOf(message.subtype),
		detail: failed
			? (errors[0] ?? result ?? textOf(message.subtype))
			: refused
				? "the agent refused to go on"
				: null,
		answer: failed || result === "" ? null : result,
		usage: Object.keys(counts).length > 0 ? counts : null,
	};
}
