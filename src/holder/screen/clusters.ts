/**
 * Bounds how many characters join into one cell of the screen.
 *
 * Unicode sets no end to the marks, joiners and linked letters of one grapheme cluster, and an emulator keeps all of them in one cell and
 * looks at them again for each one more: 40,000 accents on one letter took libghostty-vt 3.8 s with mode 2027, and four times as long
 * for twice as many. What comes beyond the limit is left out of the screen; the journal and the stream have it all.
 */

/** As many non-starters in a row as Unicode lets a process expect: the Stream-Safe Text Format, UAX #15, D4. */
export const JOINED_LIMIT = 30;

/**
 * Bytes between two looks at whether anything joins at all. Joined characters have at least two bytes, so that more of them than the limit
 * cannot lie between two looks. Odd, so that what comes again and again with sequences between is met too.
 */
const LOOK_BYTES = 31;

/** Marks, joiners and other format characters, vowels and finals of Hangul, skin tones. */
const JOINS = /^(?:[\p{M}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]|[\u{1f3fb}-\u{1f3ff}])$/u;

/** A letter after one of these belongs to the same cluster: ZWJ, and the viramas that Unicode calls conjunct linkers (UAX #29, GB9c). */
const LINKS: ReadonlySet<number> = new Set([0x200d, 0x94d, 0x9cd, 0xacd, 0xb4d, 0xc4d, 0xd4d]);

const ESC = 0x1b;
const BEL = 0x07;
/** Answers about characters that are kept: enough for the letters of any one language, 4 KB. */
const KNOWN = 1024;

export class ClusterLimit {
	/** Characters that have joined since the last one that began a cluster. */
	#joined = 0;
	#linked = false;
	/** The last character was a leading consonant of Hangul: the next one joins it (UAX #29, GB6). */
	#leading = false;
	readonly #known = new Int32Array(KNOWN);

	/** The bytes without what is too much. They must hold whole sequences and characters (gate.ts). */
	pass(bytes: Uint8Array): Uint8Array {
		const last = bytes[bytes.length - 1] ?? 0;
		if (this.#joined > 0 || last >= 0x80 || this.#anythingJoins(bytes)) return this.#walk(bytes);
		return bytes;
	}

	#anythingJoins(bytes: Uint8Array): boolean {
		for (let at = 0; at < bytes.length; at += LOOK_BYTES) {
			if (bytes[at]! < 0x80) continue;
			let start = at;
			while (start > 0 && at - start < 3 && (bytes[start]! & 0xc0) === 0x80) start--;
			const here = characterAt(bytes, start);
			// Of two in a row at least one joins wherever a long cluster is.
			const next = characterAt(bytes, start + here.length);
			if (this.#extends(here.code) || this.#extends(next.code)) return true;
		}
		return false;
	}

	#walk(bytes: Uint8Array): Uint8Array {
		let kept: Uint8Array | null = null;
		let length = 0;
		let copied = 0;
		for (let at = 0; at < bytes.length; ) {
			const byte = bytes[at]!;
			if (byte < 0x80) {
				// A sequence on the way changes the pen or a mode, and what comes next still joins the same cell.
				if (byte === ESC) at = sequenceEnd(bytes, at);
				else {
					if (byte >= 0x20) this.#begin();
					at++;
				}
				continue;
			}
			const { code, length: size } = characterAt(bytes, at);
			if (this.#fits(code)) {
				at += size;
				continue;
			}
			kept ??= new Uint8Array(bytes.length);
			kept.set(bytes.subarray(copied, at), length);
			length += at - copied;
			at += size;
			copied = at;
		}
		if (kept === null) return bytes;
		kept.set(bytes.subarray(copied), length);
		return kept.subarray(0, length + bytes.length - copied);
	}

	/** Counts the character; false when it is one too many. */
	#fits(code: number): boolean {
		const leading = isLeading(code);
		if (!this.#extends(code) && !(leading && this.#leading)) {
			if (!this.#linked) this.#begin();
			this.#linked = false;
			this.#leading = leading;
			return true;
		}
		this.#leading = leading;
		if (this.#joined >= JOINED_LIMIT) {
			this.#linked = false;
			return false;
		}
		this.#joined++;
		this.#linked = LINKS.has(code);
		return true;
	}

	#begin(): void {
		this.#joined = 0;
		this.#linked = false;
		this.#leading = false;
	}

	#extends(code: number): boolean {
		// Latin, Greek and Cyrillic letters, and the scripts of China, Japan and Korea: most of what is printed has no need to be looked up.
		if (code < 0x300 || (code >= 0x3100 && code < 0xa000) || (code >= 0xac00 && code < 0xd7b0)) return false;
		const slot = code % KNOWN;
		const entry = this.#known[slot]!;
		if (entry >> 1 === code) return (entry & 1) === 1;
		const joins = JOINS.test(String.fromCodePoint(code));
		this.#known[slot] = (code << 1) | (joins ? 1 : 0);
		return joins;
	}
}

function isLeading(code: number): boolean {
	return (code >= 0x1100 && code < 0x1160) || (code >= 0xa960 && code < 0xa97d);
}

/** The UTF-8 character that begins here; a byte that begins none is a character that joins nothing. */
function characterAt(bytes: Uint8Array, at: number): { code: number; length: number } {
	const lead = bytes[at] ?? 0;
	const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
	if (length === 1 || lead > 0xf4 || at + length > bytes.length) return { code: 0, length: 1 };
	let code = lead & (0xff >> (length + 1));
	for (let next = at + 1; next < at + length; next++) {
		if ((bytes[next]! & 0xc0) !== 0x80) return { code: 0, length: 1 };
		code = (code << 6) | (bytes[next]! & 0x3f);
	}
	return code > 0x10ffff ? { code: 0, length: 1 } : { code, length };
}

/** Index after the sequence that the ESC at `at` opens (ECMA-48); of one that another ESC cuts, the index of that. */
function sequenceEnd(bytes: Uint8Array, at: number): number {
	const kind = bytes[at + 1];
	const isControl = kind === 0x5b;
	const isCommand = kind === 0x5d;
	const isString = isCommand || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f;
	let end = isControl || isString ? at + 2 : at + 1;
	for (; end < bytes.length; end++) {
		const byte = bytes[end]!;
		if (byte === ESC || byte === 0x18 || byte === 0x1a) return end;
		if (isString) {
			if (isCommand && byte === BEL) return end + 1;
		} else if (byte >= (isControl ? 0x40 : 0x30) && byte <= 0x7e) return end + 1;
	}
	return end;
}
