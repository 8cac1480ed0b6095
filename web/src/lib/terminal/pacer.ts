/**
 * Gives the terminal as much to parse in each frame as leaves time to draw it and to answer the person. xterm.js parses what it is
 * given without a pause, and some sequences cost it a thousand times what others do (erasing a screen against a letter): so pieces
 * are as large as the last ones were quick.
 */

/** Milliseconds between frames at 60 a second. */
const FRAME_MS = 1000 / 60;

/**
 * Milliseconds of parsing in a frame: drawing and layout take the rest. On a machine that is busy, or draws slowly, frames come late;
 * then there is less, and more again as they come in time.
 */
const BUDGET_MS = { least: 1, most: 5, more: 0.25, less: 0.7 } as const;

/** A frame that comes after more of these than one is late. */
const LATE_FRAMES = 1.4;

/** The same in a window that nobody sees, whose timers browsers wake once a second. */
const HIDDEN_BUDGET_MS = 50;

/** Milliseconds after which work goes on without a frame: a hidden window has none. */
const WITHOUT_FRAME_MS = 250;

/** Bytes that are parsed without a pause. The most bounds what a sudden change to costly output can take. */
const PIECE_BYTES = { least: 128, most: 16 * 1024 } as const;

/** Bytes a millisecond that are expected before any were measured: what costly output comes to. */
const FIRST_SPEED = 200;

/** How much the newest piece counts in the measured speed; the slower of it and the average is believed at once. */
const NEWEST = 0.3;

export interface Pace {
	/** Parses the bytes, then calls back; `null` instead of bytes asks only to be called back, in order. */
	write(bytes: Uint8Array | null, parsed: () => void): void;
	/** Milliseconds, only ever growing. */
	now(): number;
	/** Calls back before the next frame is drawn; gives a function that forgets it. */
	nextFrame(callback: () => void): () => void;
	hidden(): boolean;
}

type Work =
	| { bytes: Uint8Array /** Of these, how many were handed over. */; given: number; listener: PieceListener }
	| { bytes: null; callback: () => void };

/** Told of each piece of what was pushed, by its place there, the end excluded. */
export interface PieceListener {
	/** Parsed to its end even when what waits is dropped. */
	keep?: boolean;
	parsing?(from: number, to: number): void;
	parsed?(to: number): void;
}

export class Pacer {
	readonly #pace: Pace;
	#queue: Work[] = [];
	#parsing = false;
	#budget: number = BUDGET_MS.most;
	#spent = 0;
	/** When the last frame came, if nothing but work was between it and the next. */
	#frameAt: number | null = null;
	#forgetFrame: (() => void) | null = null;
	/** Bytes a millisecond. */
	#speed: number = FIRST_SPEED;
	#pending = 0;

	constructor(pace: Pace) {
		this.#pace = pace;
	}

	/** Bytes that wait or are being parsed. */
	get pending(): number {
		return this.#pending;
	}

	/** Bytes that are shown in a millisecond of wall time while output never ends. */
	get throughput(): number {
		return (this.#speed * this.#budget) / FRAME_MS;
	}

	/** Parses these after everything before them. */
	push(bytes: Uint8Array, listener: PieceListener = {}): void {
		if (bytes.length === 0) return;
		this.#pending += bytes.length;
		this.#queue.push({ bytes, given: 0, listener });
		this.#pump();
	}

	/** Calls back when everything before is parsed. */
	after(callback: () => void): void {
		this.#queue.push({ bytes: null, callback });
		this.#pump();
	}

	/** Forgets the bytes that were not handed over yet, and need not be kept; who waits for his turn keeps it. */
	drop(): void {
		this.#queue = this.#queue.filter((work) => {
			if (work.bytes === null || work.listener.keep) return true;
			this.#pending -= work.bytes.length - work.given;
			return false;
		});
	}

	close(): void {
		this.#forgetFrame?.();
		this.#queue = [];
	}

	#pump(): void {
		const [work] = this.#queue;
		if (this.#parsing || work === undefined) return;
		const left = (this.#pace.hidden() ? HIDDEN_BUDGET_MS : this.#budget) - this.#spent;
		if (left <= 0) {
			this.#awaitFrame();
			return;
		}
		this.#parsing = true;
		if (work.bytes !== null) {
			this.#parse(work, left);
			return;
		}
		this.#queue.shift();
		// Not inside the terminal's own loop, where it must not be resized: it would lose what it has in hand.
		queueMicrotask(() => {
			this.#parsing = false;
			work.callback();
			this.#pump();
		});
	}

	#parse(work: Work & { bytes: Uint8Array }, left: number): void {
		const { bytes, given, listener } = work;
		const wanted = Math.min(PIECE_BYTES.most, Math.max(PIECE_BYTES.least, Math.floor(this.#speed * left)));
		const piece = bytes.subarray(given, given + wanted);
		const to = given + piece.length;
		work.given = to;
		if (to === bytes.length) this.#queue.shift();
		let start = 0;
		// The terminal parses when it comes to it: the time until then is not the piece's.
		this.#pace.write(null, () => {
			listener.parsing?.(given, to);
			start = this.#pace.now();
		});
		this.#pace.write(piece, () => {
			this.#measure(piece.length, this.#pace.now() - start);
			this.#parsing = false;
			this.#pending -= piece.length;
			listener.parsed?.(to);
			this.#pump();
		});
	}

	#measure(bytes: number, took: number): void {
		this.#spent += took;
		this.#awaitFrame();
		// Too short to be measured: clocks of browsers are coarse.
		if (took <= 0) {
			this.#speed *= 1 + NEWEST;
			return;
		}
		const newest = bytes / took;
		const average = this.#speed * (1 - NEWEST) + newest * NEWEST;
		// A few bytes say little about speed, unless they were slow.
		if (bytes >= PIECE_BYTES.least || newest < this.#speed) this.#speed = Math.min(average, newest * 2);
	}

	/** With the next frame there is time again. */
	#awaitFrame(): void {
		if (this.#forgetFrame !== null) return;
		this.#forgetFrame = this.#pace.nextFrame(() => {
			this.#forgetFrame?.();
			this.#forgetFrame = null;
			this.#adapt();
			this.#spent = 0;
			this.#pump();
		});
	}

	#adapt(): void {
		const now = this.#pace.now();
		const since = this.#frameAt === null ? null : now - this.#frameAt;
		this.#frameAt = this.#queue.length > 0 ? now : null;
		if (since === null || this.#pace.hidden()) return;
		const late = since > FRAME_MS * LATE_FRAMES;
		const budget = late ? this.#budget * BUDGET_MS.less : this.#budget + BUDGET_MS.more;
		this.#budget = Math.min(BUDGET_MS.most, Math.max(BUDGET_MS.least, budget));
	}
}

/** The frames of this window. */
export function nextFrame(callback: () => void): () => void {
	const frame = requestAnimationFrame(callback);
	const timer = setTimeout(callback, WITHOUT_FRAME_MS);
	return () => {
		cancelAnimationFrame(frame);
		clearTimeout(timer);
	};
}
