/**
 * A segment's index: text, one line per fact, all numbers relative to the segment.
 *
 *   berth-index 1 1762851234567 120x40     format, unix ms of the start, size in effect there
 *   0 0                                    the byte at offset start+0 came 0 ms after the start
 *   5120 1750                              the byte at start+5120 came 1750 ms after it, with all up to the next line
 *   5120 1802 100x30                       resized there and then
 *
 * A line counts only when it is whole and goes back in neither offset nor time. One that is torn or garbage costs its own fact
 * and no more; a missing or foreign file costs the segment's timing, never a byte of output.
 */
import { readFileSync } from "node:fs";
import { whenPresent } from "./segments.ts";

export interface Size {
	cols: number;
	rows: number;
}

export interface IndexEntry {
	/** Bytes from the segment's start. */
	at: number;
	/** Milliseconds from the segment's start. */
	ms: number;
	/** Set when the terminal was resized here. */
	size: Size | null;
}

export interface SegmentIndex {
	/** Unix milliseconds. */
	startedAt: number;
	size: Size;
	entries: IndexEntry[];
}

const HEADER = /^berth-index 1 (\d{1,16}) (\d{1,5})x(\d{1,5})$/;
const ENTRY = /^(\d{1,16}) (\d{1,16})(?: (\d{1,5})x(\d{1,5}))?$/;

export function indexHeader(startedAt: number, size: Size): string {
	return `berth-index 1 ${startedAt} ${size.cols}x${size.rows}\n`;
}

export function indexLine(entry: IndexEntry): string {
	const size = entry.size === null ? "" : ` ${entry.size.cols}x${entry.size.rows}`;
	return `${entry.at} ${entry.ms}${size}\n`;
}

/**
 * Reads a segment's index; null when there is none that can be used. Entries beyond `bytes`, the segment's length, are left out.
 * The writer bounds the file to a fraction of a segment, so it is read whole.
 */
export function readIndex(path: string, bytes: number): SegmentIndex | null {
	const text = whenPresent(() => readFileSync(path, "latin1"));
	if (text === undefined) return null;
	const lines = text.split("\n");
	// What stands after the last line feed is empty, or a line that was not finished.
	lines.pop();
	const header = HEADER.exec(lines[0] ?? "");
	if (!header) return null;
	const entries: IndexEntry[] = [];
	let last: IndexEntry = { at: 0, ms: 0, size: null };
	for (const line of lines.slice(1)) {
		const match = ENTRY.exec(line);
		if (!match) continue;
		const at = Number(match[1]);
		const ms = Number(match[2]);
		if (at < last.at || at > bytes || ms < last.ms) continue;
		const size = match[3] === undefined ? null : { cols: Number(match[3]), rows: Number(match[4]) };
		last = { at, ms, size };
		entries.push(last);
	}
	return {
		startedAt: Number(header[1]),
		size: { cols: Number(header[2]), rows: Number(header[3]) },
		entries,
	};
}
