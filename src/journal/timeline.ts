/**
 * A journal as what happened in it: output and sizes, in order, each with its time. Recordings are made from it, and a screen is
 * drawn again from it exactly, because every byte meets the size that it was written for.
 *
 * Times come from the index and are exact to its density (index-file.ts); a segment without one plays at the moment that was
 * known last. Memory is bounded by one piece of output and one segment's index.
 */
import { statSync } from "node:fs";
import { DEFAULT_SIZE } from "../contract/limits.ts";
import { type IndexEntry, readIndex, type Size } from "./index-file.ts";
import { type JournalChunk, openJournal } from "./reader.ts";
import { listSegments, type Segment, whenPresent } from "./segments.ts";

export type Moment =
	/** The terminal has this size from here on. */
	| { kind: "size"; at: number; size: Size }
	/** At most 64 KiB of output. An offset that is not the end of the one before tells of a gap. */
	| ({ kind: "output"; at: number } & JournalChunk);

/** Where in time and size the playing is. */
interface Playhead {
	/** Unix milliseconds; 0 before anything is known. */
	at: number;
	size: Size | null;
}

/**
 * Everything that is kept, up to the end as it is at the first call. The first moment is the size at the honest start; `at` is in
 * unix ms and never goes back. It is 0 when the journal knows nothing about time.
 */
export function* timeline(dir: string): Generator<Moment, void, void> {
	const journal = openJournal(dir);
	const end = journal.endOffset;
	const head: Playhead = { at: 0, size: null };
	let segment = segmentAfter(dir, -1);
	for (; segment !== undefined && segment.start <= end; segment = segmentAfter(dir, segment.start)) {
		const { start } = segment;
		const stop = Math.min(segment.end, end);
		const index = readIndex(segment.index, stop - start);
		const startedAt = index?.startedAt ?? (head.size === null ? modifiedAt(segment) : head.at);
		yield* pass(head, startedAt, index?.size ?? head.size ?? DEFAULT_SIZE);
		const marks = (index?.entries ?? []).map((entry) => toMark(entry, start, startedAt));
		yield* play(head, journal.chunks(start, stop), marks);
	}
	yield* pass(head, 0, head.size ?? DEFAULT_SIZE);
}

/** A trim may take segments meanwhile; the next one is what is there when it is asked for. */
function segmentAfter(dir: string, start: number): Segment | undefined {
	return listSegments(dir).find((segment) => segment.start > start);
}

function modifiedAt(segment: Segment): number {
	return whenPresent(() => Math.floor(statSync(segment.log).mtimeMs)) ?? 0;
}

/** From this offset on it is `at`, and the size is `size` when that changed. */
interface Mark {
	offset: number;
	at: number;
	size: Size | null;
}

function toMark(entry: IndexEntry, start: number, startedAt: number): Mark {
	return { offset: start + entry.at, at: startedAt + entry.ms, size: entry.size };
}

/** One segment's output, cut where its marks say that time went on or the size changed. */
function* play(head: Playhead, chunks: Iterable<JournalChunk>, marks: Mark[]): Generator<Moment, void, void> {
	let next = 0;
	for (const { offset, bytes } of chunks) {
		const end = offset + bytes.length;
		for (let from = offset; from < end; ) {
			for (; next < marks.length && marks[next]!.offset <= from; next++) {
				yield* pass(head, marks[next]!.at, marks[next]!.size);
			}
			const to = Math.min(end, marks[next]?.offset ?? end);
			const piece = bytes.subarray(from - offset, to - offset);
			yield { kind: "output", at: head.at, offset: from, bytes: piece };
			from = to;
		}
	}
	for (; next < marks.length; next++) yield* pass(head, marks[next]!.at, marks[next]!.size);
}

/** Moves on in time, and tells a size that is another than before. */
function* pass(head: Playhead, at: number, size: Size | null): Generator<Moment, void, void> {
	head.at = Math.max(head.at, at);
	if (size === null || (size.cols === head.size?.cols && size.rows === head.size.rows)) return;
	head.size = size;
	yield { kind: "size", at: head.at, size };
}
