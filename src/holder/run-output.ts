/** The output of a command, exactly as the command wrote it, cut out of the terminal's journal. */
import { undoOnlcr } from "../contract/ansi.ts";
import { FRAME_LIMIT_BYTES, RUN_OUTPUT_LIMIT_BYTES } from "../contract/limits.ts";
import type { IntegratedShell, ShellIntegration } from "./shell/inject.ts";
import type { WorkerTerminal } from "./terminal.ts";

/** Where the command's output lies, and what the shell said of its end. */
export interface OutputRange {
	from: number;
	to: number;
	/** What the shell prints after a line without an end (zsh's PROMPT_EOL_MARK, expanded); empty when it prints nothing. */
	eol: string;
}

export interface CommandOutput {
	output: string;
	startOffset: number;
	endOffset: number;
	truncatedBytes: number;
}

/** Bytes at each end of the output in which the shell's own sequences are looked for. */
const EDGE_BYTES = 8192;

/** Room for the rest of an answer in a frame, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

/** The longest form of one UTF-16 unit in JSON: `\u001b`. */
const LONGEST_ESCAPE = 6;

/** What readline and zle send when a line was accepted. */
const EDITOR_LEFT = "\x1b[?2004l\r";

/** What fish sends by itself before a command's output: the title, and the colours reset. */
const FISH_HEAD = /^(?:\x1b\]0;[^\x07\x1b]*(?:\x07|\x1b\\))?(?:\x1b\[30m)?(?:\x1b\(B)?(?:\x1b\[0?m)?\r?/;
const FISH_TAIL =
	/(?:\x1b\[30m)?(?:\x1b\(B)?(?:\x1b\[0?m)?(?:\x1b\]0;[^\x07\x1b]*(?:\x07|\x1b\\))?(?:\x1b\[30m)?(?:\x1b\(B)?(?:\x1b\[0?m)?\r?$/;

/**
 * Reads and cleans the range. The output's end is kept when it is too long for one answer or when the journal has dropped its start;
 * `truncatedBytes` tells how much is missing.
 */
export function commandOutput(
	terminal: WorkerTerminal,
	integration: ShellIntegration,
	range: OutputRange,
): CommandOutput {
	const { from, to } = withoutShellNoise(terminal, integration.shell, range);
	const wanted = Math.max(from, to - RUN_OUTPUT_LIMIT_BYTES);
	const { offset, bytes } = terminal.read(wanted, to);
	const text = decode(bytes);
	const output = fitFrame(undoOnlcr(withoutMarks(text, integration.nonce)));
	const truncatedBytes = Math.max(0, Math.min(offset, to) - from) + output.droppedBytes;
	return { output: output.text, startOffset: from, endOffset: to, truncatedBytes };
}

/**
 * Where output starts when the shell marked no start, which is so for a text that it could not parse: after the line editor put the
 * terminal back (bracketed paste off), or else after the line that shows the text.
 */
export function endOfEcho(terminal: WorkerTerminal, from: number, to: number): number {
	const { offset, text } = edge(terminal, from, to);
	const restored = text.lastIndexOf(EDITOR_LEFT);
	if (restored >= 0) return offset + restored + EDITOR_LEFT.length;
	const line = text.indexOf("\r\n");
	return line < 0 ? to : offset + line + 2;
}

/** Latin-1 keeps one character per byte, so that what a pattern finds has the same length in the journal. */
function edge(terminal: WorkerTerminal, from: number, to: number): { offset: number; text: string } {
	const { offset, bytes } = terminal.read(from, to);
	return { offset, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") };
}

/** Moves the bounds over what the shell, not the command, printed at both ends. */
function withoutShellNoise(
	terminal: WorkerTerminal,
	shell: IntegratedShell,
	{ from, to, eol }: OutputRange,
): { from: number; to: number } {
	if (to <= from || shell === "bash") return { from, to: Math.max(from, to) };
	if (shell === "zsh") return { from, to: withoutUnfinishedLineMark(terminal, from, to, eol) };
	const head = edge(terminal, from, Math.min(to, from + EDGE_BYTES));
	const start = head.offset === from ? from + FISH_HEAD.exec(head.text)![0].length : from;
	const tail = edge(terminal, Math.max(start, to - EDGE_BYTES), to);
	return { from: start, to: to - FISH_TAIL.exec(tail.text)![0].length };
}

/**
 * PROMPT_SP: zsh prints its mark, blanks to the right margin, and a carriage return, so that the mark stays only when the output did
 * not end a line. Always there, always last.
 */
function withoutUnfinishedLineMark(terminal: WorkerTerminal, from: number, to: number, eol: string): number {
	if (eol === "") return to;
	const tail = edge(terminal, Math.max(from, to - EDGE_BYTES), to);
	const mark = Buffer.from(eol, "utf8").toString("latin1");
	const at = tail.text.lastIndexOf(mark);
	return at >= 0 && /^ *\r *\r$/.test(tail.text.slice(at + mark.length)) ? tail.offset + at : to;
}

/** A text of several lines has a mark before each command that bash reads from it. */
function withoutMarks(text: string, nonce: string): string {
	if (!text.includes(nonce)) return text;
	return text.replace(new RegExp(`\\x1b\\](?:133|633);[^\\x07\\x1b]*${nonce}[^\\x07\\x1b]*\\x07`, "g"), "");
}

function decode(bytes: Uint8Array): string {
	return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Keeps as much of the text's end as one answer can carry: control characters are six times as long in JSON. */
function fitFrame(text: string): { text: string; droppedBytes: number } {
	const room = FRAME_LIMIT_BYTES - ENVELOPE_BYTES;
	let kept = text;
	while (kept.length * LONGEST_ESCAPE > room && Buffer.byteLength(JSON.stringify(kept)) > room) {
		kept = kept.slice(kept.length >> 1);
	}
	const droppedBytes = kept === text ? 0 : Buffer.byteLength(text) - Buffer.byteLength(kept);
	return { text: kept, droppedBytes };
}
