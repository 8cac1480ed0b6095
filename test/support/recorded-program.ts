/**
 * A real program in a PTY of fixed size, typed into, with every byte that it printed kept. A screen follows its output and answers
 * its queries, as a terminal would.
 *
 * Whoever starts one closes it; closing kills the program's process group.
 */

import type { Pty, PtyDriver } from "../../src/holder/pty/driver.ts";
import type { Screen } from "../../src/holder/screen/engine.ts";

export interface ProgramOptions {
	argv: string[];
	cwd: string;
	env: Record<string, string>;
	cols: number;
	rows: number;
	screen: (onReply: (bytes: Uint8Array) => void) => Screen;
}

/** A moment of the recording: what had been printed by then. */
export interface Checkpoint {
	name: string;
	/** Bytes printed. */
	offset: number;
}

/** Milliseconds a program may take to show what is waited for, on a busy machine. */
const LIMIT_MS = 20_000;
/** Milliseconds without output after which a program has drawn what it wants to draw. */
const QUIET_MS = 150;
const POLL_MS = 10;

export class RecordedProgram {
	readonly checkpoints: Checkpoint[] = [];
	readonly #chunks: Uint8Array[] = [];
	readonly #pty: Pty;
	readonly #screen: Screen;
	#offset = 0;
	#lastOutput = performance.now();
	#ended = false;

	constructor(driver: PtyDriver, options: ProgramOptions) {
		const early: Uint8Array[] = [];
		let write = (bytes: Uint8Array): void => void early.push(bytes);
		this.#screen = options.screen((bytes) => write(bytes));
		this.#pty = driver.spawn({
			...options,
			onData: (bytes) => {
				this.#chunks.push(bytes.slice());
				this.#offset += bytes.length;
				this.#lastOutput = performance.now();
				this.#screen.write(bytes);
			},
			onExit: () => {
				this.#ended = true;
			},
		});
		write = (bytes) => this.#pty.write(bytes);
		for (const bytes of early) write(bytes);
	}

	get bytes(): Uint8Array {
		return Buffer.concat(this.#chunks);
	}

	type(text: string): void {
		this.#pty.write(Buffer.from(text));
	}

	/** Waits until the screen shows the text and the program has stopped printing, and marks that moment. */
	async reaches(name: string, shown: (lines: string[]) => boolean): Promise<void> {
		await this.#until(
			`"${name}"`,
			() => shown(this.#screen.lines()) && performance.now() - this.#lastOutput > QUIET_MS,
		);
		this.checkpoints.push({ name, offset: this.#offset });
	}

	/** Waits until something was printed and the screen shows the text, for a program that never stops printing. */
	async shows(name: string, text: string): Promise<void> {
		const before = this.checkpoints.at(-1)?.offset ?? 0;
		await this.#until(
			`"${name}"`,
			() => this.#offset > before && this.#screen.lines().some((line) => line.includes(text)),
		);
		this.checkpoints.push({ name, offset: this.#offset });
	}

	async ends(name: string): Promise<void> {
		await this.#until("the program's end", () => this.#ended);
		this.checkpoints.push({ name, offset: this.#offset });
	}

	close(): void {
		if (!this.#ended) process.kill(-this.#pty.pid, "SIGKILL");
		this.#pty.close();
		this.#screen.close();
	}

	async #until(what: string, done: () => boolean): Promise<void> {
		const deadline = performance.now() + LIMIT_MS;
		while (!done()) {
			if (performance.now() > deadline) {
				throw new Error(`waited for ${what}; the screen shows:\n${this.#screen.lines().join("\n")}`);
			}
			await Bun.sleep(POLL_MS);
		}
	}
}
