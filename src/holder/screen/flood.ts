/**
 * Output that comes faster than an emulator can parse it, and that nobody will ever see.
 *
 * While a terminal floods, output that is nothing but text, line ends and colours is gathered instead of parsed. When the buffer is full, all that has been
 * pushed out of the scrollback since by what followed is left out of it; when it is time to parse (somebody looks, something else than text
 * comes, 500 ms have passed), likewise, and the screen is exactly the one that parsing everything would have made:
 *
 * - The screen may be deferred only while its parser is at rest and it scrolls as a whole (`scrollsFreely`). Text, line ends and SGR
 *   change neither, so that this stays true for all that is gathered.
 * - Then every line feed pushes a row up, and a row that more line feeds followed than rows can be kept is gone.
 * - What the left-out part still decides is the column and the pen at its end: it ends behind a line feed with a carriage return before
 *   it, and the pen is what the SGR sequences since the last reset set.
 *
 * One thing the engine itself leaves open: of a hyperlink over thousands of cells libghostty-vt keeps as many as the tables of its pages
 * have room for, and which those are depends on all that came before, so that the two ways may lose different ones.
 *
 * Measured: parsing takes three quarters of a flood's time, and of 8 MB of ordinary lines all but 1 MB is left out, which is parsed twice a
 * second then.
 */
import type { Screen, ScreenState } from "./engine.ts";

/** Output within this many milliseconds that makes a flood; less is parsed as it comes. */
const FLOOD = { bytes: 512 * 1024, ms: 100 } as const;

/** Bytes that are gathered at most, and milliseconds that they wait at most. */
const BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;
const BACKLOG_LIMIT_MS = 500;

/**
 * After this many bytes it is looked whether gathering pays: the whole backlog must promise this many times the lines that are
 * kept. With longer lines little would be left out, and parsing it in one go would keep the event loop.
 */
const TRIAL_BYTES = 1024 * 1024;
const TRIAL_FACTOR = 4;

/** Milliseconds without a flood after which the buffer's memory is given back. */
const REST_MS = 1000;

/** Bytes of SGR sequences that are looked through for the pen; with more since the last reset nothing is left out. */
const PEN_LIMIT_BYTES = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const RETURN = Buffer.from("\r");
const RESETS = [Buffer.from("\x1b[0m"), Buffer.from("\x1b[m")];

/** A screen that parses a flood later. Owns the screen behind it. */
export class FloodedScreen implements Screen {
	readonly #screen: Screen;
	readonly #now: () => number;
	readonly #limitBytes: number;
	#buffer: Buffer | null = null;
	#length = 0;
	#scanner = new TextScanner();
	#window = { at: 0, bytes: 0 };
	#timer: Timer | null = null;
	#rest: Timer | null = null;

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
		const plain = this.#scanner.scan(bytes);
		this.#gather(plain === bytes.length ? bytes : bytes.subarray(0, plain));
		if (plain < bytes.length) this.#settled().write(bytes.subarray(plain));
		else if (this.#length >= TRIAL_BYTES && !this.#promises()) this.#settle();
	}

	resize(cols: number, rows: number): void {
		this.#settled().resize(cols, rows);
	}

	state(): ScreenState {
		return this.#settled().state();
	}

	lines(): string[] {
		return this.#settled().lines();
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
		this.#timer ??= setTimeout(() => this.#settle(), BACKLOG_LIMIT_MS);
	}

