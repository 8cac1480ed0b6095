/**
 * Output that comes faster than an emulator can parse it, and that nobody will ever see.
 *
 * While a terminal floods, output that is nothing but text, line ends and colours is gathered instead of parsed. When the buffer is full, all that has been
 * pushed out of the scrollback since by what followed is left out of it; when it is time to parse (somebody looks at more than the rows, something else than text
 * comes, the flood pauses), likewise, and the screen is exactly the one that parsing everything would have made:
 *
 * - The screen may be deferred only while its parser is at rest and it scrolls as a whole (`scrollsFreely`). Text, line ends and SGR
 *   change neither, so that this stays true for all that is gathered.
 * - Then every line feed pushes a row up, and a row that more line feeds followed than rows can be kept is gone.
 * - What the left-out part still decides is the column and the pen at its end: it ends behind a line feed with a carriage return before
 *   it, and the pen is what the SGR sequences since the last reset set.
 *
 * By the same argument the visible rows can be had while the flood lasts from the last lines alone, as the worker's status wants them
 * once a second: parsing all that is kept took 8 % of the time in a plain flood.
 *
 * One thing the engine itself leaves open: of a hyperlink over thousands of cells libghostty-vt keeps as many as the tables of its pages
 * have room for, and which those are depends on all that came before, so that the two ways may lose different ones.
 *
 * Measured: parsing takes three quarters of a flood's time, and of 8 MB of ordinary lines all but 1 MB is left out.
 */
import type { Screen, ScreenState } from "./engine.ts";
import { beginsWithReset, penAtEnd, TextScanner } from "./text-scanner.ts";

/** Output within this many milliseconds that makes a flood; less is parsed as it comes. */
const FLOOD = { bytes: 512 * 1024, ms: 100 } as const;

/** Bytes that are gathered at most. */
const BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Milliseconds between two looks at a buffer, and how many of them in a row must find nothing new until it is parsed, and until its memory
 * is given back.
 */
const LOOK_MS = 250;
const QUIET_LOOKS = { parse: 2, release: 6 } as const;

/**
 * After this many bytes it is looked whether gathering pays: the whole backlog must promise this many times the lines that are
 * kept. With longer lines little would be left out, and parsing it in one go would keep the event loop.
 */
const TRIAL_BYTES = 1024 * 1024;
const TRIAL_FACTOR = 4;

/** Bytes of SGR sequences that are looked through for the pen; with more since the last reset nothing is left out. */
const PEN_LIMIT_BYTES = 64 * 1024;

const ESC = 0x1b;
const LF = 0x0a;
const CR = 0x0d;
const RETURN = Buffer.from("\r");

/** A screen that parses a flood later. Owns the screen behind it. */
export class FloodedScreen implements Screen {
	readonly #screen: Screen;
	readonly #now: () => number;
	readonly #limitBytes: number;
	#buffer: Buffer | null = null;
	#length = 0;
	/** Something was left out of it: it begins at the left, and has as many line feeds as rows are kept. */
	#replacesAll = false;
	#scanner = new TextScanner();
	#window = { at: 0, bytes: 0 };
	/** Looks since something was gathered. */
	#quietLooks = 0;
	/** Runs while there is a buffer. */
	#looking: Timer | null = null;

	/** `now`: milliseconds on a clock that is never set. `limitBytes` are gathered at most. */
	constructor(screen: Screen, now: () => number, limitBytes: number = BACKLOG_LIMIT_BYTES) {
		this.#screen = screen;
		this.#now = now;
		this.#limitBytes = limitBytes;
	}

	get engine(): Screen["engine"] {
		return this.#screen.engine;
	}

	get capacityRows(): number {
		return this.#screen.capacityRows;
	}

	scrollsFreely(): boolean {
		return this.#settled().scrollsFreely();
	}

