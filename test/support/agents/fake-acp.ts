/** The tests' agent as an Agent Client Protocol agent (version 1, JSON-RPC 2.0 lines), written by hand so that it can misbehave. */
import { listen, type Message, send } from "./fake-wire.ts";
import { type Outcome, play, QUESTIONS, type Talk, type ToolCall } from "./scenarios.ts";

interface Params {
	sessionId: string;
	prompt: { type: string; text?: string; mimeType?: string; data?: string }[];
	modeId: string;
	configId: string;
	value: string;
	clientCapabilities: Record<string, unknown>;
}

const MODES = ["ask", "code"];
const MODELS = ["small", "large"];

/** What was said in a conversation that is loaded. */
const EARLIER = [
	["user", "earlier question"],
	["agent", "earlier answer"],
] as const;
/** Milliseconds before each word of it, for one that is late with them. */
const LATE_MS = 100;

export async function serveAcp(options: string[]): Promise<void> {
	const answers = new Map<number, (answer: Message) => void>();
	const late = options.includes("--late");
	let asked = 0;
	let mode = "ask";
	let model = "small";
	let interrupt = (): void => {};

	function request(method: string, params: Message): { id: number; answer: Promise<Message> } {
		const id = 1000 + asked++;
		const answer = new Promise<Message>((resolve) => answers.set(id, resolve));
		send({ jsonrpc: "2.0", id, method, params });
		return { id, answer };
	}

	const modes = () => ({
		currentModeId: mode,
		availableModes: MODES.map((id) => ({ id, name: id.toUpperCase() })),
	});
	const configOptions = () => [
		{
			...{ id: "model", name: "Model", type: "select", category: "model", currentValue: model },
			options: MODELS.map((value) => ({ value, name: `The ${value} one` })),
		},
	];
	const session = () => ({ modes: modes(), configOptions: configOptions() });

	function talkIn(sessionId: string, prompt: Params["prompt"], interrupted: Promise<void>): Talk {
		const update = (update: Message) =>
			send({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update } });
		const chunk = (kind: string, text: string) =>
			update({ sessionUpdate: kind, content: { type: "text", text } });
		const permission = (call: string, command: string) =>
			request("session/request_permission", {
				sessionId,
				toolCall: { toolCallId: call, title: `Run ${command}`, kind: "execute", rawInput: { command } },
				options: [
					{ optionId: "yes", name: "Allow", kind: "allow_once" },
					{ optionId: "always", name: "Always allow", kind: "allow_always" },
					{ optionId: "no", name: "Reject", kind: "reject_once" },
				],
			});
		const call = async (method: string, params: Message): Promise<Message> => {
			const { result, error } = await request(method, { sessionId, ...params }).answer;
			if (error) throw new Error((error as { message: string }).message);
			return (result ?? {}) as Message;
		};
		const terminal = async (line: string) => {
			const [command, ...args] = line.split(" ");
			return (await call("terminal/create", { command, args, outputByteLimit: 1000 })).terminalId as string;
		};
		const specials: Record<string, (argument: string) => Promise<string>> = {
			async read(argument) {
				const [path, line, limit] = argument.split(" ");
				const window = line ? { line: Number(line), limit: Number(limit) } : {};
				return `content: ${(await call("fs/read_text_file", { path, ...window })).content}`;
			},
			async write(argument) {
				const [, path, content] = /^(\S+) ([\s\S]*)$/.exec(argument)!;
				await call("fs/write_text_file", { path, content });
				return "written";
			},
			async terminal(line) {
				const terminalId = await terminal(line);
				update({
					...{ sessionUpdate: "tool_call", toolCallId: "call-t", title: line, kind: "execute" },
					...{ status: "in_progress", content: [{ type: "terminal", terminalId }] },
				});
				const exit = await call("terminal/wait_for_exit", { terminalId });
				const { output, truncated, exitStatus } = await call("terminal/output", { terminalId });
				update({ sessionUpdate: "tool_call_update", toolCallId: "call-t", status: "completed" });
				await call("terminal/release", { terminalId });
				return JSON.stringify({ output, truncated, exitStatus, exit });
			},
			async "terminal-hold"(line) {
				await terminal(line);
				talk.text("holding");
				await interrupted;
				return "";
			},
			async "terminal-kill"(line) {
				const terminalId = await terminal(line);
				await call("terminal/kill", { terminalId });
				return JSON.stringify(await call("terminal/wait_for_exit", { terminalId }));
			},
			async switch(to) {
				mode = to;
				update({ sessionUpdate: "current_mode_update", currentModeId: to });
				return "switched";
			},
		};
		const talk: Talk = {
			text: (text) => chunk("agent_message_chunk", text),
			thought: (text) => chunk("agent_thought_chunk", text),
			tool: (() => {
				const known = new Set<string>();
				return ({ id, name, command, status, output, diff }: ToolCall) => {
					const content: Message[] = [];
					if (output !== undefined)
						content.push({ type: "content", content: { type: "text", text: output } });
					if (diff) content.push({ type: "diff", ...diff });
					const change = { toolCallId: id, status, ...(content.length > 0 ? { content } : {}) };
					if (known.has(id)) update({ sessionUpdate: "tool_call_update", ...change });
					else {
						const kind = name === "Edit" ? "edit" : "execute";
						update({ sessionUpdate: "tool_call", title: command, kind, rawInput: { command }, ...change });
					}
					known.add(id);
				};
			})(),
			plan: (entries) =>
				update({
					sessionUpdate: "plan",
					entries: entries.map((entry) => ({ ...entry, priority: "medium" })),
				}),
			ask: async (id, command) => outcomeOf(await permission(id, command).answer),
			async inquire() {
				const form = { message: "Two things", mode: "form", requestedSchema: formOf(QUESTIONS) };
				const { result, error } = (await request("elicitation/create", { sessionId, ...form }).answer) as {
					result?: { action: string; content?: unknown };
					error?: { message: string };
				};
				if (!result) return `error: ${error?.message}`;
				return result.action === "accept" ? JSON.stringify(result.content) : result.action;
			},
			async withdraw(id, command) {
				const asking = permission(id, command);
				await Bun.sleep(50);
				send({ jsonrpc: "2.0", method: "$/cancel_request", params: { requestId: asking.id } });
				return outcomeOf(await asking.answer);
			},
			raw: (text) => process.stdout.write(text),
			badUpdate() {
				update({ sessionUpdate: "agent_message_chunk" });
				update({ sessionUpdate: "tomorrow's kind" });
			},
			model,
			mode,
			images: prompt.flatMap(({ type, mimeType, data }) =>
				type === "image" ? [{ mediaType: mimeType!, bytes: Buffer.from(data!, "base64").length }] : [],
			),
			interrupted,
			async special(name, argument) {
				const special = Object.hasOwn(specials, name) ? specials[name] : undefined;
				if (!special) return false;
				talk.text(await special(argument).catch((error) => `refused: ${(error as Error).message}`));
				return true;
			},
		};
		return talk;
	}

	const requests: Record<string, (params: Params) => Promise<Message>> = {
		async initialize({ clientCapabilities }) {
			return {
				protocolVersion: 1,
				agentCapabilities: {
					loadSession: !options.includes("--no-load"),
					promptCapabilities: { image: !options.includes("--no-images") },
					sessionCapabilities: options.includes("--no-resume") ? {} : { resume: {} },
				},
				authMethods: [{ id: "login", name: "Log in", description: "run fake-agent login" }],
				agentInfo: { name: late ? "gemini-cli" : "fake", version: "1.0.0" },
				_meta: { clientCapabilities },
			};
		},
		async "session/new"() {
			if (options.includes("--login")) throw new RpcError(-32000, "Authentication required");
			return { sessionId: crypto.randomUUID(), ...session() };
		},
		async "session/load"({ sessionId }) {
			if (sessionId === "gone") throw new RpcError(-32002, "Resource not found");
			const replay = async () => {
				for (const [role, text] of EARLIER) {
					if (late) await Bun.sleep(LATE_MS);
					const update = { sessionUpdate: `${role}_message_chunk`, content: { type: "text", text } };
					send({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update } });
				}
			};
			const told = replay();
			if (!late) await told;
			return session();
		},
		async "session/resume"({ sessionId }) {
			if (sessionId === "gone") throw new RpcError(-32002, "Resource not found");
			return session();
		},
		async "session/set_mode"({ modeId }) {
			if (!MODES.includes(modeId)) throw new RpcError(-32602, `there is no mode ${modeId}`);
			mode = modeId;
			return {};
		},
		async "session/set_config_option"({ value }) {
			if (!MODELS.includes(value)) throw new RpcError(-32602, `there is no model ${value}`);
			model = value;
			return { configOptions: configOptions() };
		},
		async "session/prompt"({ sessionId, prompt }) {
			const interrupted = new Promise<void>((resolve) => {
				interrupt = resolve;
			});
			const text = prompt.find(({ type }) => type === "text")?.text ?? "";
			const end = await play(text, talkIn(sessionId, prompt, interrupted));
			if (end === "error") throw new RpcError(-32603, "Internal error");
			return { stopReason: end };
		},
	};

	await listen((message) => {
		const { id, method, params } = message as { id?: number; method?: string; params: Params };
		if (method === undefined) {
			answers.get(id!)?.(message);
			answers.delete(id!);
		} else if (id === undefined) {
			if (method === "session/cancel") interrupt();
		} else {
			const handler = Object.hasOwn(requests, method) ? requests[method]! : null;
			const result = handler?.(params) ?? Promise.reject(new RpcError(-32601, "Method not found"));
			result.then(
				(value) => send({ jsonrpc: "2.0", id, result: value }),
				(error: RpcError) =>
					send({ jsonrpc: "2.0", id, error: { code: error.code ?? -32603, message: error.message } }),
			);
		}
	});
}

class RpcError extends Error {
	constructor(
		readonly code: number,
		message: string,
	) {
		super(message);
	}
}

/** `allow:yes`, `reject:no`, `cancelled`, or the error that came instead. */
function outcomeOf(answer: Message): Outcome {
	const { result, error } = answer as {
		result?: { outcome: { outcome: string; optionId?: string } };
		error?: { message: string };
	};
	if (!result) return `error: ${error?.message}`;
	const { outcome, optionId } = result.outcome;
	if (outcome !== "selected") return outcome;
	return optionId === "no" ? "reject:no" : `allow:${optionId}`;
}

function formOf(questions: typeof QUESTIONS): Message {
	const fields = questions.map(({ question, header, multiSelect, options }, index) => {
		const choices = options.map(({ label }) => ({ const: label, title: label }));
		const about = { title: header, description: question };
		const field = multiSelect
			? { type: "array", ...about, items: { anyOf: choices } }
			: { type: "string", ...about, oneOf: choices };
		return [String(index + 1), field];
	});
	return { type: "object", properties: Object.fromEntries(fields), required: ["1"] };
}
