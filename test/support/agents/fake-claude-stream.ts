/** The tests' agent as Claude Code's stream-json (`--input-format stream-json --output-format stream-json --permission-prompt-tool stdio`). */
import { listen, type Message, optionValue, send } from "./fake-wire.ts";
import { isDeaf, type Outcome, play, QUESTIONS, type Talk } from "./scenarios.ts";

interface Incoming {
	type: string;
	request_id?: string;
	request?: { subtype: string; model?: string; mode?: string };
	response?: { request_id: string; response?: Message; error?: string };
	message?: { content: { type: string; text?: string; source?: { media_type: string; data: string } }[] };
}

const MODES = ["default", "acceptEdits", "plan"];

export async function serveClaudeStream(options: string[]): Promise<void> {
	const resumed = optionValue(options, "--resume");
	if (resumed === "gone") {
		console.error("No conversation found with session ID: gone");
		process.exit(1);
	}
	const session_id = resumed ?? crypto.randomUUID();
	const answers = new Map<string, (answer: Incoming["response"]) => void>();
	let model = optionValue(options, "--model") ?? "small";
	let mode = optionValue(options, "--permission-mode") ?? "default";
	let asked = 0;
	let messages = 0;
	let interrupt = (): void => {};

	const out = (message: Message) => send({ ...message, session_id, uuid: crypto.randomUUID() });
	const event = (event: Message) => out({ type: "stream_event", event, parent_tool_use_id: null });

	function permission(call: string, command: string): { id: string; answer: Promise<Outcome> } {
		const id = `ask-${++asked}`;
		const answer = new Promise<Outcome>((resolve) => answers.set(id, (told) => resolve(outcomeOf(told))));
		send({
			type: "control_request",
			request_id: id,
			request: {
				...{ subtype: "can_use_tool", tool_name: "Bash", input: { command }, tool_use_id: call },
				permission_suggestions: [
					{
						...{ type: "addRules", behavior: "allow", destination: "localSettings" },
						rules: [{ toolName: "Bash", ruleContent: command }],
					},
				],
			},
		});
		return { id, answer };
	}

	/** The answers as Claude Code's tool reads them, or the denial. */
	function inquiry(): Promise<Outcome> {
		const id = `ask-${++asked}`;
		const input = { questions: QUESTIONS };
		send({
			type: "control_request",
			request_id: id,
			request: { subtype: "can_use_tool", tool_name: "AskUserQuestion", input, tool_use_id: "call-q" },
		});
		return new Promise((resolve) =>
			answers.set(id, (told) => {
				const { answers } = (told?.response?.updatedInput ?? {}) as { answers?: unknown };
				resolve(answers ? JSON.stringify(answers) : outcomeOf(told));
			}),
		);
	}

	/** The message as a whole, and its end. */
	function end(id: string, whole: Message): void {
		out({
			...{ type: "assistant", parent_tool_use_id: null },
			message: { id, role: "assistant", model, content: [whole] },
		});
		event({ type: "content_block_stop", index: 0 });
		event({ type: "message_stop" });
	}

	/** One block of an assistant's message, streamed and then whole, as Claude Code sends it. */
	function block(start: Message, deltas: Message[], whole: Message): void {
		const id = `msg_${++messages}`;
		event({ type: "message_start", message: { id, role: "assistant", content: [] } });
		event({ type: "content_block_start", index: 0, content_block: start });
		for (const delta of deltas) event({ type: "content_block_delta", index: 0, delta });
		end(id, whole);
	}

	async function turn(content: NonNullable<Incoming["message"]>["content"]): Promise<void> {
		const interrupted = new Promise<void>((resolve) => {
			interrupt = resolve;
		});
		out({ type: "system", subtype: "init", model, permissionMode: mode, tools: ["Bash", "Edit"] });
		const words: string[] = [];
		const spoken: string[] = [];
		let open = "";
		const begin = (start: Message) => {
			open = `msg_${++messages}`;
			event({ type: "message_start", message: { id: open, role: "assistant", content: [] } });
			event({ type: "content_block_start", index: 0, content_block: start });
		};
		/** Ends the message that words go into. */
		const flush = () => {
			if (open === "") return;
			const text = words.join("");
			spoken.push(text);
			end(open, { type: "text", text });
			words.length = 0;
			open = "";
		};
		const started = new Set<string>();
		const talk: Talk = {
			text(text) {
				if (open === "") begin({ type: "text", text: "" });
				words.push(text);
				event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
			},
			thought(text) {
				flush();
				const delta = { type: "thinking_delta", thinking: text };
				block({ type: "thinking", thinking: "" }, [delta], { type: "thinking", thinking: text });
			},
			tool({ id, name, command, status, output }) {
				flush();
				if (!started.has(id)) {
					started.add(id);
					const input = name === "Edit" ? { file_path: "/tmp/example.txt" } : { command };
					const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) };
					const use = { type: "tool_use", id, name, input };
					block({ ...use, input: {} }, [delta], use);
				}
				if (status !== "completed" && status !== "failed") return;
				const result = { type: "tool_result", tool_use_id: id, content: output ?? "" };
				out({
					...{ type: "user", parent_tool_use_id: null },
					message: { role: "user", content: [{ ...result, is_error: status === "failed" }] },
				});
			},
			plan(entries) {
				const input = { todos: entries.map((entry) => ({ ...entry, activeForm: entry.content })) };
				const use = { type: "tool_use", id: `todo-${++messages}`, name: "TodoWrite", input };
				block({ ...use, input: {} }, [], use);
			},
			ask(call, command) {
				flush();
				return permission(call, command).answer;
			},
			inquire() {
				flush();
				return inquiry();
			},
			async withdraw(call, command) {
				const asking = permission(call, command);
				await Bun.sleep(50);
				send({ type: "control_cancel_request", request_id: asking.id });
				return "withdrawn";
			},
			raw(text) {
				flush();
				process.stdout.write(text);
			},
			badUpdate() {
				out({ type: "assistant" });
				out({ type: "tomorrow's kind" });
			},
			model,
			mode,
			images: content.flatMap(({ type, source }) =>
				type === "image" && source
					? [{ mediaType: source.media_type, bytes: Buffer.from(source.data, "base64").length }]
					: [],
			),
			interrupted,
			special: async () => false,
		};
		const text = content.find(({ type }) => type === "text")?.text ?? "";
		const outcome = await play(text, talk);
		flush();
		const failed = outcome === "error" || outcome === "cancelled";
		out({
			type: "result",
			subtype: failed ? "error_during_execution" : "success",
			is_error: failed,
			duration_ms: 1,
			num_turns: 1,
			stop_reason: failed ? null : outcome,
			total_cost_usd: 0.0001,
			usage: { input_tokens: 3, output_tokens: 4 },
			...(failed ? { errors: ["it went wrong"] } : { result: spoken.at(-1) ?? "" }),
		});
	}

	const controls: Record<string, (request: NonNullable<Incoming["request"]>) => Message> = {
		initialize: () => ({
			commands: [],
			models: [
				{ value: "small", displayName: "The small one", description: "" },
				{ value: "large", displayName: "The large one", description: "" },
			],
		}),
		interrupt() {
			interrupt();
			return {};
		},
		set_model({ model: to }) {
			if (to === "none") throw new Error("there is no model none");
			model = to!;
			return {};
		},
		set_permission_mode({ mode: to }) {
			if (!MODES.includes(to!)) throw new Error(`there is no mode ${to}`);
			mode = to!;
			return { mode };
		},
	};

	await listen((message) => {
		const incoming = message as unknown as Incoming;
		if (incoming.type === "user") void turn(incoming.message!.content);
		else if (incoming.type === "control_response") {
			answers.get(incoming.response!.request_id)?.(incoming.response);
			answers.delete(incoming.response!.request_id);
		} else if (
			incoming.type === "control_request" &&
			!(isDeaf() && incoming.request!.subtype === "interrupt")
		) {
			const { request_id, request } = incoming;
			try {
				const response = controls[request!.subtype]!(request!);
				send({ type: "control_response", response: { subtype: "success", request_id, response } });
			} catch (error) {
				const told = { subtype: "error", request_id, error: (error as Error).message };
				send({ type: "control_response", response: told });
			}
		}
	});
}

/** `allow`, `allow:always`, `deny: REASON`, or the error that came instead. */
function outcomeOf(told: Incoming["response"]): Outcome {
	const { response, error } = told ?? {};
	if (!response) return `error: ${error}`;
	if (response.behavior === "allow") return response.updatedPermissions ? "allow:always" : "allow";
	return `deny: ${response.message}`;
}
