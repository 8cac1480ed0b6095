/**
 * The client's side of terminal/* (https://agentclientprotocol.com/protocol/v1/terminals): commands that the agent has run for it. They
 * are processes of the holder's with the worker's own environment, so that whatever stops the worker finds them, and they end with the
 * agent. Their output is a pipe: text for a model, without what programs draw for people.
 */
import type {
	CreateTerminalRequest,
	TerminalExitStatus,
	TerminalOutputResponse,
} from "@agentclientprotocol/sdk";
import { RequestError } from "@agentclientprotocol/sdk";
import { BerthError } from "../../../contract/errors.ts";
import { resolveProgram, startProblem } from "../../pty/program.ts";
import { absolute } from "./files.ts";

/** Bytes of a terminal's output that are kept, unless the agent asks for fewer. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** Terminals that an agent may have at once: more is a loop. */
const TERMINALS_LIMIT = 256;

/** Milliseconds after a command's exit in which the rest of its output is waited for. */
const DRAIN_MS = 500;

/** Merges standard error into the output, in order; the arguments are given as they are. */
const MERGED = ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh"];

interface Terminal {
	child: Bun.Subprocess<"ignore", "pipe", "ignore">;
	output: Uint8Array[];
	bytes: number;
	limit: number;
	truncated: boolean;
	/** The process has ended and its output was read. */
	ended: Promise<TerminalExitStatus>;
	exit: TerminalExitStatus | null;
}

export interface TerminalsOptions {
	cwd: string;
	env: Record<string, string>;
	/** The terminal has ended or is released: this is the last of its output. */
	onLast: (id: string) => void;
}

export class Terminals {
	readonly #options: TerminalsOptions;
	readonly #terminals = new Map<string, Terminal>();
	/** Processes that have not been waited for, also of terminals that were released. */
	readonly #pids = new Set<number>();
	#made = 0;

	constructor(options: TerminalsOptions) {
		this.#options = options;
	}

	/** Throws what the agent is answered. */
	create(request: CreateTerminalRequest): { terminalId: string } {
		if (this.#terminals.size >= TERMINALS_LIMIT)
			throw RequestError.invalidRequest({}, `there are ${TERMINALS_LIMIT} terminals; release some`);
		const { command, args = [], outputByteLimit } = request;
		const cwd = request.cwd ? absolute(request.cwd) : this.#options.cwd;
		const given = (request.env ?? []).map(({ name, value }) => [name, value] as const);
		const env = { ...this.#options.env, ...Object.fromEntries(given) };
		// Some agents give a whole command line, which other clients hand to a shell.
		const argv = args.length === 0 && /\s/.test(command) ? ["/bin/sh", "-c", command] : [command, ...args];
		const child = start(argv, cwd, env);
		const id = `term_${++this.#made}`;
		const terminal: Terminal = {
			...{ child, output: [], bytes: 0, truncated: false, exit: null },
			limit: Math.min(outputByteLimit ?? OUTPUT_LIMIT_BYTES, OUTPUT_LIMIT_BYTES),
			ended: this.#read(id, () => terminal, child),
		};
		this.#terminals.set(id, terminal);
		return { terminalId: id };
	}

	output(id: string): TerminalOutputResponse {
		const terminal = this.#need(id);
		return { output: textOf(terminal), truncated: terminal.truncated, exitStatus: terminal.exit };
	}

	/** What it has said so far; null when there is none of that id. */
	text(id: string): string | null {
		const terminal = this.#terminals.get(id);
		return terminal ? textOf(terminal) : null;
	}

	waitForExit(id: string): Promise<TerminalExitStatus> {
		return this.#need(id).ended;
	}

	/** Ends it; its output can still be read. */
	kill(id: string): Record<string, never> {
		end(this.#need(id));
		return {};
	}

	release(id: string): Record<string, never> {
		const terminal = this.#need(id);
		end(terminal);
		this.#options.onLast(id);
		this.#terminals.delete(id);
		return {};
	}

	owns(pid: number): boolean {
		return this.#pids.has(pid);
	}

	/** Ends all of them. */
	close(): void {
		for (const terminal of this.#terminals.values()) end(terminal);
	}

	#need(id: string): Terminal {
		const terminal = this.#terminals.get(id);
		if (!terminal) throw RequestError.resourceNotFound(id);
		return terminal;
	}

	async #read(id: string, terminal: () => Terminal, child: Terminal["child"]): Promise<TerminalExitStatus> {
		// What outlives the command and keeps its output open is not waited for.
		const reading = (async () => {
			for await (const chunk of child.stdout) keep(terminal(), chunk);
		})();
		this.#pids.add(child.pid);
		await child.exited;
		this.#pids.delete(child.pid);
		await Promise.race([reading, Bun.sleep(DRAIN_MS)]);
		const { exitCode, signalCode } = child;
		const exit = signalCode === null ? { exitCode } : { exitCode: null, signal: String(signalCode) };
		terminal().exit = exit;
		this.#options.onLast(id);
		return exit;
	}
}

function start(argv: string[], cwd: string, env: Record<string, string>): Terminal["child"] {
	try {
		const program = resolveProgram({ argv, cwd, env });
		try {
			return Bun.spawn([...MERGED, ...argv], {
				...{ cwd, env, detached: true },
				...{ stdin: "ignore", stdout: "pipe", stderr: "ignore" },
			});
		} catch (error) {
			throw startProblem(error, program);
		}
	} catch (error) {
		throw RequestError.invalidParams({}, BerthError.from(error).message);
	}
}

/** The whole process group; what has ended is left alone. */
function end({ child }: Terminal): void {
	if (child.exitCode !== null || child.signalCode !== null) return;
	try {
		process.kill(-child.pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}

/** Keeps the last bytes. */
function keep(terminal: Terminal, chunk: Uint8Array): void {
	terminal.output.push(chunk);
	terminal.bytes += chunk.length;
	while (terminal.bytes > terminal.limit && terminal.output.length > 0) {
		const first = terminal.output[0]!;
		const excess = terminal.bytes - terminal.limit;
		terminal.truncated = true;
		if (first.length <= excess) terminal.output.shift();
		else terminal.output[0] = first.slice(excess);
		terminal.bytes -= Math.min(first.length, excess);
	}
}

/** Continuation bytes of a character that was cut off at the front. */
function textOf({ output, truncated }: Terminal): string {
	const bytes = Buffer.concat(output);
	let from = 0;
	while (truncated && from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from++;
	return bytes.toString("utf8", from);
}
