/**
 * Tells output that only prints and scrolls from output that does more: text, line ends, colours (SGR) and erased line ends (EL).
 *
 * It reads every byte of a flood, so that it searches for the few bytes that could mean more instead of looking at each: a native search runs
 * at 45 GB/s, a loop over bytes at 0.5 here, and in the holder's first seconds, before the runtime has compiled it well, at 0.2. Six
 * searches pass plain text at 7 GB/s; coloured text takes a step of script for each sequence, 0.8 GB/s.
 *
 * Of the control characters only these can reach beyond the line that they stand in: BEL is told to somebody, BS may go to the line
 * above (reverse wrap), SO and SI change the character set, ESC and the C1 controls (U+0080 to U+009F) begin all the rest. VT and FF
 * are line feeds; the others do nothing outside of a sequence, and inside of one they make it more than a colour.
 */

const BEL = 0x07;
const BS = 0x08;
const SO = 0x0e;
const SI = 0x0f;
const ESC = 0x1b;
const BRACKET = 0x5b;
/** Final characters of the two sequences. EL erases in the line that the cursor is in: of no consequence once that line is gone. */
const SGR = 0x6d;
const EL = 0x4b;
/** First byte of U+0080 to U+00BF in UTF-8, and the second bytes of those that print. */
const LATIN1_LEAD = 0xc2;
const FIRST_PRINTABLE = 0xa0;
const LAST_PRINTABLE = 0xbf;

const MEANINGFUL = [BEL, BS, SO, SI] as const;

/** Bytes of one sequence; longer ones are none of ours. */
const SEQUENCE_LIMIT_BYTES = 66;

/** Follows a stream from a state of rest, however it is cut. */
export class TextScanner {
	/** Bytes of the sequence that the last chunk's end cut; 0 when it cut none. */
	#begun = 0;
	#afterLead = false;

	/** Index of the first byte that makes it more than text; its length when none does. After one that does it knows nothing any more. */
	scan(bytes: Uint8Array): number {
		let end = Math.min(this.#sequences(bytes), this.#latin1(bytes));
		for (const byte of MEANINGFUL) {
			const at = bytes.indexOf(byte);
			if (at >= 0 && at < end) end = at;
		}
		return end;
	}

	#sequences(bytes: Uint8Array): number {
		let length = this.#begun;
		for (let at = 0; ; at++) {
			if (length === 0) {
				at = bytes.indexOf(ESC, at);
				if (at < 0) break;
				at++;
				length = 1;
			}
			if (length === 1 && at < bytes.length) {
				if (bytes[at] !== BRACKET) return at;
				at++;
				length = 2;
			}
			const parameters = at;
			while (at < bytes.length && isParameter(bytes[at]!)) at++;
			length += at - parameters;
			if (at === bytes.length) break;
			if ((bytes[at] !== SGR && bytes[at] !== EL) || length >= SEQUENCE_LIMIT_BYTES) return at;
			length = 0;
		}
		this.#begun = length;
		return bytes.length;
	}

	#latin1(bytes: Uint8Array): number {
		let second = this.#afterLead ? 0 : secondOfLatin1(bytes, 0);
		while (second < bytes.length) {
			if (bytes[second]! < FIRST_PRINTABLE || bytes[second]! > LAST_PRINTABLE) return second;
			second = secondOfLatin1(bytes, second + 1);
		}
		this.#afterLead = second === bytes.length;
		return bytes.length;
	}
}

/** Index of the byte after the next lead byte; infinite without one. */
function secondOfLatin1(bytes: Uint8Array, from: number): number {
	const lead = bytes.indexOf(LATIN1_LEAD, from);
	return lead < 0 ? Number.POSITIVE_INFINITY : lead + 1;
}

/**
 * The SGR sequences that decide the pen at the end of text that passed the scanner; null when the sequences since the last reset have more
 * than `limitBytes`, EL included.
 */
export function penAtEnd(text: Buffer, limitBytes: number): Buffer | null {
	const parts: Buffer[] = [];
	let bytes = 0;
	for (let at = text.lastIndexOf(ESC); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(ESC, at - 1)) {
		let end = at + 2;
		while (isParameter(text[end]!)) end++;
		bytes += end + 1 - at;
		if (bytes > limitBytes) return null;
		if (text[end] !== SGR) continue;
		parts.push(text.subarray(at, end + 1));
		if (beginsWithReset(parts.at(-1)!)) break;
	}
	return Buffer.concat(parts.reverse());
}

/** Whether the first bytes are an SGR that takes back all others. */
export function beginsWithReset(text: Buffer): boolean {
	return RESETS.some((reset) => text.subarray(0, reset.length).equals(reset));
}

const RESETS = [Buffer.from("\x1b[m"), Buffer.from("\x1b[0m")];

/** Digits, colon and semicolon. */
function isParameter(byte: number): boolean {
	return byte >= 0x30 && byte <= 0x3b;
}