	write(bytes: Uint8Array): void {
		if (this.#length === 0) {
			if (!this.#floods(bytes.length) || !this.#screen.scrollsFreely()) {
				this.#screen.write(bytes);
				return;
			}
			this.#scanner = new TextScanner();
		}
		if (this.#length + bytes.length > this.#limitBytes) {
			this.#leaveOut();
			if (this.#length + bytes.length > this.#limitBytes / 2) {
				this.#settled().write(bytes);
				return;
			}
		}
		const text = this.#scanner.scan(bytes);
		const before = this.#length;
		this.#gather(text === bytes.length ? bytes : bytes.subarray(0, text));
		if (text < bytes.length) this.#settled().write(bytes.subarray(text));
		else if (before < TRIAL_BYTES && this.#length >= TRIAL_BYTES && !this.#promises()) this.#settle();
	}

	resize(cols: number, rows: number): void {
		this.#settled().resize(cols, rows);
	}

	state(): ScreenState {
		return this.#settled().state();
	}

	lines(): string[] {
		if (!this.#glance()) this.#settle();
		return this.#screen.lines();
	}

	lastLines(count: number): { text: string; lines: number; complete: boolean } {
		return this.#settled().lastLines(count);
	}

	snapshot(scrollbackLines?: number): Uint8Array {
		return this.#settled().snapshot(scrollbackLines);
	}

	ansi(): string {
		return this.#settled().ansi();
	}

	html(): string {
		return this.#settled().html();
	}

	close(): void {
		this.#length = 0;
		this.#release();
		this.#screen.close();
	}

	#floods(bytes: number): boolean {
		const now = this.#now();
		if (now - this.#window.at > FLOOD.ms) this.#window = { at: now, bytes: 0 };
		this.#window.bytes += bytes;
		return this.#window.bytes > FLOOD.bytes;
	}

	#gather(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.#buffer ??= Buffer.allocUnsafeSlow(this.#limitBytes);
		this.#buffer.set(bytes, this.#length);
		this.#length += bytes.length;
		this.#quietLooks = 0;
		this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
	}

	/** Whether what has been gathered so far lets expect that most of a full backlog can be left out. */
	#promises(): boolean {
		const wanted = TRIAL_FACTOR * this.capacityRows * (this.#length / this.#limitBytes);
		return lineFeedsFromEnd(this.#buffer!.subarray(0, this.#length), wanted) !== null;
	}

	#look(): void {
		this.#quietLooks++;
		if (this.#quietLooks === QUIET_LOOKS.parse) this.#settle();
		if (this.#quietLooks === QUIET_LOOKS.release) this.#release();
	}

	#settled(): Screen {
		this.#settle();
		return this.#screen;
	}

	#settle(): void {
		if (this.#length === 0 || this.#buffer === null) return;
		this.#leaveOut();
		const held = this.#buffer.subarray(0, this.#length);
		this.#length = 0;
		this.#replacesAll = false;
		this.#screen.write(held);
	}

	/**
	 * Makes the visible rows what they are by parsing their lines alone, and keeps everything in the buffer: false when that cannot be done.
	 * What is parsed later begins at the left with a pen of its own and pushes out all that is on the screen now, so that it
	 * may come twice.
	 */
	#glance(): boolean {
		this.#leaveOut();
		if (!this.#replacesAll || this.#buffer === null) return false;
		const held = this.#buffer.subarray(0, this.#length);
		if (held.includes(ESC) && !beginsWithReset(held)) return false;
		const tail = tailOf(held, this.#screen.state().rows);
		if (tail === null) return false;
		this.#screen.write(Buffer.concat([tail.start, held.subarray(tail.from)]));
		return true;
	}

	/** Takes what nobody can see any more out of the buffer, but for what it decides. */
	#leaveOut(): void {
		if (this.#buffer === null) return;
		const held = this.#buffer.subarray(0, this.#length);
		const tail = tailOf(held, this.capacityRows);
		if (tail === null || tail.start.length > tail.from) return;
		held.set(tail.start);
		held.copyWithin(tail.start.length, tail.from);
		this.#length -= tail.from - tail.start.length;
		this.#replacesAll = true;
	}

	#release(): void {
		if (this.#looking !== null) clearInterval(this.#looking);
		this.#looking = null;
		this.#buffer = null;
	}
}

/**
 * The end of text that is left of it when so many rows are kept: from where on, and what has the effect of all before that can still be
 * seen, the pen and the column. Null when nothing can be left out.
 */
function tailOf(held: Buffer, rows: number): { from: number; start: Buffer } | null {
	const from = cutBefore(held, rows);
	const pen = from === 0 ? null : penAtEnd(held.subarray(0, from), PEN_LIMIT_BYTES);
	return pen === null ? null : { from, start: Buffer.concat([pen, RETURN]) };
}

/** Index after a CR LF that at least `lines` line feeds follow; 0 when there is none. */
function cutBefore(held: Buffer, lines: number): number {
	let at = lineFeedsFromEnd(held, lines);
	while (at !== null && at > 1) {
		at = held.lastIndexOf(LF, at - 1);
		if (at <= 0) return 0;
		if (held[at - 1] === CR) return at + 1;
	}
	return 0;
}

/** Index of the line feed that is so many before the end; null when there are fewer. A native search for each: 20 ns. */
function lineFeedsFromEnd(held: Buffer, count: number): number | null {
	let at = held.length;
	for (let found = 0; found < count; found++) {
		at = at === 0 ? -1 : held.lastIndexOf(LF, at - 1);
		if (at < 0) return null;
	}
	return at;
}
