/**
 * Terminal output as plain text, however it is cut into chunks: control sequences left out, `\r\n` as `\n`. A sequence or a character
 * that a chunk's end cuts is kept until its rest comes, so that sequences inside a word do not split it.
 */
import { stripControls, stripWhole, undoOnlcr } from "../contract/ansi.ts";

/** Characters of an unfinished control sequence that are waited for; what is longer is no sequence. */
const SEQUENCE_LIMIT = 64 * 1024;

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/;

export class OutputText {
	#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	#cut = "";

	/** The text that these bytes complete. */
	push(bytes: Uint8Array): string {
		const text = this.#cut + this.#decoder.decode(bytes, { stream: true });
		this.#cut = "";
		if (!CONTROLS.test(text)) return text;
		const { plain, rest } = stripWhole(text);
		if (rest.length > SEQUENCE_LIMIT) return undoOnlcr(stripControls(text));
		// The line feed of this carriage return may follow.
		const held = rest === "" && plain.endsWith("\r") ? "\r" : "";
		this.#cut = held + rest;
		return undoOnlcr(plain.slice(0, plain.length - held.length));
	}
}
