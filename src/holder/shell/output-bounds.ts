/**
 * Where a command's output lies between its marks. zsh and fish print things of their own there, always the same, which are left
 * out; so what a command wrote is told to the byte.
 */
import type { IntegratedShell } from "./inject.ts";

/** Reads `[from, to)` of the output; starts later when the start is no longer kept. */
export type ReadOutput = (from: number, to: number) => { offset: number; bytes: Uint8Array };

export interface OutputRange {
	from: number;
	to: number;
}

/** Bytes at each end of the output in which the shell's own sequences are looked for. */
const EDGE_BYTES = 8192;

/** What readline and zle send when a line was accepted, zle the line's end after it. */
const EDITOR_LEFT = /^.*\x1b\[\?2004l\r(?:\r\n)?/s;

/** What fish sends between its mark and the command's first byte: the editor left, the title, the colours reset. */
const FISH_HEAD =
	/^(?:\x1b\[\?2004l)?(?:\x1b\]0;[^\x07\x1b]*\x07(?:\x1b\[30m)?(?:\x1b\(B)?\x1b\[0?m\r|(?:\x1b\[30m)?\x1b\(B\x1b\[0?m)?/;

/**
 * Where output starts when the shell marked no start, which is so for a text that it could not parse: after the line editor put the
 * terminal back (bracketed paste off), or else after the line that shows the text.
 */
export function endOfEcho(read: ReadOutput, from: number, to: number): number {
	const { offset, text } = edge(read, from, to);
	const left = EDITOR_LEFT.exec(text);
	if (left !== null) return offset + left[0].length;
	const line = text.indexOf("\r\n");
	return line < 0 ? to : offset + line + 2;
}

/** Latin-1 keeps one character per byte, so that what a pattern finds has the same length in the journal. */
function edge(read: ReadOutput, from: number, to: number): { offset: number; text: string } {
	const { offset, bytes } = read(from, to);
	return { offset, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") };
}

/**
 * Moves the bounds over what the shell, not the command, printed at both ends. `eol` is what zsh prints after a line without an end
 * (PROMPT_EOL_MARK, expanded); empty when it printed nothing, as while the command runs.
 */
export function outputBounds(
	read: ReadOutput,
	shell: IntegratedShell,
	{ from, to }: OutputRange,
	eol: string,
): OutputRange {
	if (to <= from || shell === "bash") return { from, to: Math.max(from, to) };
	if (shell === "zsh") return { from, to: withoutUnfinishedLineMark(read, from, to, eol) };
	const head = edge(read, from, Math.min(to, from + EDGE_BYTES));
	return { from: head.offset === from ? from + FISH_HEAD.exec(head.text)![0].length : from, to };
}

/**
 * PROMPT_SP: zsh prints its mark, blanks to the right margin, and a carriage return, so that the mark stays only when the output did
 * not end a line. Always there, always last.
 */
function withoutUnfinishedLineMark(read: ReadOutput, from: number, to: number, eol: string): number {
	if (eol === "") return to;
	const tail = edge(read, Math.max(from, to - EDGE_BYTES), to);
	const mark = Buffer.from(eol, "utf8").toString("latin1");
	const at = tail.text.lastIndexOf(mark);
	return at >= 0 && /^ *\r *\r$/.test(tail.text.slice(at + mark.length)) ? tail.offset + at : to;
}
