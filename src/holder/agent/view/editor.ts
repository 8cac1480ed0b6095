/**
 * The line in which a person types a prompt: one row that scrolls sideways, so that it can always be taken away again whatever the
 * terminal's width. Enter sends; a pasted line end, Ctrl-J and Alt-Enter are line ends in the text; Ctrl-C interrupts or clears.
 */
import { INPUT_LIMIT_BYTES } from "../../../contract/limits.ts";

export type EditorAction = { kind: "submit"; text: string } | { kind: "interrupt" };

/** Prompts that Up finds again. */
const HISTORY = 100;

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

const PARTIAL_END = /(?:\r|\r?\x1b(?:\[(?:2(?:0(?:1)?)?)?)?)$/;

/** CSI and SS3 sequences, Alt with a character, or what a chunk's end has cut of one. */
const ESCAPE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^[O])/;
const CUT_ESCAPE = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;

export interface EditorRow {
	text: string;
	/** Cells before the cursor. */
	cursor: number;
	/** Cells in all. */
	width: number;
}

export class Editor {
	readonly #decoder = new TextDecoder();
	/** Characters by code point: the cursor stands before one of them. */
	#text: string[] = [];
	#cursor = 0;
	#pending = "";
	#pasting = false;
	#history: string[] = [];
	/** Which of the history is shown; its length for what is being typed. */
	#shown = 0;

	get empty(): boolean {
		return this.#text.length === 0;
	}

	/** What the keys ask for, in order. */
	feed(bytes: Uint8Array): EditorAction[] {
		const actions: EditorAction[] = [];
		let input = this.#pending + this.#decoder.decode(bytes, { stream: true });
		this.#pending = "";
		while (input !== "") {
			const [taken, action] = this.#pasting ? this.#paste(input) : this.#key(input);
			if (taken === 0) {
				this.#pending = input;
				break;
			}
			if (action) actions.push(action);
			input = input.slice(taken);
		}
		return actions;
	}

	/** Takes back what was submitted, to be sent later. */
	restore(text: string): void {
		if (this.empty) this.#set(text);
	}

	clear(): void {
		this.#set("");
	}

	/** The part of the text that fits, with the cursor in it. */
	row(cells: number): EditorRow {
		const shown = this.#text.map((character) =>
			character === "\n" ? "⏎" : character === "\t" ? " " : character,
		);
		const widths = shown.map((character) => Bun.stringWidth(character));
		const room = Math.max(1, cells - 1);
		let from = 0;
		let before = sum(widths, 0, this.#cursor);
		while (before > room && from < this.#cursor) before -= widths[from++]!;
		let to = this.#cursor;
		let width = before;
		while (to < shown.length && width + widths[to]! <= room) width += widths[to++]!;
		return { text: shown.slice(from, to).join(""), cursor: before, width };
	}

	#paste(input: string): [number, EditorAction | null] {
		const end = input.indexOf(PASTE_END);
		if (end === -1) {
			// What came last may be the first of the paste's end, or of a line end of two characters.
			const sure = input.length - (PARTIAL_END.exec(input)?.[0].length ?? 0);
			this.#insert(pasted(input.slice(0, sure)));
			return [sure, null];
		}
		this.#insert(pasted(input.slice(0, end)));
		this.#pasting = false;
		return [end + PASTE_END.length, null];
	}

	#key(input: string): [number, EditorAction | null] {
		if (input[0] === "\x1b") return this.#escape(input);
		const character = String.fromCodePoint(input.codePointAt(0)!);
		if (character === "\r") return [1, this.#submit()];
		if (character === "\x03") return [1, this.#interrupt()];
		const control = controls[character];
		if (control) this.#apply(control);
		else if (character >= " " || character === "\n" || character === "\t") this.#insert(character);
		return [character.length, null];
	}

	#escape(input: string): [number, EditorAction | null] {
		if (CUT_ESCAPE.test(input)) return [0, null];
		const sequence = ESCAPE.exec(input)?.[0];
		if (sequence === undefined) return [1, null];
		if (sequence === PASTE_START) this.#pasting = true;
		else if (sequence === "\x1b\r") this.#insert("\n");
		else {
			const move = sequences[sequence.replace("\x1bO", "\x1b[")];
			if (move) this.#apply(move);
		}
		return [sequence.length, null];
	}

