/**
 * What the stream brings, on its way into xterm.js. A page cannot stop reading its socket, so when too much waits to be parsed the
 * daemon is asked to pause; when it had to skip output meanwhile, a fresh picture follows.
 *
 *   stream ──▶ slices ──▶ xterm.js
 *      ◀── pause, resume ──┘
 */
import type { IMarker, Terminal } from "@xterm/xterm";

/** Bytes handed to xterm.js at once: it parses a piece without a pause, and 64 KiB take it about 2 ms. */
const SLICE_BYTES = 64 * 1024;

/** Bytes that may wait to be parsed before the daemon is asked to pause, and at which it may go on. */
const HIGH_BYTES = 1024 * 1024;
const LOW_BYTES = 128 * 1024;

/** Beginnings of commands that are remembered to jump to; the oldest go first. */
const MARKS_LIMIT = 1000;

/** OSC numbers of shell integration: FinalTerm's and Visual Studio Code's; `C` begins a command's output in both. */
const MARK_CODES = [133, 633];

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
	#pending = 0;
	#paused = false;
	/** Slices that xterm.js has not parsed yet, first the one that it is at. */
	readonly #slices: Span[] = [];
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
		for (const code of MARK_CODES) {
			terminal.parser.registerOscHandler(code, (data) => {
				if (data.startsWith("C")) this.#mark();
				return false;
			});
		}
	}

	/** A new connection knows nothing of the pause that the old one was told. */
	reconnected(): void {
		this.#paused = false;
	}

	snapshot(bytes: Uint8Array, generation: number, offset: number): void {
		this.#marks.length = 0;
		this.#write(bytes, generation, () => ({ from: offset, to: offset }));
	}

	output(bytes: Uint8Array, generation: number, offset: number): void {
		this.#write(bytes, generation, (at, length) => ({ from: offset + at, to: offset + at + length }));
	}

	/** The line where the output at `offset` began; null when that is no longer in the terminal. */
	lineOf(offset: number): number | null {
		const mark = this.#marks.find(
			({ from, to, marker }) => from <= offset && offset <= to && !marker.isDisposed,
		);
		return mark?.marker.line ?? null;
	}

	#write(bytes: Uint8Array, generation: number, spanOf: (at: number, length: number) => Span): void {
		for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
			const slice = bytes.subarray(at, at + SLICE_BYTES);
			const span = spanOf(at, slice.length);
			this.#slices.push(span);
			this.#pending += slice.length;
			this.#terminal.write(slice, () => {
				this.#slices.shift();
				this.#pending -= slice.length;
				this.#onParsed(generation, span.to);
				this.#relax();
			});
		}
		if (!this.#paused && this.#pending > HIGH_BYTES) {
			this.#paused = true;
			this.#source()?.pause();
		}
	}

	#relax(): void {
		if (!this.#paused || this.#pending >= LOW_BYTES) return;
		this.#paused = false;
		this.#source()?.resume();
	}

	/** Here the output of a command begins. */
	#mark(): void {
		const slice = this.#slices[0];
		const marker = slice && this.#terminal.registerMarker(0);
		if (!marker) return;
		this.#marks.push({ ...slice, marker });
		if (this.#marks.length > MARKS_LIMIT) this.#marks.shift()?.marker.dispose();
	}
}
