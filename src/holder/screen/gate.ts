/**
 * Keeps an emulator's parser at rest between writes: what a chunk border cuts is held back until the rest arrives.
 *
 * Two things depend on it. A snapshot may only drive the emulator when its parser is in the ground state, and a snapshot taken in
 * the middle of a sequence must carry the half that was read, because the stream that follows starts with the other half.
 *
 * The state after a chunk depends only on what follows its last ESC (ECMA-48: ESC starts a new sequence wherever it appears), so
 * plain and coloured output costs one backward search and a few bytes.
 */

/**
 * Bytes of one sequence that are held. A longer one (an image, a paste into the clipboard, a hostile OSC without end) is nothing that a
 * screen shows, and is dropped: an emulator would gather it, megabytes of it, for nothing.
 */
export const HELD_LIMIT_BYTES = 64 * 1024;

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const BACKSLASH = 0x5c;

/** Where a parser stands (Williams' VT500 state machine, states that take input alike joined). */
type State =
	| "ground"
	| "escape"
	| "csi"
	/** OSC: ends with BEL as well as ST. */
	| "osc"
	/** DCS, SOS, PM, APC: end with ST. */
	| "string"
	/** After the ESC that may end a string. */
	| "terminator";

export class SequenceGate {
	#state: State = "ground";
	#held: Uint8Array = new Uint8Array(0);
	/** The sequence that is open was too long to hold: its rest is dropped as its start was. */
	#dropping = false;

	/**
	 * The beginning of the sequence or character whose end has not been seen: what was held, or for one too long to hold something
	 * that opens a sequence of the same kind and means nothing, so that a terminal that gets the rest swallows it.
	 */
	get held(): Uint8Array {
		return this.#dropping ? STAND_IN[this.#state] : this.#held;
	}

	/** Nothing is held, and no sequence is open. */
	get empty(): boolean {
		return this.#state === "ground" && this.#held.length === 0;
	}

	/** The bytes that may be fed now: what was held and the chunk, up to the last complete sequence and character. */
	push(chunk: Uint8Array): Uint8Array {
		const rest = this.#dropping ? this.#afterDropped(chunk) : chunk;
		if (this.#dropping) return EMPTY;
		const bytes = this.#held.length === 0 ? rest : concat(this.#held, rest);
		const fresh = this.#held.length;
		this.#held = EMPTY;
		const end = this.#scan(bytes, fresh);
		if (end === bytes.length) return bytes;
		if (bytes.length - end > HELD_LIMIT_BYTES) this.#dropping = true;
		else this.#held = bytes.slice(end);
		return bytes.subarray(0, end);
	}

	/** What follows the sequence that is dropped; while that goes on it is nothing. */
	#afterDropped(chunk: Uint8Array): Uint8Array {
		if (this.#state === "terminator") {
			// Its ESC came with the last chunk, and may have been the start of another sequence.
			this.#dropping = false;
			this.#state = "ground";
			return concat(Uint8Array.of(ESC), chunk);
		}
		let at = 0;
		// An ESC ends it, be it of its terminator, which means nothing alone, or of the next sequence.
		while (at < chunk.length && chunk[at] !== ESC && this.#state !== "ground") this.#step(chunk[at++]!);
		if (at === chunk.length && this.#state !== "ground") return EMPTY;
		this.#dropping = false;
		this.#state = "ground";
		return chunk.subarray(at);
	}

	/** Index after the last complete sequence. `fresh` is the index of the first byte that was not scanned before. */
	#scan(bytes: Uint8Array, fresh: number): number {
		let start = 0;
		let at = fresh;
		/** Where the last character may begin: no sequence ends behind it. */
		let text = this.#state === "ground" ? 0 : fresh;
		const lastEscape = bytes.lastIndexOf(ESC);
		if (lastEscape >= fresh) {
			start = this.#beginsAt(bytes, lastEscape, fresh);
			at = lastEscape + 1;
			text = at;
		}
		while (at < bytes.length && this.#state !== "ground") {
			// What looked like the end of a string was the start of another sequence.
			if (this.#state === "terminator" && bytes[at] !== BACKSLASH) {
				start = at - 1;
				this.#state = "escape";
			}
			this.#step(bytes[at++]!);
			text = at;
		}
		return this.#state === "ground" ? completeCharacters(bytes, text) : start;
	}

	/**
	 * Index of the sequence that the last ESC belongs to. When it is all that is there of a string's terminator, that is the
	 * string's own start: it must reach the reader of requests whole.
	 */
	#beginsAt(bytes: Uint8Array, lastEscape: number, fresh: number): number {
		const opening = bytes.lastIndexOf(ESC, lastEscape - 1);
		if (lastEscape === bytes.length - 1 && lastEscape > 0) {
			let at = fresh;
			if (opening >= fresh) {
				this.#state = "escape";
				at = opening + 1;
			}
			while (at < lastEscape && this.#state !== "ground") this.#step(bytes[at++]!);
			if (this.#state === "osc" || this.#state === "string") {
				this.#state = "terminator";
				return Math.max(opening, 0);
			}
		}
		this.#state = "escape";
		return lastEscape;
	}

	#step(byte: number): void {
		if (byte === CAN || byte === SUB) {
			this.#state = "ground";
			return;
		}
		switch (this.#state) {
			case "escape":
				// Intermediates, and C0 controls that are executed on the way, leave the sequence open.
				if (byte < 0x30) return;
				this.#state =
					byte === 0x5b
						? "csi"
						: byte === 0x5d
							? "osc"
							: byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f
								? "string"
								: "ground";
				return;
			case "csi":
				if (byte >= 0x40 && byte <= 0x7e) this.#state = "ground";
				return;
			case "osc":
				if (byte === BEL) this.#state = "ground";
				return;
			case "terminator":
				this.#state = "ground";
				return;
		}
	}
}

const encoder = new TextEncoder();

/** Codes that nobody uses: a private control sequence, an OSC, a DCS. */
const STAND_IN: Record<State, Uint8Array> = {
	ground: new Uint8Array(0),
	escape: new Uint8Array(0),
	csi: encoder.encode("\x1b[?999999;"),
	osc: encoder.encode("\x1b]999999;"),
	string: encoder.encode("\x1bX"),
	terminator: Uint8Array.of(ESC),
};

const EMPTY = new Uint8Array(0);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
	const joined = new Uint8Array(a.length + b.length);
	joined.set(a);
	joined.set(b, a.length);
	return joined;
}

/** End of the last complete UTF-8 character, looking back no further than `from`. Broken UTF-8 counts as complete. */
function completeCharacters(bytes: Uint8Array, from: number): number {
	const end = bytes.length;
	for (let back = 1; back <= 3 && end - back >= from; back++) {
		const byte = bytes[end - back]!;
		if ((byte & 0xc0) === 0x80) continue;
		const needed = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
		return byte < 0xf5 && needed > back ? end - back : end;
	}
	return end;
}
