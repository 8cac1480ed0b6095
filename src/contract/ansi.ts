/** Text from terminal bytes. */

/**
 * Where a control sequence of ECMA-48 stands: CSI, the start of a string sequence (OSC, DCS, SOS, PM, APC), two- and three-byte escapes,
 * and C0 controls other than tab, line feed and carriage return.
 */
const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_]|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const STRING_START = /^\x1b[\]PX^_]$/;

/** What the end of a text may cut of a sequence that is no string. */
const CUT = /^\x1b(?:\[[0-?]*[ -/]*|[ -/]*)$/;

/** The text without its control sequences. Does not apply cursor movements: a screen does that. */
export function stripControls(text: string): string {
	return strip(text, false).plain;
}

/** As stripControls, up to where the text's end cuts a sequence: `rest` is what is left of it there, to be put before what follows. */
export function stripWhole(text: string): { plain: string; rest: string } {
	return strip(text, true);
}

/**
 * One pass, whatever the text: a string sequence without an end is looked for no more than once, where a regular expression would look
 * again from every start, and a program that prints nothing but starts would stop its reader for minutes.
 */
function strip(text: string, more: boolean): { plain: string; rest: string } {
	const last = more ? text.lastIndexOf("\x1b") : -1;
	const end = last !== -1 && CUT.test(text.slice(last)) ? last : text.length;
	let plain = "";
	let from = 0;
	const ends = new StringEnds(text, end);
	SEQUENCE.lastIndex = 0;
	for (let found = SEQUENCE.exec(text); found !== null && found.index < end; found = SEQUENCE.exec(text)) {
		plain += text.slice(from, found.index);
		from = SEQUENCE.lastIndex;
		if (!STRING_START.test(found[0])) continue;
		const stringEnd = ends.after(from);
		if (stringEnd === null && more) return { plain, rest: text.slice(found.index) };
		// Without an end it is no sequence, only its start goes.
		from = SEQUENCE.lastIndex = stringEnd ?? from;
	}
	return { plain: plain + text.slice(from, end), rest: text.slice(end) };
}

/** Ends of string sequences, ST or BEL, asked for from left to right. */
class StringEnds {
	readonly #text: string;
	readonly #limit: number;
	#bell = -1;
	#terminator = -1;

	constructor(text: string, limit: number) {
		this.#text = text;
		this.#limit = limit;
	}

	/** Where the string that begins at `from` ends; null when it does not. */
	after(from: number): number | null {
		if (this.#bell < from) this.#bell = this.#find("\x07", from);
		if (this.#terminator < from) this.#terminator = this.#find("\x1b\\", from);
		if (this.#bell === Number.POSITIVE_INFINITY && this.#terminator === Number.POSITIVE_INFINITY) return null;
		return this.#bell < this.#terminator ? this.#bell + 1 : this.#terminator + 2;
	}

	#find(mark: string, from: number): number {
		const at = this.#text.indexOf(mark, from);
		return at === -1 || at >= this.#limit ? Number.POSITIVE_INFINITY : at;
	}
}

/** Undoes the terminal driver's ONLCR: what the program wrote as `\n` arrives as `\r\n`. */
export function undoOnlcr(text: string): string {
	return text.replaceAll("\r\n", "\n");
}