	#submit(): EditorAction | null {
		const text = this.#text.join("");
		if (text.trim() === "") return null;
		if (this.#history.at(-1) !== text) this.#history.push(text);
		if (this.#history.length > HISTORY) this.#history.shift();
		this.clear();
		this.#shown = this.#history.length;
		return { kind: "submit", text };
	}

	/** Clears what was typed first, as a shell does. */
	#interrupt(): EditorAction | null {
		if (this.empty) return { kind: "interrupt" };
		this.clear();
		return null;
	}

	#insert(text: string): void {
		const characters = [...text];
		if (this.#text.length + characters.length > INPUT_LIMIT_BYTES) return;
		this.#text.splice(this.#cursor, 0, ...characters);
		this.#cursor += characters.length;
	}

	#apply(move: Move): void {
		const text = this.#text;
		const end = text.length;
		if (move === "older" || move === "newer") {
			this.#recall(move === "older" ? -1 : 1);
			return;
		}
		if (move === "delete-left" || move === "delete-right") {
			const at = move === "delete-left" ? this.#cursor - 1 : this.#cursor;
			if (at >= 0 && at < end) {
				text.splice(at, 1);
				this.#cursor = at;
			}
		} else if (move === "delete-word" || move === "delete-line") {
			const from = move === "delete-word" ? this.#wordStart() : 0;
			text.splice(from, this.#cursor - from);
			this.#cursor = from;
		} else if (move === "delete-rest") text.splice(this.#cursor);
		else if (move === "left") this.#cursor = Math.max(0, this.#cursor - 1);
		else if (move === "right") this.#cursor = Math.min(end, this.#cursor + 1);
		else if (move === "word-left") this.#cursor = this.#wordStart();
		else if (move === "word-right") this.#cursor = this.#wordEnd();
		else this.#cursor = move === "start" ? 0 : end;
	}

	#recall(step: -1 | 1): void {
		const shown = Math.min(this.#history.length, Math.max(0, this.#shown + step));
		this.#set(this.#history[shown] ?? "");
		this.#shown = shown;
	}

	#set(text: string): void {
		this.#text = [...text];
		this.#cursor = this.#text.length;
		this.#shown = this.#history.length;
	}

	#wordStart(): number {
		let at = this.#cursor;
		while (at > 0 && isBlank(this.#text[at - 1])) at--;
		while (at > 0 && !isBlank(this.#text[at - 1])) at--;
		return at;
	}

	#wordEnd(): number {
		let at = this.#cursor;
		while (at < this.#text.length && isBlank(this.#text[at])) at++;
		while (at < this.#text.length && !isBlank(this.#text[at])) at++;
		return at;
	}
}

type Move =
	| ("left" | "right" | "start" | "end" | "word-left" | "word-right")
	| ("older" | "newer")
	| ("delete-left" | "delete-right" | "delete-word" | "delete-line" | "delete-rest");

/** As readline has them. */
const controls: Record<string, Move> = {
	"\x01": "start",
	"\x02": "left",
	"\x04": "delete-right",
	"\x05": "end",
	"\x06": "right",
	"\b": "delete-left",
	"\x0b": "delete-rest",
	"\x0e": "newer",
	"\x10": "older",
	"\x15": "delete-line",
	"\x17": "delete-word",
	"\x7f": "delete-left",
};

const sequences: Record<string, Move> = {
	"\x1b[A": "older",
	"\x1b[B": "newer",
	"\x1b[C": "right",
	"\x1b[D": "left",
	"\x1b[H": "start",
	"\x1b[F": "end",
	"\x1b[1~": "start",
	"\x1b[4~": "end",
	"\x1b[3~": "delete-right",
	"\x1b[1;5C": "word-right",
	"\x1b[1;5D": "word-left",
	"\x1bb": "word-left",
	"\x1bf": "word-right",
	"\x1b\x7f": "delete-word",
};

const isBlank = (character: string | undefined) => character === " " || character === "\n";

/** Terminals paste line ends as carriage returns. */
function pasted(text: string): string {
	return text
		.replaceAll("\r\n", "\n")
		.replaceAll("\r", "\n")
		.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
}

function sum(values: readonly number[], from: number, to: number): number {
	let total = 0;
	for (let at = from; at < to; at++) total += values[at]!;
	return total;
}
