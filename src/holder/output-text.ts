/**
 * Terminal output as plain text, however it is cut into chunks: control sequences left out, `\r\n` as `\n`. A sequence or a character
 * that a chunk's end cuts is kept until its rest comes, so that sequences inside a word do not split it.
 */
import { stripControls, undoOnlcr } from "../contract/ansi.ts";

/** Characters of an unfinished control sequence that are waited for; what is longer is no sequence. */
const SEQUENCE_LIMIT = 64 * 1024;

/** A control sequence that the end of the text cuts (ECMA-48), or a carriage return whose line feed may follow. */
const UNFINISHED = /(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_](?:(?!\x07|\x1b\\)[\s\S])*|[ -/]*)|\r)$/;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/;

export class OutputText {
	#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	#cut = "";

	/** The text that these bytes complete. */
	push(bytes: Uint8Array): string {
		const text = this.#cut + this.#decoder.decode(bytes, { stream: true });
		this.#cut = "";
		if (!CONTROLS.test(text)) return text;
		const unfinished = UNFINISHED.exec(text);
		if (unfinished === null || unfinished[0].length > SEQUENCE_LIMIT) return undoOnlcr(stripControls(text));
		this.#cut = unfinished[0];
		return undoOnlcr(stripControls(text.slice(0, unfinished.index)));
	}
}
