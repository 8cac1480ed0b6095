/**
 * What the user's terminal shows of the session, from `enter` to `leave`: the program's own bytes where the sizes agree, a picture of
 * its screen where they do not. Everything that is written to the terminal goes through here, so that `leave` knows what to undo.
 */
import type { TerminalMarks } from "../../contract/lending.ts";
import { DEFAULT_SIZE } from "../../contract/limits.ts";
import { windowSize } from "../../platform/libc.ts";
import type { UserTerminal } from "../../platform/terminal.ts";
import { OutputTracker } from "../../terminal/output-tracker.ts";
import { Mirror } from "./mirror.ts";
import { enterSequence, leaveSequence, resetSequence, snapshotBody } from "./restore.ts";
import { TerminalWriter } from "./writer.ts";

export interface ViewHost {
	/** The worker's socket as it is now. */
	socket(): string;
	/** Whether the session takes this terminal's size. */
	readonly resizes: boolean;
	/** Whether the user's terminal has the session's history above the screen. */
	readonly wholeHistory: boolean;
	/** A snapshot is needed. */
	repaint(): void;
	/** The terminal takes no more for now, or takes output again. */
	flow(full: boolean): void;
	/** The terminal is gone. */
	failed(error: unknown): void;
}

/** Milliseconds that a size which we asked for may take to be the session's, before we believe that it will not be. */
const SETTLE_MS = 300;

/** Milliseconds that the way out waits for a terminal that does not take output. */
const LEAVE_LIMIT_MS = 500;

export class View {
	readonly #host: ViewHost;
	readonly #terminal: UserTerminal;
	readonly #writer: TerminalWriter;
	#tracker = new OutputTracker();
	#entered = false;
	#full = false;
	/** Whether the session was painted at all. */
	#painted = false;
	/** The session's size. */
	#size: { cols: number; rows: number } = { ...DEFAULT_SIZE };
	#mirror: Mirror | null = null;
	#settle: Timer | null = null;

	constructor(host: ViewHost, terminal: UserTerminal) {
		this.#host = host;
		this.#terminal = terminal;
		this.#writer = new TerminalWriter(
			terminal,
			() => this.#flow(),
			(error) => host.failed(error),
		);
	}

	/** The terminal's size in cells. */
	get window(): { cols: number; rows: number } {
		const size = windowSize(1);
		// A serial line or an expect script may not know its size.
		return size !== null && size.cols > 0 && size.rows > 0 ? size : { ...DEFAULT_SIZE };
	}

	/**
	 * The terminal shows the session as it is, with the program's own bytes: somebody else could go on with it. Null while it does not; else
	 * the marks that the output has left.
	 */
	get settled(): TerminalMarks | null {
		const plain = this.#entered && this.#painted && this.#mirror === null && this.#settle === null;
		return plain && this.#writer.idle ? this.#tracker.marks : null;
	}

	/** Somebody else has shown, or is about to show, output that leaves these marks. */
	marked(marks: TerminalMarks): void {
		this.#tracker = new OutputTracker(marks);
	}

	/** Takes the terminal over; again after a stop, when the shell has put it into its own mode. */
	enter(): void {
		this.#terminal.makeRaw();
		if (this.#entered) return;
		this.#entered = true;
		this.#writer.write(enterSequence(this.window.rows));
	}

	/** Gives the terminal back as it was found. Idempotent. */
	leave(): void {
		if (!this.#entered) return;
		this.#entered = false;
		if (this.#settle !== null) clearTimeout(this.#settle);
		this.#mirror?.stop();
		this.#mirror = null;
		this.#writer.finish(leaveSequence(this.#tracker.marks, this.window.cols), LEAVE_LIMIT_MS);
		this.#tracker.reset();
		this.#terminal.restore();
	}

	/** A line after `leave`. To a terminal that takes nothing it is not worth waiting for. */
	lastWord(line: string): void {
		this.#writer.finish(`${line}\n`, LEAVE_LIMIT_MS);
	}

	snapshot(bytes: Uint8Array): void {
		this.#painted = true;
		if (this.#mirror !== null) this.#mirror.output(bytes);
		else {
			this.#reset();
			this.#write(snapshotBody(bytes));
		}
	}

	output(bytes: Uint8Array): void {
		if (this.#mirror === null) this.#write(bytes);
		else this.#mirror.output(bytes);
	}

	/** A line over the last row, until the next painting. */
	banner(line: string): void {
		this.#write(Buffer.from(`\x1b7\x1b[999;1H\x1b[0;7m ${line} \x1b[0m\x1b8`));
	}

	/** The session has this size now. */
	sized(cols: number, rows: number): void {
		const changed = this.#painted && (cols !== this.#size.cols || rows !== this.#size.rows);
		this.#size = { cols, rows };
		// A terminal that grows takes lines back from its history, which is not the session's.
		if (changed && !this.#host.wholeHistory && this.#mirror === null) this.#host.repaint();
		this.#choose(this.#host.resizes ? SETTLE_MS : 0);
	}

	/** The terminal has another size now. */
	resized(): void {
		this.#choose(this.#host.resizes ? SETTLE_MS : 0);
	}

	#choose(afterMs: number): void {
		if (this.#settle !== null) clearTimeout(this.#settle);
		this.#settle = null;
		const { cols, rows } = this.window;
		const fits = cols === this.#size.cols && rows === this.#size.rows;
		if (fits === (this.#mirror === null)) this.#mirror?.refresh();
		else if (fits) this.#stopMirror();
		else if (afterMs > 0) this.#settle = setTimeout(() => this.#choose(0), afterMs);
		else this.#startMirror();
	}

	#startMirror(): void {
		this.#reset();
		this.#mirror = new Mirror({
			socket: () => this.#host.socket(),
			window: () => this.window,
			write: (text) => this.#write(Buffer.from(text)),
		});
		this.#mirror.refresh();
		// A snapshot tells the modes that the program has set.
		this.#host.repaint();
	}

	#stopMirror(): void {
		this.#mirror?.stop();
		this.#mirror = null;
		this.#host.repaint();
	}

	#reset(): void {
		this.#writer.write(resetSequence(this.#tracker.marks));
		this.#tracker.reset();
	}

	#write(bytes: Uint8Array): void {
		this.#tracker.push(bytes);
		this.#writer.write(bytes);
		this.#flow();
	}

	#flow(): void {
		const { full } = this.#writer;
		if (full === this.#full) return;
		this.#full = full;
		this.#host.flow(full);
	}
}
