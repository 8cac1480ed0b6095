/**
 * Test support: a real shell on a real PTY, with a home of its own, seen as the holder's WorkerTerminal sees it. The journal and the
 * screen are kept in memory.
 *
 * Whoever starts a shell closes it: that kills the process, closes the PTY and removes the home.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CommandBlock } from "../../contract/link.ts";
import type { Exit } from "../../contract/state.ts";
import { foregroundGroupOf } from "../../platform/processes/index.ts";
import type { Screen } from "../screen/engine.ts";
import { xtermEngine } from "../screen/xterm.ts";
import type { OutputListener, WorkerTerminal } from "../terminal.ts";
import { type IntegratedShell, injectShellIntegration } from "./inject.ts";
import { processImage } from "./process-image.ts";
import { ShellTracker } from "./tracker.ts";

export interface RealShellOptions {
	argv: string[];
	/** Files of the home, by their paths below it. */
	files?: Record<string, string>;
	env?: Record<string, string>;
	/** False starts the shell as it is. */
	integrate?: boolean;
	cols?: number;
	rows?: number;
	nonce?: string;
}

const SCROLLBACK_LINES = 1000;

/** Milliseconds that a condition may take on a machine that is busy. */
const PATIENCE_MS = 30_000;

export class RealShell implements WorkerTerminal {
	readonly home: string;
	readonly integratedAs: IntegratedShell | null;
	readonly nonce: string;
	readonly tracker: ShellTracker;
	readonly blocks: CommandBlock[] = [];
	exit: Exit | null = null;
	/** Bytes before this offset are gone, as if the journal had trimmed them. */
	startOffset = 0;
	offset = 0;
	#chunks: Buffer[] = [];
	#screen: Screen;
	#process: Bun.Subprocess;
	#outputListeners = new Set<OutputListener>();
	#exitListeners = new Set<(exit: Exit) => void>();
	#changed = Promise.withResolvers<void>();

	constructor({
		argv,
		files = {},
		env = {},
		integrate = true,
		cols = 80,
		rows = 24,
		nonce,
	}: RealShellOptions) {
		this.home = mkdtempSync(join(tmpdir(), "berth-shell-"));
		// Without it fish starts a program in the background that fills it, and outlives the shell.
		mkdirSync(join(this.home, ".local/share/fish/generated_completions"), { recursive: true });
		for (const [path, content] of Object.entries(files)) {
			mkdirSync(dirname(join(this.home, path)), { recursive: true });
			writeFileSync(join(this.home, path), content);
		}
		this.nonce = nonce ?? crypto.randomUUID().replaceAll("-", "");
		const base = {
			HOME: this.home,
			PATH: process.env.PATH ?? "/usr/bin:/bin",
			TERM: "xterm-256color",
			LANG: "C.UTF-8",
			USER: "tester",
			...env,
		};
		const dir = join(this.home, ".berth-shell");
		const start = integrate ? injectShellIntegration({ argv, env: base, dir, nonce: this.nonce }) : null;
		this.integratedAs = start?.shell ?? null;
		this.#screen = xtermEngine.open({
			cols,
			rows,
			scrollbackLines: SCROLLBACK_LINES,
			onTitle: () => {},
			onBell: () => {},
			onReply: (bytes) => this.write(bytes),
		});
		this.tracker = new ShellTracker(
			start && { shell: start.shell, dir, nonce: this.nonce },
			{
				now: () => Date.now(),
				ticks: () => this.ticks(),
				image: () => processImage(this.pid),
				read: (from, to) => this.read(from, to),
			},
			{ onCommand: (block) => this.blocks.push(block) },
		);
		this.#process = Bun.spawn(start?.argv ?? argv, {
			cwd: this.home,
			env: start?.env ?? base,
			terminal: { cols, rows, data: (_, bytes) => this.#received(bytes) },
		});
		void this.#process.exited.then(async () => {
			// What the process left is read before its end is told, as the holder does it.
			await this.#settled();
			const { exitCode, signalCode } = this.#process;
			const exit: Exit = {
				code: exitCode,
				signal: signalCode === null ? null : String(signalCode).slice(3),
				reason: "exited",
			};
			this.exit = exit;
			for (const listener of [...this.#exitListeners]) listener(exit);
			this.#changed.resolve();
		});
	}

	get pid(): number {
		return this.#process.pid;
	}

	ticks(): number {
		return performance.now();
	}

	write(bytes: Uint8Array): void {
		if (!this.#process.terminal?.closed) this.#process.terminal?.write(bytes);
	}

	type(text: string): void {
		this.write(Buffer.from(text));
	}

	read(from: number, to: number): { offset: number; bytes: Uint8Array } {
		const start = Math.min(Math.max(from, this.startOffset), this.offset);
		return { offset: start, bytes: Buffer.concat(this.#chunks).subarray(start, to) };
	}

	/** Everything that the terminal has been sent. */
	get output(): string {
		return Buffer.concat(this.#chunks).toString("utf8");
	}

	screenLines(): string[] {
		return this.#screen.lines();
	}

	/** The whole screen and its scrollback as text, blank lines at the end left out. */
	screenText(): string {
		return this.#screen.lastLines(SCROLLBACK_LINES).text.trimEnd();
	}

	/** The text of the row that the cursor is in. */
	cursorRow(): string {
		return this.#screen.lines()[this.#screen.state().cursor.y] ?? "";
	}

	foregroundGroup(): number | null {
		return this.exit === null ? foregroundGroupOf(this.pid) : null;
	}

	signalForeground(signal: "INT"): void {
		const group = this.foregroundGroup();
		if (group !== null) process.kill(-group, `SIG${signal}`);
	}

	onOutput(listener: OutputListener): () => void {
		this.#outputListeners.add(listener);
		return () => this.#outputListeners.delete(listener);
	}

	onExit(listener: (exit: Exit) => void): () => void {
		this.#exitListeners.add(listener);
		return () => this.#exitListeners.delete(listener);
	}

	/** Resolves when the condition holds; looks again after each output. */
	async until(condition: () => boolean, what: string): Promise<void> {
		const deadline = Date.now() + PATIENCE_MS;
		while (!condition()) {
			if (Date.now() > deadline)
				throw new Error(`waited for ${what}; the terminal shows:\n${this.screenText()}`);
			await Promise.race([this.#changed.promise, Bun.sleep(20)]);
		}
	}

	/** Resolves when the shell reads at its prompt. */
	prompt(): Promise<void> {
		return this.until(() => this.tracker.phase === "ready", "the prompt");
	}

	async close(): Promise<void> {
		this.tracker.close();
		if (this.exit === null) this.#process.kill("SIGKILL");
		await this.#process.exited;
		this.#process.terminal?.close();
		this.#screen.close();
		rmSync(this.home, { recursive: true, force: true });
	}

	#received(bytes: Uint8Array): void {
		const offset = this.offset;
		this.#chunks.push(Buffer.from(bytes));
		this.offset += bytes.length;
		this.#screen.write(bytes);
		this.tracker.feed(bytes, offset);
		for (const listener of [...this.#outputListeners]) listener(bytes, offset);
		this.#wake();
	}

	#wake(): void {
		this.#changed.resolve();
		this.#changed = Promise.withResolvers();
	}

	/** The PTY's output has stopped coming. */
	async #settled(): Promise<void> {
		let seen = -1;
		while (seen !== this.offset) {
			seen = this.offset;
			await Bun.sleep(30);
		}
	}
}
