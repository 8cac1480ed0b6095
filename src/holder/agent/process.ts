/**
 * The agent's process: JSON lines on its standard input and output, complaints on its standard error. It leads a session and a process
 * group of its own, as a program in a terminal does, so that what stops a worker finds it in the same way. When the holder dies, its
 * pipes close, which agents take for the end.
 */
import { AGENT_MESSAGE_LIMIT_BYTES } from "../../contract/limits.ts";
import type { PtyExit, PtyOptions } from "../pty/driver.ts";
import { resolveProgram, startProblem } from "../pty/program.ts";
import { Lines } from "./lines.ts";

/** Bytes of one line of standard error that are shown. */
const COMPLAINT_LIMIT_BYTES = 16 * 1024;

/** Milliseconds after the exit in which what is left in the pipes is waited for: a descendant may keep them open for good. */
const DRAIN_MS = 500;

export interface ProcessListener {
	onMessage(line: string): void;
	/** A line of this many bytes was no message any more. */
	onOverlong(bytes: number): void;
	onComplaint(line: string): void;
	/** The process has ended, and what it left has been told. */
	onExit(exit: PtyExit): void;
	report(failure: unknown): void;
}

type Child = Bun.Subprocess<"pipe", "pipe", "pipe">;

export class AgentProcess {
	readonly #child: Child;
	readonly #listener: ProcessListener;
	#hungUp = false;

	/** Throws `invalid_command`, `invalid_cwd`, `spawn_failed`. */
	constructor(options: Pick<PtyOptions, "argv" | "cwd" | "env">, listener: ProcessListener) {
		const { argv, cwd, env } = options;
		this.#listener = listener;
		const program = resolveProgram(options);
		try {
			this.#child = Bun.spawn([program, ...argv.slice(1)], {
				argv0: argv[0],
				...{ cwd, env, detached: true },
				...{ stdin: "pipe", stdout: "pipe", stderr: "pipe" },
			});
		} catch (error) {
			throw startProblem(error, program);
		}
		void this.#run();
	}

	get pid(): number {
		return this.#child.pid;
	}

	/** One message; an agent that has ended, or is about to, is told nothing. */
	send(message: unknown): void {
		if (this.#hungUp) return;
		this.#quietly(() => this.#child.stdin.write(`${JSON.stringify(message)}\n`));
		this.#quietly(() => this.#child.stdin.flush());
	}

	/** Ends its input, which the protocols mean as the end: Gemini CLI takes no signal but SIGKILL for it. */
	hangUp(): void {
		this.#hungUp = true;
		this.#quietly(() => this.#child.stdin.end());
	}

	/** To the agent's whole process group. */
	signal(signal: NodeJS.Signals): void {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		try {
			process.kill(-this.pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
		}
	}

	/** A write to one that has just ended fails, now or later; its exit tells all there is to tell. */
	#quietly(write: () => unknown): void {
		try {
			Promise.resolve(write()).catch(() => {});
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EPIPE") this.#listener.report(error);
		}
	}

	async #run(): Promise<void> {
		const { onExit, report } = this.#listener;
		const reading = Promise.all([this.#readMessages(), this.#readComplaints()]).catch(report);
		await this.#child.exited;
		await Promise.race([reading, Bun.sleep(DRAIN_MS)]);
		const { exitCode, signalCode } = this.#child;
		const exit =
			signalCode === null
				? { code: exitCode, signal: null }
				: { code: null, signal: String(signalCode).replace(/^SIG/, "") };
		onExit.call(this.#listener, exit);
	}

	async #readMessages(): Promise<void> {
		const lines = new Lines(AGENT_MESSAGE_LIMIT_BYTES, {
			onLine: (line) => this.#guarded(() => this.#listener.onMessage(line)),
			onOverlong: (bytes) => this.#guarded(() => this.#listener.onOverlong(bytes)),
		});
		for await (const chunk of this.#child.stdout) lines.push(chunk);
		lines.end();
	}

	async #readComplaints(): Promise<void> {
		const lines = new Lines(COMPLAINT_LIMIT_BYTES, {
			onLine: (line) => this.#guarded(() => this.#listener.onComplaint(line)),
			onOverlong: (bytes) => this.#guarded(() => this.#listener.onComplaint(`(a line of ${bytes} bytes)`)),
		});
		for await (const chunk of this.#child.stderr) lines.push(chunk);
		lines.end();
	}

	/** A fault over one message must not end the reading of the others. */
	#guarded(handle: () => void): void {
		try {
			handle();
		} catch (error) {
			this.#listener.report(error);
		}
	}
}
