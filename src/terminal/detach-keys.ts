/**
 * The keys that leave a session, in docker's notation: `ctrl-\`, `ctrl-p,ctrl-q`, `ctrl-a,d`.
 *
 * A program inside may have switched the user's terminal to another keyboard encoding; the same key then arrives as
 * `CSI 92 ; 5 u` (kitty keyboard protocol) or `CSI 27 ; 5 ; 92 ~` (xterm's modifyOtherKeys). All of them are understood. What is inside a
 * bracketed paste is text, never a key.
 */
import { BerthError } from "../contract/errors.ts";
import type { KeyState } from "../contract/lending.ts";

interface Key {
	/** The byte that it sends in the legacy encoding. */
	byte: number;
	/** Unicode code point of the key in the newer encodings. */
	code: number;
	ctrl: boolean;
}

/** Keys that have a control character, besides the letters. */
const CONTROL_SYMBOLS = "@[\\]^_";

export function parseDetachKeys(text: string): Key[] {
	return text.split(",").map((name) => {
		const lower = name.toLowerCase();
		const letter = lower.startsWith("ctrl-") ? lower.slice("ctrl-".length) : null;
		if (
			letter !== null &&
			letter.length === 1 &&
			(/[a-z]/.test(letter) || CONTROL_SYMBOLS.includes(letter))
		) {
			return { byte: letter.toUpperCase().charCodeAt(0) & 0x1f, code: letter.charCodeAt(0), ctrl: true };
		}
		if (/^[\x21-\x7e]$/.test(name))
			return { byte: name.charCodeAt(0), code: name.charCodeAt(0), ctrl: false };
		throw new BerthError(
			"bad_request",
			`${JSON.stringify(text)} are no detach keys; write them as ctrl-\\ or ctrl-p,ctrl-q`,
		);
	});
}

/** For people: `Ctrl-P Ctrl-Q`. */
export function describeKeys(keys: readonly Key[]): string {
	return keys
		.map(({ code, ctrl }) =>
			ctrl ? `Ctrl-${String.fromCharCode(code).toUpperCase()}` : String.fromCharCode(code),
		)
		.join(" ");
}

/** Modifier bits of both encodings, after subtracting the 1 that they start from. */
const SHIFT = 1;
const CTRL = 4;
/** Caps lock and num lock change nothing about which key it is. */
const LOCKS = 64 | 128;

/** Kitty's event type of a key that is let go. */
const RELEASE = "3";

/** Code points that kitty gives to the modifier keys themselves. */
const isModifierKey = (code: number) => code >= 57_441 && code <= 57_454;

const KITTY = /^\x1b\[(\d+)(?::(\d*))?(?::\d*)?(?:;(\d*)(?::(\d*))?)?(?:;[\d:]*)?u$/;
const OTHER_KEYS = /^\x1b\[27;(\d+);(\d+)~$/;

type Fit = "fits" | "neutral" | "other";

function fit(token: string, key: Key): Fit {
	if (token.length === 1) return token.charCodeAt(0) === key.byte ? "fits" : "other";
	const kitty = KITTY.exec(token);
	if (kitty) {
		const [, code, shifted, modifiers, event] = kitty;
		if (event === RELEASE || isModifierKey(Number(code))) return "neutral";
		const held = (Number(modifiers || 1) - 1) & ~LOCKS;
		const wanted = key.ctrl ? CTRL : 0;
		const plain =
			Number(code) === key.code && (held & ~SHIFT) === wanted && (key.ctrl || (held & SHIFT) === 0);
		const withShift = Number(shifted) === key.code && (held & SHIFT) !== 0 && (held & ~SHIFT) === wanted;
		return plain || withShift ? "fits" : "other";
	}
	const other = OTHER_KEYS.exec(token);
	if (!other) return "other";
	const held = (Number(other[1]) - 1) & ~SHIFT;
	return Number(other[2]) === key.code && held === (key.ctrl ? CTRL : 0) ? "fits" : "other";
}

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|[\s\S]/y;
/** A sequence whose end has not come. A lone Escape is not kept back: it is a key by itself. */
const UNFINISHED = /\x1b\[[0-?]{0,32}$/;

const ESC = 0x1b;

/** Watches input for the detach keys. What is not part of them goes on, unchanged and in order. */
export class DetachKeys {
	readonly #keys: readonly Key[];
	/** Tokens that fit so far, and how many keys they stand for. */
	#held: string[] = [];
	#progress = 0;
	#tail = "";
	#pasting = false;

	constructor(keys: readonly Key[]) {
		this.#keys = keys;
	}

	/** Something is kept back that may turn out to be ordinary input: call `flush` soon when nothing follows. */
	get unfinished(): boolean {
		return this.#tail !== "";
	}

	/** Nothing that comes depends on what came before. */
	get idle(): boolean {
		return this.#progress === 0 && this.#tail === "" && !this.#pasting;
	}

	/** The input to pass on; `detach` once the keys are complete: what came after them is dropped. */
	push(bytes: Uint8Array): { input: Uint8Array; detach: boolean } {
		// Nearly all that a person types.
		if (this.idle && !bytes.includes(ESC) && !bytes.includes(this.#keys[0]!.byte)) {
			return { input: bytes, detach: false };
		}
		let text = this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
		this.#tail = "";
		const unfinished = UNFINISHED.exec(text);
		if (unfinished) {
			this.#tail = unfinished[0];
			text = text.slice(0, unfinished.index);
		}
		let out = "";
		TOKEN.lastIndex = 0;
		while (TOKEN.lastIndex < text.length) {
			if (this.#pasting) {
				const end = text.indexOf(PASTE_END, TOKEN.lastIndex);
				const to = end === -1 ? text.length : end;
				out += text.slice(TOKEN.lastIndex, to);
				TOKEN.lastIndex = to;
				if (end === -1) break;
				this.#pasting = false;
			}
			const [token] = TOKEN.exec(text)!;
			if (token === PASTE_START) this.#pasting = true;
			const passed = this.#take(token);
			if (passed === null) return { input: Buffer.from(out, "latin1"), detach: true };
			out += passed;
		}
		return { input: Buffer.from(out, "latin1"), detach: false };
	}

	/** Nothing followed what was kept back. */
	flush(): Uint8Array {
		const tail = this.#tail;
		this.#tail = "";
		return Buffer.from(this.#take(tail) ?? "", "latin1");
	}

	/** Everything that is kept, for whoever watches from now on; the keys start anew here. */
	take(): KeyState {
		const state = { held: this.#held.join("") + this.#tail, pasting: this.#pasting };
		this.#held = [];
		this.#progress = 0;
		this.#tail = "";
		this.#pasting = false;
		return state;
	}

	/** A paste has begun before the watching did. */
	paste(): void {
		this.#pasting = true;
	}

	/** What can be passed on now that this token came; null when it completed the keys. */
	#take(token: string): string | null {
		const fits = fit(token, this.#keys[this.#progress]!);
		if (fits === "other" || (fits === "neutral" && this.#progress === 0)) {
			if (this.#progress === 0) return token;
			// The first one was ordinary input after all; the rest may still be a beginning.
			const [first, ...rest] = this.#held;
			this.#held = [];
			this.#progress = 0;
			let out = first!;
			for (const each of [...rest, token]) out += this.#take(each) ?? "";
			return out;
		}
		this.#held.push(token);
		if (fits === "fits") this.#progress++;
		if (this.#progress < this.#keys.length) return "";
		this.#held = [];
		this.#progress = 0;
		return null;
	}
}
