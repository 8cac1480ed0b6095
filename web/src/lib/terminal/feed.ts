/**
 * What the stream brings, on its way into xterm.js: as much in each frame as the pacer allows. A page cannot stop reading its socket,
 * so when too much waits to be parsed the daemon is asked to pause; when it had to skip output meanwhile, a fresh picture follows.
 *
 *   stream ──▶ pacer ──▶ xterm.js
 *      ◀── pause, resume ──┘
 */
import type { IMarker, Terminal } from "@xterm/xterm";
import { held } from "./hold.ts";
import { BEGINS, endingWithMarks, MARK_CODES } from "./marks.ts";
import { nextFrame, Pacer } from "./pacer.ts";

/** Milliseconds of output that may wait to be shown before the daemon is asked to pause, and at which it may go on. */
const HIGH_MS = 300;
const LOW_MS = 120;

/** Bounds of what that is in bytes. */
const HIGH_BYTES = { least: 64 * 1024, most: 1024 * 1024 } as const;

/** Beginnings of commands that are remembered to jump to; the oldest go first. */
const MARKS_LIMIT = 1000;

/** Whoever sends the stream. */
export interface Source {
	pause(): void;
	resume(): void;
}

/** Offsets of output, the end excluded; equal for a snapshot, which is a picture and not output. */
interface Span {
	from: number;
	to: number;
}

export class Feed {
	readonly #terminal: Terminal;
	readonly #source: () => Source | null;
	readonly #onParsed: (generation: number, offset: number) => void;
	readonly #pacer: Pacer;
	#paused = false;
	/** What of the output xterm.js parses now. */
	#parsing: Span = { from: 0, to: 0 };
	readonly #marks: (Span & { marker: IMarker })[] = [];

	/** `onParsed` is told up to which offset of a generation the terminal shows the output. */
	constructor(
		terminal: Terminal,
		source: () => Source | null,
		onParsed: (generation: number, offset: number) => void,
	) {
		this.#terminal = terminal;
		this.#source = source;
		this.#onParsed = onParsed;
		this.#pacer = new Pacer({
			write: (bytes, parsed) => terminal.write(bytes ?? "", parsed),
			now: () => performance.now(),
			nextFrame,
			hidden: () => document.hidden,
		});
		for (const code of MARK_CODES) {
			terminal.parser.registerOscHandler(code, (data) => {
				if (data.startsWith(BEGINS)) this.#mark();
				return false;
			});
		}
	}

	/** A new connection knows nothing of the pause that the old one was told. */
	reconnected(): void {
		this.#paused = false;
	}

	/**
	 * A picture of the whole terminal: output that waits to be shown before it need not be. A picture that is being painted is painted to
	 * its end: where they come faster than they are painted, none would ever be seen.
	 */
	snapshot(bytes: Uint8Array, generation: number, offset: number): void {
		this.#pacer.drop();
		this.#marks.length = 0;
		this.#pacer.after(() => {
			this.#parsing = { from: offset, to: offset };
		});
		for (const part of held(bytes)) this.#pacer.push(part, { keep: true });
		this.#pacer.after(() => this.#parsed(generation, offset));
		this.#restrain();
	}

	output(bytes: Uint8Array, generation: number, offset: number): void {
		let at = 0;
		for (const part of endingWithMarks(bytes)) {
			const start = offset + at;
			this.#pacer.push(part, {
				parsing: (from, to) => {
					this.#parsing = { from: start + from, to: start + to };
				},
				parsed: (to) => this.#parsed(generation, start + to),
			});
			at += part.length;
		}
		this.#restrain();
	}

	/** Calls back when everything that came so far is shown. */
	after(callback: () => void): void {
		this.#pacer.after(callback);
	}

	close(): void {
		this.#pacer.close();
	}

	/** The line where the output at `offset` began; null when that is no longer in the terminal. */
	lineOf(offset: number): number | null {
		const alive = this.#marks.filter(({ marker }) => !marker.isDisposed);
		const mark =
			alive.find(({ to }) => to === offset) ?? alive.find(({ from, to }) => from <= offset && offset <= to);
		return mark?.marker.line ?? null;
	}

	#parsed(generation: number, offset: number): void {
		this.#onParsed(generation, offset);
		this.#relax();
	}

	#restrain(): void {
		if (this.#paused || this.#pacer.pending <= this.#bytesIn(HIGH_MS)) return;
		this.#paused = true;
		this.#source()?.pause();
	}

	#relax(): void {
		if (!this.#paused || this.#pacer.pending >= this.#bytesIn(LOW_MS)) return;
		this.#paused = false;
		this.#source()?.resume();
	}

	#bytesIn(milliseconds: number): number {
		const bytes = this.#pacer.throughput * milliseconds;
		return Math.min(HIGH_BYTES.most, Math.max(HIGH_BYTES.least * (milliseconds / HIGH_MS), bytes));
	}

	/** Here the output of a command begins. */
	#mark(): void {
		const marker = this.#terminal.registerMarker(0);
		if (!marker) return;
		this.#marks.push({ ...this.#parsing, marker });
		if (this.#marks.length > MARKS_LIMIT) this.#marks.shift()?.marker.dispose();
	}
}
