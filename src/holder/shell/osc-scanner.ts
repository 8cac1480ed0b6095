/**
 * Finds OSC sequences with given prefixes in a stream of bytes, however it is cut into chunks.
 *
 * Everything else costs one native search for `ESC ]` per chunk (measured: 25 GB/s), so that a flood of plain or coloured text is
 * not slowed. Memory is bounded by one mark.
 */

export interface OscSequence {
	/** The text between `ESC ]` and its terminator. */
	payload: string;
	/** Offsets of its first byte, and of the byte after its terminator. */
	from: number;
	to: number;
}

/** Bytes of one sequence. A command line of 4096 bytes (the scripts' limit), every byte escaped to four, fits. */
const SEQUENCE_LIMIT_BYTES = 20_000;

const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;
const CAN = 0x18;
const SUB = 0x1a;
const OPENING = Buffer.from("\x1b]");
const NOTHING = Buffer.alloc(0);
const utf8 = new TextDecoder();

export class OscScanner {
	readonly #prefixes: readonly Uint8Array[];
	/** The first byte of each prefix. */
	readonly #firsts: ReadonlySet<number>;
	readonly #found: (sequence: OscSequence) => void;
	/** The beginning of a sequence that the last chunk's end cut. */
	#cut: Buffer = NOTHING;

	constructor(prefixes: readonly string[], found: (sequence: OscSequence) => void) {
		this.#prefixes = prefixes.map((prefix) => Buffer.from(prefix));
		this.#firsts = new Set(this.#prefixes.map((prefix) => prefix[0]!));
		this.#found = found;
	}

	/** `offset` is that of the first byte; chunks follow each other without gaps. */
	push(bytes: Uint8Array, offset: number): void {
		const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const buffer = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
		const base = offset - this.#cut.length;
		const rest = this.#scan(buffer, base);
		this.#cut = rest === buffer.length ? NOTHING : Buffer.from(buffer.subarray(rest));
	}

	/** Returns the index from which bytes must be kept: a sequence starts there whose end is not here yet. */
	#scan(buffer: Buffer, base: number): number {
		let at = 0;
		for (;;) {
			const from = buffer.indexOf(OPENING, at);
			if (from < 0) return buffer[buffer.length - 1] === ESC ? buffer.length - 1 : buffer.length;
			const start = from + OPENING.length;
			// Nearly all are titles, links and colours: one byte tells that they are none of ours.
			if (start < buffer.length && !this.#firsts.has(buffer[start]!)) {
				at = start;
				continue;
			}
			const wanted = this.#wanted(buffer.subarray(start));
			if (wanted === "unknown") return from;
			if (wanted === "no") {
				at = start;
				continue;
			}
			const end = endOf(buffer, start);
			if (end === null) {
				if (buffer.length - from <= SEQUENCE_LIMIT_BYTES) return from;
				at = start;
				continue;
			}
			at = end.next;
			if (!end.whole) continue;
			const payload = utf8.decode(buffer.subarray(start, end.at));
			this.#found({ payload, from: base + from, to: base + end.next });
		}
	}

	/** Whether the bytes after `ESC ]` are a sequence to read; unknown while too few are there. */
	#wanted(rest: Buffer): "yes" | "no" | "unknown" {
		let unknown = false;
		for (const prefix of this.#prefixes) {
			const length = Math.min(prefix.length, rest.length);
			if (rest.compare(prefix, 0, length, 0, length) !== 0) continue;
			if (length === prefix.length) return "yes";
			unknown = true;
		}
		return unknown ? "unknown" : "no";
	}
}

/**
 * The end of the sequence whose text starts at `start`: BEL, or ESC \. CAN, SUB and any other escape break it off (ECMA-48); `next` is
 * where reading goes on. Null when the end is not here.
 */
function endOf(buffer: Buffer, start: number): { at: number; next: number; whole: boolean } | null {
	const limit = Math.min(buffer.length, start + SEQUENCE_LIMIT_BYTES);
	for (let at = start; at < limit; at++) {
		const byte = buffer[at]!;
		if (byte === BEL) return { at, next: at + 1, whole: true };
		if (byte === CAN || byte === SUB) return { at, next: at + 1, whole: false };
		if (byte === ESC) {
			if (at + 1 >= buffer.length) return null;
			if (buffer[at + 1] === BACKSLASH) return { at, next: at + 2, whole: true };
			return { at, next: at, whole: false };
		}
	}
	return null;
}
