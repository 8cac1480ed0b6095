/**
 * A worker's output on disk, one folder per generation:
 *
 *   g1/                        0700
 *     0000000000000000.log     0600   raw output; the name is the offset of its first byte
 *     0000000000000000.idx     0600   text: size at the start, then when which byte came (index-file.ts)
 *     0000000004194304.log            the next segment; a new one begins at about 4 MiB
 *     0000000004194304.idx
 *     exit.json                       how the process ended; exit.reserved until then (exit-record.ts)
 *
 *     offset   0          4 MiB        8 MiB                12 MiB         end
 *              ┌ trimmed ─┬────────────┬────────┬── gap ────┬──────────────┐
 *              │ (gone)   │ .log .idx  │ .log   │ disk full │ .log  →      │
 *              └──────────┴────────────┴────────┴───────────┴──────────────┘
 *                         startOffset                        endOffset ────┘
 *
 * The names alone say where each byte belongs, so nothing has to be repaired after a crash and nothing is ever rewritten:
 *
 *   trimmed            the first names are missing: the journal starts later
 *   a gap              a segment ends before the next begins: bytes that could not be written, or a file that was lost
 *   a torn tail        the last file's size is the end; index lines beyond it, or half a line, do not count
 *   a longer segment   what reaches into the next segment's offsets is ignored: each offset has one place
 *   an empty segment   counts as the end when it is the last, and as nothing elsewhere
 *
 * Ownership: one writer, the holder of this generation. Any number of readers in any process, with no lock between them: a
 * file only grows and is only ever unlinked whole. Nothing here outlives or needs a process; `rm -r` of the folder forgets it.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Digits of an offset in a file name: 16 hold every safe integer, and names sort as numbers do. */
const NAME_DIGITS = 16;
const LOG_NAME = /^(\d{16})\.log$/;

export interface Segment {
	/** Offset of the first byte. */
	start: number;
	/** Offset after the last byte that belongs to this segment. */
	end: number;
	log: string;
	index: string;
}

/** Paths of the segment that begins at `start`. */
export function segmentFiles(dir: string, start: number): { log: string; index: string } {
	const base = join(dir, String(start).padStart(NAME_DIGITS, "0"));
	return { log: `${base}.log`, index: `${base}.idx` };
}

/**
 * What is on disk now, by offset. Only the last segment may be empty. A folder that is not there has none: its process never
 * wrote.
 */
export function listSegments(dir: string): Segment[] {
	const starts = (whenPresent(() => readdirSync(dir)) ?? [])
		.map((name) => LOG_NAME.exec(name)?.[1])
		.filter((digits) => digits !== undefined)
		.map(Number)
		.filter(Number.isSafeInteger)
		.sort((a, b) => a - b);
	const segments: Segment[] = [];
	for (const [i, start] of starts.entries()) {
		const files = segmentFiles(dir, start);
		const size = whenPresent(() => statSync(files.log).size);
		if (size === undefined) continue;
		const next = starts[i + 1] ?? Number.POSITIVE_INFINITY;
		const end = Math.min(start + size, next);
		if (end > start || i === starts.length - 1) segments.push({ start, end, ...files });
	}
	return segments;
}

/** The result, or undefined when the file is gone: a trim may take any file from under a reader. */
export function whenPresent<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
