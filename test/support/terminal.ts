/**
 * Somebody's terminal: a real PTY with a plain bash in it, in which a test types and of which it sees every byte. `dispose` ends the
 * shell and closes the PTY.
 */
import { until } from "./berth.ts";

export interface TerminalOptions {
	env: Record<string, string>;
	cwd: string;
	cols?: number;
	rows?: number;
}

export class Terminal implements AsyncDisposable {
	#output = Buffer.alloc(0);
	#process: Bun.Subprocess;
	#pty: Bun.Terminal;

	/** Ready for typing: what comes before the prompt may be flushed when the shell sets its terminal up. */
	static async open(options: TerminalOptions): Promise<Terminal> {
		const terminal = new Terminal(options);
		await terminal.until("$ ");
		return terminal;
	}

	private constructor({ env, cwd, cols = 80, rows = 24 }: TerminalOptions) {
		this.#process = Bun.spawn(["bash", "--norc", "--noprofile", "--noediting"], {
			cwd,
			env: { ...env, PS1: "$ " },
			terminal: {
				cols,
				rows,
				data: (_, bytes) => {
					this.#output = Buffer.concat([this.#output, bytes]);
				},
			},
		});
		this.#pty = this.#process.terminal!;
	}

	/** Every byte since the start. */
	get bytes(): Buffer {
		return this.#output;
	}

	/** How much there is; with {@link since} what came after. */
	get mark(): number {
		return this.#output.length;
	}

	since(mark: number): string {
		return this.#output.subarray(mark).toString("latin1");
	}

	type(text: string | Uint8Array): void {
		this.#pty.write(text);
	}

	line(text: string): void {
		this.type(`${text}\n`);
	}

	resize(cols: number, rows: number): void {
		this.#pty.resize(cols, rows);
	}

	/** Waits until this came after the mark. */
	async until(text: string | RegExp, mark = 0): Promise<void> {
		const fits = () => {
			const since = this.since(mark);
			return typeof text === "string"
				? since.includes(Buffer.from(text).toString("latin1"))
				: text.test(since);
		};
		try {
			await until(fits, `the terminal shows ${text}`);
		} catch (error) {
			throw new Error(
				`${(error as Error).message}; it shows ${JSON.stringify(this.since(mark).slice(-2000))}`,
			);
		}
	}

	/** Runs a command line in the shell and returns what it printed. */
	async run(line: string): Promise<string> {
		const mark = this.mark;
		// The markers are put together by the shell, so that their echo is not taken for its output; a prompt may be on its way before the first.
		this.line(`printf 'be%s\\n' gin; ${line}; printf 'do%s:%s\\n' ne $?`);
		await this.until(/done:\d+\r\n/, mark);
		const [, output] = /begin\r\n([\s\S]*)done:\d+\r\n/.exec(this.since(mark))!;
		return output!.replaceAll("\r\n", "\n");
	}

	/** The terminal's modes, as stty tells them. */
	modes(): Promise<string> {
		return this.run("stty -g");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill("SIGKILL");
		await this.#process.exited;
		this.#pty.close();
	}
}
