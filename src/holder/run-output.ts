/** The output of a command, exactly as the command wrote it, cut out of the terminal's journal. */
import { undoOnlcr } from "../contract/ansi.ts";
import { FRAME_LIMIT_BYTES, RUN_OUTPUT_LIMIT_BYTES } from "../contract/limits.ts";
import type { OutputRange } from "./shell/output-bounds.ts";
import type { WorkerTerminal } from "./terminal.ts";

export interface CommandOutput {
	output: string;
	startOffset: number;
	endOffset: number;
	truncatedBytes: number;
}

/** Room for the rest of an answer in a frame, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

/** The longest form of one UTF-16 unit in JSON: `\u001b`. */
const LONGEST_ESCAPE = 6;

/**
 * Reads and cleans the range. The output's end is kept when it is too long for one answer or when the journal has dropped its start;
 * `truncatedBytes` tells how much is missing.
 */
export function commandOutput(
	terminal: WorkerTerminal,
	nonce: string,
	{ from, to }: OutputRange,
): CommandOutput {
	const { offset, bytes } = terminal.read(Math.max(from, to - RUN_OUTPUT_LIMIT_BYTES), to);
	const output = fitFrame(undoOnlcr(withoutMarks(decode(bytes), nonce)));
	const truncatedBytes = Math.max(0, Math.min(offset, to) - from) + output.droppedBytes;
	return { output: output.text, startOffset: from, endOffset: to, truncatedBytes };
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
