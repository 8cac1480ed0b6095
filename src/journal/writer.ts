/**
 * Writes a generation's output to disk, before anybody else gets it. The folder's format stands in segments.ts.
 *
 * Ownership: the holder owns one writer per generation, from before the process starts until the exit record is written, and
 * closes it. Two descriptors are open meanwhile. When the holder dies, everything that `append` took is in the kernel's hands
 * and lost only if the machine goes down as well.
 *
 * A disk that refuses (full, quota, I/O error) never ends a session: the writer counts offsets on, leaves a gap that readers see
 * in the offsets, says so through `fault` and `onFault`, and goes on in a new segment as soon as a write succeeds again.
 */
import {
	closeSync,
	constants,
	fsyncSync,
	ftruncateSync,
	openSync,
	statSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { BerthError } from "../contract/errors.ts";
import { JOURNAL_SEGMENT_BYTES } from "../contract/limits.ts";
import { ensurePrivateDir, syncDir } from "../platform/files.ts";
import { reserveExitRecord } from "./exit-record.ts";
import { indexHeader, indexLine, type Size } from "./index-file.ts";
import { listSegments, segmentFiles, whenPresent } from "./segments.ts";

/** Milliseconds between two index entries: finer than a person sees, coarser than a flood writes. */
const INDEX_INTERVAL_MS = 50;

/**
 * A segment's index may have this many bytes plus this share of the segment's output; then timing gets coarser. It keeps a
 * program that prints single bytes for days from filling the disk with their times.
 */
const INDEX_ALLOWANCE_BYTES = 64 * 1024;
const INDEX_SHARE = 1 / 4;

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

interface OpenSegment {
	start: number;
	startedAt: number;
	logFd: number;
	indexFd: number;
	logBytes: number;
	indexBytes: number;
	/** When the last index entry was made, in unix ms, and what it says, in ms from the start. */
	indexedAt: number;
	indexedMs: number;
	/** The last index line when it is a resize: where it begins in the file, and at how many bytes of output it was. */
	resizeLine: { begin: number; at: number } | null;
	/** Its index could not be written: the next output begins a new segment. */
	sealed: boolean;
}

interface ClosedSegment {
	start: number;
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
	#segment: OpenSegment | null = null;
	#closedSegments: ClosedSegment[] = [];
	#fault: BerthError | null = null;
	#retryAt = 0;
	#closed = false;

	private constructor(dir: string, options: JournalOptions) {
		this.#dir = dir;
		this.#limitBytes = options.limitBytes;
		this.#segmentBytes = Math.max(
			1,
			Math.min(
				options.segmentBytes ?? JOURNAL_SEGMENT_BYTES,
				Math.floor(options.limitBytes / SEGMENTS_PER_JOURNAL),
			),
		);
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
			for (const segment of listSegments(dir)) {
				const { start, end, index } = segment;
				const indexBytes = whenPresent(() => statSync(index).size) ?? 0;
				writer.#offset = end;
				if (end > start) writer.#closedSegments.push({ start, bytes: end - start + indexBytes });
			}
			writer.#segment = writer.#openSegment();
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

	/** Writes output. When it returns, other processes can read the bytes, or `fault` says why not. Never throws for the disk. */
	append(bytes: Uint8Array): void {
		if (this.#closed) throw new BerthError("internal", "output came after the journal was closed");
		let rest = bytes;
		while (rest.length > 0) {
			const piece = rest.length > this.#segmentBytes ? rest.subarray(0, this.#segmentBytes) : rest;
			this.#write(piece);
			rest = rest.subarray(piece.length);
		}
	}

	/** Notes the terminal's size from here on. Several with no output between them leave one entry. */
	resize(cols: number, rows: number): void {
		this.#size = { cols, rows };
		const segment = this.#segment;
		if (segment !== null && !segment.sealed) this.#index(segment, segment.logBytes, this.#now(), this.#size);
	}

	/** Makes everything durable against a failing machine; for the end, not for each append. Never throws for the disk. */
	sync(): void {
		const segment = this.#segment;
		if (segment === null) return;
		try {
			fsyncSync(segment.logFd);
			fsyncSync(segment.indexFd);
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
		const at = this.#offset;
		const segment = this.#room(bytes.length, now);
		this.#offset = at + bytes.length;
		if (segment === null) return;
		const before = segment.logBytes;
		try {
			while (segment.logBytes - before < bytes.length) {
				segment.logBytes += writeSync(segment.logFd, bytes, segment.logBytes - before);
			}
		} catch (error) {
			this.#fail(error, now);
			return;
		}
		if (this.#fault !== null) this.#recover();
		if (this.#wantsEntry(segment, now)) this.#index(segment, before, now, null);
	}

	/** A segment that takes `bytes` more, a new one if need be; null while the disk refuses. */
	#room(bytes: number, now: number): OpenSegment | null {
		const segment = this.#segment;
		if (segment !== null) {
			const full = segment.logBytes + segment.indexBytes + bytes > this.#segmentBytes;
			if (!segment.sealed && (!full || segment.logBytes === 0)) return segment;
			this.#retire();
		} else if (now < this.#retryAt) {
			return null;
		}
		try {
			this.#trim();
			this.#segment = this.#openSegment();
		} catch (error) {
			this.#fail(error, now);
		}
		return this.#segment;
	}

	#openSegment(): OpenSegment {
		const files = segmentFiles(this.#dir, this.#offset);
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
		const logFd = openSync(files.log, flags, 0o600);
		let indexFd = -1;
		try {
			indexFd = openSync(files.index, flags | constants.O_TRUNC, 0o600);
			const startedAt = this.#now();
			const header = Buffer.from(indexHeader(startedAt, this.#size));
			writeWhole(indexFd, header);
			return {
				start: this.#offset,
				startedAt,
				logFd,
				indexFd,
				logBytes: 0,
				indexBytes: header.length,
				indexedAt: Number.NEGATIVE_INFINITY,
				indexedMs: 0,
				resizeLine: null,
				sealed: false,
			};
		} catch (error) {
			closeSync(logFd);
			if (indexFd >= 0) closeSync(indexFd);
			this.#unlink(this.#offset);
			throw error;
		}
	}

	#wantsEntry(segment: OpenSegment, now: number): boolean {
		if (Math.abs(now - segment.indexedAt) < INDEX_INTERVAL_MS) return false;
		return segment.indexBytes <= INDEX_ALLOWANCE_BYTES + segment.logBytes * INDEX_SHARE;
	}

	#index(segment: OpenSegment, at: number, now: number, size: Size | null): void {
		// A clock that was set back makes time stand still in the journal; it never runs backwards there.
		const ms = Math.max(segment.indexedMs, Math.floor(now - segment.startedAt));
		const line = Buffer.from(indexLine({ at, ms, size }));
		try {
			if (size !== null && segment.resizeLine?.at === at) {
				ftruncateSync(segment.indexFd, segment.resizeLine.begin);
				segment.indexBytes = segment.resizeLine.begin;
			}
			writeWhole(segment.indexFd, line);
		} catch {
			// Only timing is at stake, and a torn line does not count; when the disk refuses output as well, that is reported.
			segment.sealed = true;
			return;
		}
		segment.resizeLine = size === null ? null : { begin: segment.indexBytes, at };
		segment.indexBytes += line.length;
		segment.indexedAt = now;
		segment.indexedMs = ms;
	}

	/** Closes the open segment's files. */
	#retire(): void {
		const segment = this.#segment;
		if (segment === null) return;
		this.#segment = null;
		closeSync(segment.logFd);
		closeSync(segment.indexFd);
		if (segment.logBytes > 0) {
			this.#closedSegments.push({ start: segment.start, bytes: segment.logBytes + segment.indexBytes });
		}
	}

	#trim(): void {
		let kept = this.#segmentBytes;
		for (const segment of this.#closedSegments) kept += segment.bytes;
		while (kept > this.#limitBytes) {
			const oldest = this.#closedSegments[0];
			if (oldest === undefined) return;
			this.#unlink(oldest.start);
			this.#closedSegments.shift();
			kept -= oldest.bytes;
		}
	}

	/** Index first: a crash between the two leaves output without timing, not an index without output. */
	#unlink(start: number): void {
		const files = segmentFiles(this.#dir, start);
		whenPresent(() => unlinkSync(files.index));
		whenPresent(() => unlinkSync(files.log));
	}

	#fail(error: unknown, now: number): void {
		const segment = this.#segment;
		this.#retire();
		// The next segment begins elsewhere: this one's bytes are counted as lost.
		if (segment?.logBytes === 0) this.#unlink(segment.start);
		this.#retryAt = now + RETRY_MS;
		if (this.#fault !== null) return;
		this.#fault = writeFailure(this.#dir, error);
		this.#onFault(this.#fault);
	}

	#recover(): void {
		this.#fault = null;
		this.#onFault(null);
	}
}

function writeWhole(fd: number, bytes: Uint8Array): void {
	let written = 0;
	while (written < bytes.length) written += writeSync(fd, bytes, written);
}

function writeFailure(dir: string, error: unknown): BerthError {
	const code = (error as NodeJS.ErrnoException).code;
	const what =
		code === "ENOSPC"
			? "the disk is full: free some space"
			: code === "EDQUOT"
				? "the disk quota is used up: free some space"
				: (error as Error).message;
	return new BerthError(
		"journal_failed",
		`output cannot be written to ${dir}: ${what}. The session goes on; output that comes meanwhile is not kept`,
		{ dir, errno: code ?? null },
		error,
	);
}
