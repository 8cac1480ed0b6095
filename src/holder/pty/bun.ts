/**
 * The runtime's own terminal. Ownership as in driver.ts: the terminal's descriptor lives until `close`, also after the exit.
 *
 * Facts it rests on, measured with Bun 1.4.4 on Linux:
 * - `data` is called synchronously from the event loop, with up to about 150 KB in a buffer of its own; nothing is read while it
 *   runs, so a slow callback stops the writing process. It is called again and again until nothing is left: see output-gate.ts.
 * - the `exit` of a terminal is the PTY's end of file, and says nothing of the process. It comes once no descendant holds the
 *   terminal any more, which may be long after the process's exit or never. Either may come first.
 * - only a terminal made by `spawn` itself becomes the controlling terminal; a `Bun.Terminal` made before does not.
 */
import { compileAsUsual } from "../../platform/compiling.ts";
import { foregroundGroupOf } from "../../platform/processes/index.ts";
import type { Pty, PtyDriver, PtyExit, PtyOptions } from "./driver.ts";
import { OutputGate } from "./output-gate.ts";
import { resolveProgram, startProblem } from "./program.ts";

/** Output after which the terminal gets its gate: most processes never print so much at once. */
const GATE_FROM_BYTES = 64 * 1024;

/**
 * After the process's exit, while a descendant keeps the terminal open: the terminal is taken for drained after two checks in a row
 * without output. Two, because the first may come late, from a stall in which nothing could be read. A descendant that
 * prints on and on is cut off after the last check; what the process itself left is at most the kernel's buffers (128 KB), read by then.
 */
const DRAIN_CHECK_MS = 40;
const DRAIN_CHECKS = 25;
/** Much more than the process can have left: what comes beyond is a descendant's. Holds where a flood lets no timer run. */
const DRAIN_BYTES = 1024 * 1024;

class BunPty implements Pty {
	readonly #child: Bun.Subprocess;
	readonly #terminal: Bun.Terminal;
	readonly #options: PtyOptions;
	/** Undefined until it is needed. */
	#gate: OutputGate | null | undefined;
	#ungated = 0;
	#sinceExit = 0;
	/** Input that the runtime has not written yet; what comes later must queue behind it. */
	#backlogBytes = 0;
	#exit: PtyExit | null = null;
	#endOfFile = false;
	#reported = false;
	#closed = false;
	/** Output has come since the last drain check. */
	#fresh = false;
	#timer: Timer | null = null;

	constructor(options: PtyOptions, program: string) {
		this.#options = options;
		const { argv, cwd, env, cols, rows } = options;
		this.#child = Bun.spawn([program, ...argv.slice(1)], {
			argv0: argv[0],
			cwd,
			env,
			terminal: {
				cols,
				rows,
				data: (_, bytes) => this.#receive(bytes),
				drain: () => {
					this.#backlogBytes = 0;
				},
				exit: () => {
					this.#endOfFile = true;
					this.#reportWhenDone();
				},
			},
			onExit: (_, code, signal) => this.#ended(code, signal),
		});
		this.#terminal = this.#child.terminal!;
	}

	get pid(): number {
		return this.#child.pid;
	}

	get backlogBytes(): number {
		return this.#backlogBytes;
	}

	write(bytes: Uint8Array): void {
		if (this.#terminal.closed) return;
		const written = this.#backlogBytes > 0 ? 0 : (this.#outputGate()?.write(bytes) ?? 0);
		if (written === bytes.length) return;
		this.#backlogBytes += bytes.length - written;
		this.#terminal.write(written === 0 ? bytes : bytes.subarray(written));
	}

	awaitEcho(): void {
		const bytes = this.#backlogBytes === 0 ? this.#gate?.readEcho() : null;
		if (bytes) this.#receive(bytes);
	}

	resize(cols: number, rows: number): void {
		if (!this.#terminal.closed) this.#terminal.resize(cols, rows);
	}

	foregroundGroup(): number | null {
		return this.#exit || this.#closed ? null : foregroundGroupOf(this.pid);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#gate?.close();
		this.#terminal.close();
		this.#reportWhenDone();
	}

	#receive(bytes: Uint8Array): void {
		this.#gate?.release();
		const began = performance.now();
		this.#give(bytes);
		if (this.#closed) return;
		this.#ungated += bytes.length;
		if (this.#ungated < GATE_FROM_BYTES) return;
		this.#outputGate()?.passed(bytes.length, performance.now() - began);
	}

	#give(bytes: Uint8Array): void {
		if (this.#reported || this.#closed) return;
		this.#fresh = true;
		this.#options.onData(bytes);
		if (this.#exit && !this.#closed) {
			this.#sinceExit += bytes.length;
			if (this.#sinceExit > DRAIN_BYTES) this.#report();
		}
	}

	/** Made at the first input, or when output begins to flood: from then on the same code runs on and on. */
	#outputGate(): OutputGate | null {
		if (this.#gate === undefined) {
			compileAsUsual();
			this.#gate = this.#exit ? null : OutputGate.of(this.pid, (bytes) => this.#give(bytes));
		}
		return this.#gate;
	}

	#ended(code: number | null, signal: NodeJS.Signals | number | null): void {
		// Real-time signals have no name here and come as numbers.
		this.#exit =
			signal === null ? { code, signal: null } : { code: null, signal: String(signal).replace(/^SIG/, "") };
		this.#reportWhenDone();
		if (!this.#reported) this.#drain(DRAIN_CHECKS, 0);
	}

	#drain(checksLeft: number, quietChecks: number): void {
		this.#fresh = false;
		this.#timer = setTimeout(() => {
			const quiet = this.#fresh ? 0 : quietChecks + 1;
			if (quiet >= 2 || checksLeft <= 1) this.#report();
			else this.#drain(checksLeft - 1, quiet);
		}, DRAIN_CHECK_MS);
	}

	/** Both ends must be known: the process's and the terminal's. */
	#reportWhenDone(): void {
		if (this.#exit && (this.#endOfFile || this.#closed)) this.#report();
	}

	#report(): void {
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		if (this.#reported || !this.#exit) return;
		this.#gate?.release();
		// What was held may have been the last that is taken.
		if (this.#reported) return;
		this.#reported = true;
		this.#options.onExit(this.#exit);
	}
}

export const bunDriver: PtyDriver = {
	name: "bun",
	limits: { exactBytes: true, signals: true, backpressure: true, exactEnvironment: true },
	spawn(options) {
		const program = resolveProgram(options);
		try {
			return new BunPty(options, program);
		} catch (error) {
			throw startProblem(error, program);
		}
	},
};
