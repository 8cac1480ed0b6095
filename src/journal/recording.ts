/**
 * A journal as an asciicast recording, line by line (newline-delimited JSON).
 *
 *   version 3   https://docs.asciinema.org/manual/asciicast/v3/   seconds since the event before, exit status as "x"
 *   version 2   https://docs.asciinema.org/manual/asciicast/v2/   seconds since the start
 *
 * The recording starts where the journal does, with the size in effect there. Times come from the index and are exact to its
 * density (index-file.ts); a segment without one plays at the moment that was known last. Both formats hold text, not bytes:
 * a character that a read cuts is given whole with the next event, and what is not UTF-8 becomes U+FFFD. All "o" events
 * together are the output as one decoder gives it; bytes on both sides of a gap are never joined to a character.
 *
 * Memory is bounded by one piece of output and one segment's index, however long the recording.
 */
import { statSync } from "node:fs";
import { DEFAULT_SIZE } from "../contract/limits.ts";
import type { ExitRecord } from "../contract/link.ts";
import { signalNumber } from "../contract/signals.ts";
import { shellStatus } from "../contract/state.ts";
import { readExitRecord } from "./exit-record.ts";
import { type IndexEntry, readIndex, type Size } from "./index-file.ts";
import { type JournalReader, openJournal } from "./reader.ts";
import { listSegments, type Segment, whenPresent } from "./segments.ts";

export interface RecordingOptions {
	version: 2 | 3;
	title?: string;
	/** The command as a person would type it. */
	command?: string;
	/** The process's environment. Only SHELL and TERM go into the recording, which is made to be shared. */
	env?: Record<string, string | undefined>;
}

/** The lines of the recording, each with its line feed, up to the output's end as it is at the first. */
export function* recording(dir: string, options: RecordingOptions): Generator<string, void, void> {
	// The record is looked for before the output: when it is there, the output is complete.
	const exit = readExitRecord(dir);
	const journal = openJournal(dir);
	const end = journal.endOffset;
	let cast: Cast | null = null;
	let segment = segmentAfter(dir, -1);
	for (; segment !== undefined && segment.start <= end; segment = segmentAfter(dir, segment.start)) {
		const index = readIndex(segment.index, Math.min(segment.end, end) - segment.start);
		if (cast === null) {
			const { log } = segment;
			const startedAt = index?.startedAt ?? whenPresent(() => Math.floor(statSync(log).mtimeMs)) ?? null;
			cast = new Cast(options, startedAt, index?.size ?? DEFAULT_SIZE);
			yield cast.header();
		} else if (index !== null) {
			cast.advance(index.startedAt);
			yield* cast.resize(index.size);
		}
		const entries = index?.entries ?? [];
		yield* play(cast, journal, segment, Math.min(segment.end, end), index?.startedAt ?? 0, entries);
	}
	if (cast === null) {
		cast = new Cast(options, exit?.at ?? null, DEFAULT_SIZE);
		yield cast.header();
	}
	yield* cast.finish(exit);
}

/** A trim may take segments while the recording runs; the next one is what is there when it is asked for. */
function segmentAfter(dir: string, start: number): Segment | undefined {
	return listSegments(dir).find((segment) => segment.start > start);
}

/** One segment's output up to `end`, cut where the index says that time went on or the size changed. */
function* play(
	cast: Cast,
	journal: JournalReader,
	segment: Segment,
	end: number,
	startedAt: number,
	entries: IndexEntry[],
): Generator<string, void, void> {
	let next = 0;
	const passEntries = function* (offset: number): Generator<string, void, void> {
		for (; next < entries.length && segment.start + entries[next]!.at <= offset; next++) {
			const { ms, size } = entries[next]!;
			cast.advance(startedAt + ms);
			if (size !== null) yield* cast.resize(size);
		}
	};
	for (const { offset, bytes } of journal.chunks(segment.start, end)) {
		const chunkEnd = offset + bytes.length;
		for (let at = offset; at < chunkEnd; ) {
			yield* passEntries(at);
			const following = entries[next];
			const stop = following === undefined ? chunkEnd : Math.min(chunkEnd, segment.start + following.at);
			yield* cast.output(at, bytes.subarray(at - offset, stop - offset));
			at = stop;
		}
	}
	yield* passEntries(end);
}

/** The state of one recording: where in time and output it is, and the character that is not complete yet. */
class Cast {
	#options: RecordingOptions;
	#startedAt: number | null;
	#size: Size;
	/** Unix ms of what comes next, and of the event written last. */
	#now: number;
	#last: number;
	/** Offset after the output given so far. */
	#offset = 0;
	// A byte order mark is output like any other character.
	#decoder = new TextDecoder("utf-8", { ignoreBOM: true });

	constructor(options: RecordingOptions, startedAt: number | null, size: Size) {
		this.#options = options;
		this.#startedAt = startedAt;
		this.#size = size;
		this.#now = startedAt ?? 0;
		this.#last = this.#now;
	}

	header(): string {
		const { version, title, command, env } = this.#options;
		const { cols, rows } = this.#size;
		// JSON.stringify leaves out what is undefined: every field below but the size is optional.
		const timestamp = this.#startedAt === null ? undefined : Math.floor(this.#startedAt / 1000);
		const kept = version === 2 ? { SHELL: env?.SHELL, TERM: env?.TERM } : { SHELL: env?.SHELL };
		const common = { timestamp, command, title, env: env === undefined ? undefined : kept };
		const header =
			version === 2
				? { version, width: cols, height: rows, ...common }
				: { version, term: { cols, rows, type: env?.TERM }, ...common };
		return `${JSON.stringify(header)}\n`;
	}

	/** Time goes on to this moment, in unix ms; it never goes back. */
	advance(at: number): void {
		this.#now = Math.max(this.#now, at);
	}

	*resize(size: Size): Generator<string, void, void> {
		if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
		this.#size = size;
		yield this.#event("r", `${size.cols}x${size.rows}`);
	}

	*output(offset: number, bytes: Uint8Array): Generator<string, void, void> {
		if (offset !== this.#offset) yield* this.#text(this.#decoder.decode());
		yield* this.#text(this.#decoder.decode(bytes, { stream: true }));
		this.#offset = offset + bytes.length;
	}

	*finish(exit: ExitRecord | null): Generator<string, void, void> {
		yield* this.#text(this.#decoder.decode());
		// Version 2 has no exit event, and a status that nobody knows is not made up.
		if (this.#options.version === 2 || exit === null || (exit.code === null && exit.signal === null)) return;
		this.advance(exit.at);
		yield this.#event("x", String(shellStatus(exit, signalNumber)));
	}

	*#text(text: string): Generator<string, void, void> {
		if (text !== "") yield this.#event("o", text);
	}

	#event(code: "o" | "r" | "x", data: string): string {
		const from = this.#options.version === 2 ? (this.#startedAt ?? 0) : this.#last;
		const seconds = ((this.#now - from) / 1000).toFixed(3);
		this.#last = this.#now;
		return `[${seconds}, ${JSON.stringify(code)}, ${JSON.stringify(data)}]\n`;
	}
}
