/**
 * Key names in the notation of tmux and Emacs, as the bytes that a terminal of xterm's kind sends for them.
 *
 *   C-c  M-x  S-Tab  C-M-Left      modifiers: C control, M meta (alt), S shift; in any order
 *   Enter Tab BTab BSpace Escape Space Up Down Left Right Home End PageUp PageDown Insert Delete F1 … F12
 *   a  é  ß  ⏎  👍                any single character stands for itself
 *
 * Encodings: xterm's "PC-style function keys" (ctlseqs), modifiers as `CSI 1 ; m X` with m = 1 + shift + 2·alt + 4·control.
 */
import { BerthError } from "./errors.ts";

const ESC = "\x1b";

/** Keys whose bytes end in a letter: `CSI X`, `SS3 X` with application cursor keys, `CSI 1;m X` with modifiers. */
const cursorKeys: Record<string, string> = { up: "A", down: "B", right: "C", left: "D", home: "H", end: "F" };

/** F1 to F4 are always `SS3 X`; with modifiers `CSI 1;m X`. */
const ss3Keys: Record<string, string> = { f1: "P", f2: "Q", f3: "R", f4: "S" };

/** Keys whose bytes are `CSI n ~`, `CSI n ; m ~` with modifiers. */
const tildeKeys: Record<string, number> = {
	insert: 2,
	ic: 2,
	delete: 3,
	dc: 3,
	pageup: 5,
	pgup: 5,
	ppage: 5,
	pagedown: 6,
	pgdn: 6,
	npage: 6,
	f5: 15,
	f6: 17,
	f7: 18,
	f8: 19,
	f9: 20,
	f10: 21,
	f11: 23,
	f12: 24,
};

/** Keys that are one character. */
const plainKeys: Record<string, string> = {
	enter: "\r",
	tab: "\t",
	escape: ESC,
	space: " ",
	bspace: "\x7f",
	backspace: "\x7f",
};

/** What control makes of characters that are not letters (ECMA-48's C0 columns, and the digits' VT220 habit). */
const controls: Record<string, string> = {
	" ": "\0",
	"@": "\0",
	"2": "\0",
	"[": ESC,
	"3": ESC,
	"\\": "\x1c",
	"4": "\x1c",
	"]": "\x1d",
	"5": "\x1d",
	"^": "\x1e",
	"6": "\x1e",
	_: "\x1f",
	"/": "\x1f",
	"-": "\x1f",
	"7": "\x1f",
	"?": "\x7f",
	"8": "\x7f",
	// Terminals send for control with these what they send without it.
	"\r": "\r",
	"\t": "\t",
	[ESC]: ESC,
	"\x7f": "\b",
};

interface Modifiers {
	control: boolean;
	meta: boolean;
	shift: boolean;
}

/**
 * The bytes of all keys, in order. `applicationCursor` is the terminal's DECCKM state. Throws `invalid_key` that names the first
 * unknown one, so that nothing is written unless everything can be.
 */
export function encodeKeys(keys: readonly string[], applicationCursor: boolean): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(keys.map((key) => encodeKey(key, applicationCursor)).join(""));
}

/** The characters that one key sends. */
export function encodeKey(key: string, applicationCursor: boolean): string {
	const { modifiers, base } = takeModifiers(key);
	const name = base.toLowerCase();
	// A shifted tab is a key of its own; with other modifiers it keeps them.
	if (name === "btab" || (name === "tab" && modifiers.shift)) return prefixMeta(`${ESC}[Z`, modifiers);
	if (Object.hasOwn(cursorKeys, name)) return cursorKey(cursorKeys[name]!, modifiers, applicationCursor);
	if (Object.hasOwn(ss3Keys, name)) {
		const m = modifierNumber(modifiers);
		return m === 1 ? `${ESC}O${ss3Keys[name]}` : `${ESC}[1;${m}${ss3Keys[name]}`;
	}
	if (Object.hasOwn(tildeKeys, name)) {
		const m = modifierNumber(modifiers);
		return `${ESC}[${tildeKeys[name]}${m === 1 ? "" : `;${m}`}~`;
	}
	const character = Object.hasOwn(plainKeys, name) ? plainKeys[name]! : singleCharacter(base);
	const encoded = character === null ? null : modified(character, modifiers);
	if (encoded === null) {
		throw new BerthError(
			"invalid_key",
			`there is no key ${JSON.stringify(key)}; keys are single characters or names such as C-c, M-x, Enter, Up, F5`,
			{ key },
		);
	}
	return encoded;
}

function takeModifiers(key: string): { modifiers: Modifiers; base: string } {
	const modifiers = { control: false, meta: false, shift: false };
	let base = key;
	// What follows the dash must not be empty: "C-" alone is no key, "C--" is control with the dash.
	for (;;) {
		if (/^C-./su.test(base)) modifiers.control = true;
		else if (/^M-./su.test(base)) modifiers.meta = true;
		else if (/^S-./su.test(base)) modifiers.shift = true;
		else return { modifiers, base };
		base = base.slice(2);
	}
}

function modifierNumber({ control, meta, shift }: Modifiers): number {
	return 1 + (shift ? 1 : 0) + (meta ? 2 : 0) + (control ? 4 : 0);
}

function cursorKey(final: string, modifiers: Modifiers, applicationCursor: boolean): string {
	const m = modifierNumber(modifiers);
	if (m !== 1) return `${ESC}[1;${m}${final}`;
	return applicationCursor ? `${ESC}O${final}` : `${ESC}[${final}`;
}

/** The key when it is one character as people count them (combining marks and joined emoji included), else null. */
function singleCharacter(text: string): string | null {
	if (text === "" || /[\ud800-\udfff]/u.test(text)) return null;
	if ([...text].length === 1) return text;
	return [...new Intl.Segmenter().segment(text)].length === 1 ? text : null;
}

/** A character with its modifiers; null when the combination does not exist. */
function modified(character: string, modifiers: Modifiers): string | null {
	let text = character;
	if (modifiers.shift && /^\p{L}$/u.test(text)) text = text.toUpperCase();
	if (modifiers.control) {
		const control = /^[a-zA-Z]$/.test(text)
			? String.fromCharCode(text.charCodeAt(0) & 0x1f)
			: Object.hasOwn(controls, text)
				? controls[text]!
				: null;
		if (control === null) return null;
		text = control;
	}
	return prefixMeta(text, modifiers);
}

function prefixMeta(text: string, modifiers: Modifiers): string {
	return modifiers.meta ? ESC + text : text;
}
