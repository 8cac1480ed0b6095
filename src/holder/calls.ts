/**
 * What can be asked of a worker: one function per method of contract/link.ts. The link and the session's port share this table. `run` and
 * `wait` are loaded by their first caller: most holders never see one.
 */
import { BerthError } from "../contract/errors.ts";
import { encodeKeys } from "../contract/keys.ts";
import type { LinkMethod, LinkMethods } from "../contract/link.ts";
import type { AgentHost } from "./agent/host.ts";
import { checkInputSize, checks } from "./params.ts";
import { outputOf, screenOf } from "./rendering.ts";
import { statusOf } from "./status.ts";
import type { Worker } from "./worker.ts";

/** Ended commands in an answer to a caller who named no number. */
const COMMANDS = 100;

/** `cancel` is about a connection's own calls and is the server's (server.ts). */
export type WorkerMethod = Exclude<LinkMethod, "cancel">;

type Calls = {
	[M in WorkerMethod]: (
		worker: Worker,
		params: LinkMethods[M]["params"],
		/** The caller has gone or gives up. */
		signal?: AbortSignal,
	) => LinkMethods[M]["result"] | Promise<LinkMethods[M]["result"]>;
};

const calls: Calls = {
	status: statusOf,
	screen: (worker, { format }) => screenOf(worker.screen, worker.offset, format),
	output: (worker, { lines }) => outputOf(worker.screen, worker.offset, lines),
	input(worker, { data, paste = false, once }) {
		if (once !== undefined && worker.typed === once) return { bytes: 0 };
		const bytes = Buffer.from(data, "base64");
		const typed = type(worker, paste ? pasted(bytes, worker.screen.state().modes.bracketedPaste) : bytes);
		if (once !== undefined) worker.typed = once;
		return typed;
	},
	keys(worker, { keys }) {
		return type(worker, encodeKeys(keys, worker.screen.state().modes.applicationCursor));
	},
	async run(worker, request) {
		const { runCommand } = await import("./run.ts");
		return runCommand(worker, worker.tracker, request);
	},
	async wait(worker, request, signal) {
		const { waitFor } = await import("./wait.ts");
		return waitFor(worker, worker.tracker, request, signal);
	},
	resize(worker, size) {
		worker.room.resize(size);
		return worker.size;
	},
	signal: (worker, { signal }) => ({ pgid: worker.signalForeground(signal) }),
	intent(worker, { reason }) {
		worker.intend(reason);
		return {};
	},
	agentPrompt: (worker, prompt) => agentOf(worker).prompt(prompt),
	agentInterrupt: (worker) => agentOf(worker).interrupt(),
	agentAnswer: (worker, answer) => agentOf(worker).answer(answer),
	agentConfigure: (worker, choice) => agentOf(worker).configure(choice),
	clients: ({ room }) => ({ clients: room.attached() }),
	commands: (worker, { limit = COMMANDS }) => ({ commands: worker.tracker.blocks.slice(-limit) }),
};

function agentOf(worker: Worker): AgentHost {
	if (worker.agent === null)
		throw new BerthError("not_an_agent", "a program in a terminal takes no messages");
	if (worker.exit !== null) throw new BerthError("session_ended", "the agent has ended");
	return worker.agent;
}

function type(worker: Worker, bytes: Uint8Array): { bytes: number } {
	checkInputSize(bytes.length);
	if (worker.exit !== null)
		throw new BerthError("session_ended", "the process has ended; nobody reads input");
	worker.write(bytes);
	return { bytes: bytes.length };
}

const ESCAPE = 0x1b;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** As terminals paste: line ends are the Return key's, and no escape is left that could end the paste before its end. */
function pasted(bytes: Uint8Array, bracketed: boolean): Uint8Array {
	const text = bytes.filter((byte) => byte !== ESCAPE).map((byte) => (byte === NEWLINE ? RETURN : byte));
	return bracketed ? Buffer.concat([Buffer.from("\x1b[200~"), text, Buffer.from("\x1b[201~")]) : text;
}

export function isMethod(name: unknown): name is WorkerMethod {
	return typeof name === "string" && Object.hasOwn(calls, name);
}

/** Checks the parameters, then does it. Every failure is a BerthError. `strict` refuses fields that the method does not have. */
export async function perform<M extends WorkerMethod>(
	worker: Worker,
	method: M,
	params: unknown,
	strict: boolean,
	signal?: AbortSignal,
): Promise<LinkMethods[M]["result"]> {
	try {
		// The table's type ties each method to its own parameters; indexing by a generic key loses that tie.
		const act = calls[method] as (
			worker: Worker,
			params: unknown,
			signal?: AbortSignal,
		) => Promise<LinkMethods[M]["result"]>;
		return await act(worker, checks[method](params, strict), signal);
	} catch (error) {
		throw BerthError.from(error);
	}
}