	/** Whether what has been gathered so far lets expect that most of a full backlog can be left out. */
	#promises(): boolean {
		return this.#scanner.lines * (this.#limitBytes / this.#length) >= TRIAL_FACTOR * this.capacityRows;
	}

	#settled(): Screen {
		this.#settle();
		return this.#screen;
	}

	#settle(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		if (this.#length === 0 || this.#buffer === null) return;
		this.#leaveOut();
		const held = this.#buffer.subarray(0, this.#length);
		this.#length = 0;
		this.#screen.write(held);
		if (this.#rest !== null) clearTimeout(this.#rest);
		this.#rest = setTimeout(() => this.#release(), REST_MS);
	}

	/** Takes what nobody can see any more out of the buffer, but for what it decides: the pen and the column. */
	#leaveOut(): void {
		const rows = this.capacityRows;
		if (this.#buffer === null || this.#scanner.lines <= rows) return;
		const held = this.#buffer.subarray(0, this.#length);
		const cut = cutBefore(held, rows);
		const pen = cut === 0 ? null : penOf(held.subarray(0, cut));
		if (pen === null || pen.length + RETURN.length > cut) return;
		held.set(pen);
		held.set(RETURN, pen.length);
		held.copyWithin(pen.length + RETURN.length, cut);
		this.#length -= cut - pen.length - RETURN.length;
		// At least so many follow the cut.
		this.#scanner.lines = rows;
	}

	#release(): void {
		for (const timer of [this.#timer, this.#rest]) if (timer !== null) clearTimeout(timer);
		this.#timer = this.#rest = null;
		if (this.#length === 0) this.#buffer = null;
	}
}

/** Index after a CR LF that at least `lines` line feeds follow; 0 when there is none. */
function cutBefore(held: Buffer, lines: number): number {
	let at = held.length;
	for (let count = 0; count < lines; count++) {
		at = held.lastIndexOf(LF, at - 1);
		if (at <= 0) return 0;
	}
	while (at > 1) {
		at = held.lastIndexOf(LF, at - 1);
		if (at <= 0) return 0;
		if (held[at - 1] === CR) return at + 1;
	}
	return 0;
}

/** The SGR sequences that decide the pen at the end of text that holds no other sequences but EL; null when they are too many. */
function penOf(text: Buffer): Buffer | null {
	let at = Math.max(0, ...RESETS.map((reset) => text.lastIndexOf(reset)));
	const parts: Buffer[] = [];
	let bytes = 0;
	for (;;) {
		at = text.indexOf(ESC, at);
		if (at < 0) return Buffer.concat(parts);
		let end = at + 2;
		while (isParameter(text[end]!)) end++;
		if (text[end] === SGR) parts.push(text.subarray(at, end + 1));
		bytes += end + 1 - at;
		if (bytes > PEN_LIMIT_BYTES) return null;
		at = end + 1;
	}
}

const SGR = 0x6d;
/** Erases in the line that the cursor is in: of no consequence once that line is gone. */
const EL = 0x4b;
const BRACKET = 0x5b;
/** First byte of U+0080 to U+00BF in UTF-8; the first half of them are control characters. */
const LATIN1_LEAD = 0xc2;
const FIRST_PRINTABLE = 0xa0;

/** Digits, colon and semicolon. */
function isParameter(byte: number): boolean {
	return byte >= 0x30 && byte <= 0x3b;
}

/** Bytes of one sequence's parameters; longer ones are none of ours. */
const PARAMETERS_LIMIT_BYTES = 64;

const State = { text: 0, escape: 1, parameters: 2, latin1: 3 } as const;

/** What a byte is in text: 1 printable, tab, CR or LF. */
const IS_TEXT = new Uint8Array(256);
for (let byte = 0x20; byte < 0x100; byte++) IS_TEXT[byte] = byte === 0x7f || byte === LATIN1_LEAD ? 0 : 1;
for (const byte of [0x09, LF, CR]) IS_TEXT[byte] = 1;

/** Follows a stream of text, line ends, SGR and EL from a state of rest, however it is cut. */
export class TextScanner {
	#state: number = State.text;
	#parameters = 0;
	/** Line feeds seen. */
	lines = 0;

	/** Index of the first byte that makes it more than that; after it the scanner knows nothing any more. */
	scan(bytes: Uint8Array): number {
		let state = this.#state;
		let lines = 0;
		let at = 0;
		for (; at < bytes.length; at++) {
			const byte = bytes[at]!;
			if (state === State.text) {
				if (IS_TEXT[byte] === 1) {
					if (byte === LF) lines++;
				} else if (byte === ESC) state = State.escape;
				else if (byte === LATIN1_LEAD) state = State.latin1;
				else break;
			} else if (state === State.parameters) {
				if (isParameter(byte)) {
					if (++this.#parameters > PARAMETERS_LIMIT_BYTES) break;
				} else if (byte === SGR || byte === EL) state = State.text;
				else break;
			} else if (state === State.escape) {
				if (byte !== BRACKET) break;
				state = State.parameters;
				this.#parameters = 0;
			} else {
				if (byte < FIRST_PRINTABLE || byte > 0xbf) break;
				state = State.text;
			}
		}
		this.#state = state;
		this.lines += lines;
		return at;
	}
}
