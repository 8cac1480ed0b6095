/**
 * Reads a generation's output, while it is written or long after. The folder's format stands in segments.ts.
 *
 * Ownership: a reader holds no descriptor between calls and needs no closing. Every call looks at the disk anew, so that a trim or
 * a new segment is seen at once and in any process. Nothing is promised for tomorrow: what was kept when asked may be trimmed
 * when read, and then the answer's offset says where it truly starts.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { listSegments, type Segment, whenPresent } from "./segments.ts";

/** Bytes in one piece of {@link JournalReader.chunks}: bounds memory, and still costs few system calls. */
const CHUNK_BYTES = 64 * 1024;

export interface JournalChunk {
	/** Offset of the first byte. */
	offset: number;
	bytes: Uint8Array<ArrayBuffer>;
}

export class JournalReader {
	constructor(readonly dir: string) {}

	/** The first offset that is kept. */
	get startOffset(): number {
		return listSegments(this.dir)[0]?.start ?? 0;
	}

	/** The offset after the last byte on disk. While the disk refuses output, the writer's own `offset` is ahead of it. */
	get endOffset(): number {
		return listSegments(this.dir).at(-1)?.end ?? 0;
	}

	/**
	 * The first run of bytes without a gap in `[from, to)`, both ends of it. Starts at `from` when that byte is kept, else at
	 * the first kept byte after it; empty, and at the journal's end, when there is none.
	 */
	span(from: number, to: number): { from: number; to: number } {
		return spanOf(listSegments(this.dir), from, to);
	}

	/**
	 * The bytes of {@link span}, in memory at once. `offset` beyond `from` says that the bytes between are not kept; an end
	 * before `to` that there is a gap or that there was no more. Read on from `offset + bytes.length`.
	 */
	read(from: number, to: number): JournalChunk {
		const span = this.span(from, to);
		const bytes = new Uint8Array(span.to - span.from);
		let offset = span.from;
		let filled = 0;
		for (const chunk of this.chunks(span.from, span.to)) {
			if (filled === 0) offset = chunk.offset;
			if (chunk.offset !== offset + filled) break;
			bytes.set(chunk.bytes, filled);
			filled += chunk.bytes.length;
		}
		return { offset, bytes: bytes.subarray(0, filled) };
	}

	/**
	 * All kept bytes of `[from, to)` in order, in pieces of at most 64 KiB; `to` is cut to the end as it is at the call. A piece
	 * whose offset is not the end of the one before tells that what lies between is not kept.
	 */
	*chunks(from: number, to: number = Number.POSITIVE_INFINITY): Generator<JournalChunk, void, void> {
		const end = Math.min(to, this.endOffset);
		let at = from;
		while (at < end) {
			const segment = listSegments(this.dir).find(
				(candidate) => candidate.end > at && candidate.end > candidate.start,
			);
			if (segment === undefined || segment.start >= end) return;
			at = Math.max(at, segment.start);
			const fd = whenPresent(() => openSync(segment.log, "r"));
			if (fd === undefined) continue;
			try {
				const stop = Math.min(segment.end, end);
				while (at < stop) {
					const bytes = new Uint8Array(Math.min(CHUNK_BYTES, stop - at));
					const count = readSync(fd, bytes, 0, bytes.length, at - segment.start);
					if (count === 0) break;
					yield { offset: at, bytes: bytes.subarray(0, count) };
					at += count;
				}
				at = Math.max(at, stop);
			} finally {
				closeSync(fd);
			}
		}
	}
}

/** The journal of a generation's folder. One that is not there, or holds nothing, is an empty journal. */
export function openJournal(dir: string): JournalReader {
	return new JournalReader(dir);
}

function spanOf(segments: Segment[], from: number, to: number): { from: number; to: number } {
	const end = segments.at(-1)?.end ?? 0;
	const first = segments.findIndex((segment) => segment.end > from && segment.end > segment.start);
	const start = Math.max(from, segments[first]?.start ?? end);
	if (first < 0 || start >= to) return { from: Math.min(start, end), to: Math.min(start, end) };
	let reached = segments[first]!.end;
	for (const segment of segments.slice(first + 1)) {
		if (segment.start !== reached) break;
		reached = segment.end;
	}
	return { from: start, to: Math.min(reached, to) };
}
