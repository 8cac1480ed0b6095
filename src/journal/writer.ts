/**
 * Writes a generation's output to disk, before anybody else gets it. The folder's format stands in segments.ts.
 *
 * Ownership: the holder owns one writer per generation, from before the process starts until the exit record is written, and
 * closes it. When the holder dies, everything that `append` took is in the kernel's hands and lost only if the machine goes
 * down as well.
 *
 * A disk that refuses (full, quota, I/O error) never ends a session: the writer counts offsets on, leaves a gap that readers see
 * in the offsets, says so through `fault` and `onFault`, and goes on in a new segment as soon as a write succeeds again.
 */
import { statSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import { JOURNAL_SEGMENT_BYTES } from "../contract/limits.ts";
import { ensurePrivateDir, syncDir, syncFile } from "../platform/files.ts";
import { reserveExitRecord } from "./exit-record.ts";
import type { Size } from "./index-file.ts";
import { removeSegment, SegmentWriter } from "./segment-writer.ts";
import { listSegments, whenPresent } from "./segments.ts";

/** Milliseconds between two tries to write to a disk that refused: a flood must not turn into a storm of failing calls. */
const RETRY_MS = 250;

/** A journal is trimmed by whole segments; with at least this many in its limit a trim never takes most of it. */
const SEGMENTS_PER_JOURNAL = 4;

export interface JournalOptions extends Size {
	/** Bytes kept on disk, index included; the oldest segments go first. */
	limitBytes: number;
	/** Bytes after which a segment is followed by the next; made smaller when the limit holds fewer than four. */
	segmentBytes?: number;
	/** Unix milliseconds. */
	now: () => number;
	/** The disk refuses from now on (a `journal_failed`), or takes output again (null). */
	onFault?: (fault: BerthError | null) => void;
}

interface ClosedSegment {
	start: number;
	/** Bytes on disk, index included. */
	bytes: number;
}

export class JournalWriter {
	#dir: string;
	#limitBytes: number;
	#segmentBytes: number;
	#size: Size;
	#now: () => number;
	#onFault: (fault: BerthError | null) => void;
	#offset = 0;
	/** Null while the disk refuses, and after `close`. */
	#segment: SegmentWriter | null = null;
	#closedSegments: ClosedSegment[] = [];
	#fault: BerthError | null = null;
	#retryAt = 0;
	#closed = false;

	private constructor(dir: string, options: JournalOptions) {
		const { limitBytes, segmentBytes = JOURNAL_SEGMENT_BYTES } = options;
		this.#dir = dir;
		this.#limitBytes = limitBytes;
		this.#segmentBytes = Math.max(1, Math.min(segmentBytes, Math.floor(limitBytes / SEGMENTS_PER_JOURNAL)));
		this.#size = { cols: options.cols, rows: options.rows };
		this.#now = options.now;
		this.#onFault = options.onFault ?? (() => {});
	}

	/**
	 * Makes the folder (0700), the first segment, and room for the exit record. A journal that is there already is continued
	 * behind its last byte, in a new segment. Throws `journal_failed` when the folder cannot be written: a worker should not
	 * start without its journal.
	 */
	static create(dir: string, options: JournalOptions): JournalWriter {
		const writer = new JournalWriter(dir, options);
		try {
			ensurePrivateDir(dir);
			reserveExitRecord(dir);
			for (const { start, end, index } of listSegments(dir)) {
				writer.#offset = end;
				const indexBytes = whenPresent(() => statSync(index).size) ?? 0;
				if (end > start) writer.#closedSegments.push({ start, bytes: end - start + indexBytes });
			}
			writer.#segment = SegmentWriter.open(dir, writer.#offset, writer.#size, options.now());
		} catch (error) {
			throw error instanceof BerthError ? error : writeFailure(dir, error);
		}
		return writer;
	}

	/** Offset after the last byte of output, written or lost. */
	get offset(): number {
		return this.#offset;
	}

	/** The first offset that is still kept. */
	get startOffset(): number {
		return this.#closedSegments[0]?.start ?? this.#segment?.start ?? this.#offset;
	}

	/** Why output is being lost now; null when all is well. */
	get fault(): BerthError | null {
		return this.#fault;
	}

	/**
	 * Writes output. When it returns, other processes can read the bytes, or `fault` says why not. Never throws for the disk. Call `stamp`
	 * soon afterwards.
	 */
	append(bytes: Uint8Array): void {
		if (this.#closed) throw new BerthError("internal", "output came after the journal was closed");
		for (let from = 0; from < bytes.length; from += this.#segmentBytes) {
			this.#write(
				bytes.length <= this.#segmentBytes ? bytes : bytes.subarray(from, from + this.#segmentBytes),
			);
		}
	}

	/** Writes down when the output came: by itself, because somebody may be waiting for an echo, and nobody for its time. */
	stamp(): void {
		this.#segment?.stamp();
	}

	/** Notes the terminal's size from here on. Several with no output between them leave one entry. */
	resize(cols: number, rows: number): void {
		this.#size = { cols, rows };
		this.#segment?.resize(this.#size, this.#now());
	}

	/**
	 * Makes everything durable against a failing machine; for the end, not for each append. Takes as long as the disk needs for
	 * what it was not given yet: 30 ms for 64 MiB on the machine this was written on. Never throws for the disk.
	 */
	sync(): void {
		try {
			for (const { log, index } of listSegments(this.#dir)) {
				whenPresent(() => syncFile(log));
				whenPresent(() => syncFile(index));
			}
			syncDir(this.#dir);
		} catch (error) {
			this.#fail(error, this.#now());
		}
	}

	/** Closes the files. Idempotent. */
	close(): void {
		this.#closed = true;
		this.#retire();
	}

	#write(bytes: Uint8Array): void {
		const now = this.#now();
		const segment = this.#segmentFor(bytes.length, now);
		this.#offset += bytes.length;
		if (segment === null) return;
		try {
			segment.append(bytes, now);
		} catch (error) {
			this.#fail(error, now);
			return;
		}
		if (this.#fault !== null) {
			this.#fault = null;
			this.#onFault(null);
		}
	}

	/** A segment that takes `bytes` more at the current offset, a new one if need be; null while the disk refuses. */
	#segmentFor(bytes: number, now: number): SegmentWriter | null {
		const segment = this.#segment;
		if (segment !== null) {
			const hasRoom = segment.logBytes === 0 || segment.bytes + bytes <= this.#segmentBytes;
			if (hasRoom && !segment.sealed) return segment;
			this.#retire();
		} else if (now < this.#retryAt) {
			return null;
		}
		try {
			this.#trim();
			this.#segment = SegmentWriter.open(this.#dir, this.#offset, this.#size, now);
		} catch (error) {
			this.#fail(error, now);
		}
		return this.#segment;
	}

	#retire(): void {
		const segment = this.#segment;
		if (segment === null) return;
		this.#segment = null;
		segment.close();
		if (segment.logBytes > 0) this.#closedSegments.push({ start: segment.start, bytes: segment.bytes });
	}

	/** Makes room for one more segment below the limit. */
	#trim(): void {
		let kept = this.#segmentBytes;
		for (const segment of this.#closedSegments) kept += segment.bytes;
		for (let oldest = this.#closedSegments[0]; oldest !== undefined && kept > this.#limitBytes; ) {
			removeSegment(this.#dir, oldest.start);
			kept -= oldest.bytes;
			this.#closedSegments.shift();
			oldest = this.#closedSegments[0];
		}
	}

	/** The file system refused. What has no errno is a fault of ours and goes on its way up. */
	#fail(error: unknown, now: number): void {
		if (errnoOf(error) === null) throw error;
		const segment = this.#segment;
		this.#retire();
		if (segment?.logBytes === 0) {
			try {
				removeSegment(this.#dir, segment.start);
			} catch {
				// It holds no output, so that it says nothing where it is (segments.ts); the fault is reported already.
			}
		}
		this.#retryAt = now + RETRY_MS;
		if (this.#fault !== null) return;
		this.#fault = writeFailure(this.#dir, error);
		this.#onFault(this.#fault);
	}
}

function errnoOf(error: unknown): string | null {
	return (error as NodeJS.ErrnoException).code ?? null;
}

function writeFailure(dir: string, error: unknown): BerthError {
	const errno = errnoOf(error);
	let what = (error as Error).message;
	if (errno === "ENOSPC") what = "the disk is full; free some space";
	if (errno === "EDQUOT") what = "the disk quota is used up; free some space";
	const detail = `output cannot be written to ${dir}: ${what}. Output that comes meanwhile is not kept`;
	return new BerthError("journal_failed", detail, { dir, errno }, error);
}
