/**
 * Writes one segment: its output, and beside it the index of times and sizes.
 *
 * Ownership: the journal's writer owns one at a time and closes it before the next. Two descriptors are open meanwhile.
 */
import { closeSync, constants, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { writeSome } from "../platform/write.ts";
import { indexHeader, indexLine, type Size } from "./index-file.ts";
import { segmentFiles, whenPresent } from "./segments.ts";

/** Milliseconds between two index entries: finer than a person sees, coarser than a flood writes. */
const INDEX_INTERVAL_MS = 50;

/**
 * A segment's index may have this many bytes plus this share of the segment's output; then timing gets coarser. It keeps a
 * program that prints single bytes for days from filling the disk with their times.
 */
const INDEX_ALLOWANCE_BYTES = 64 * 1024;
const INDEX_SHARE = 1 / 4;

export class SegmentWriter {
	readonly start: number;
	#startedAt: number;
	#logFd: number;
	#indexFd: number;
	#logBytes = 0;
	#indexBytes: number;
	/** When the last index entry was made, in unix ms, and what it says, in ms from the start. */
	#indexedAt = Number.NEGATIVE_INFINITY;
	#indexedMs = 0;
	/** Output whose time is still to be written. */
	#due: { at: number; now: number } | null = null;
	/** The last index line when it is a resize: where it begins in the file, and at how many bytes of output it was. */
	#lastResize: { begin: number; at: number } | null = null;
	#sealed = false;

	private constructor(start: number, startedAt: number, logFd: number, indexFd: number, indexBytes: number) {
		this.start = start;
		this.#startedAt = startedAt;
		this.#logFd = logFd;
		this.#indexFd = indexFd;
		this.#indexBytes = indexBytes;
	}

	/** Makes both files; neither is left behind when that fails. What it throws is the file system's. */
	static open(dir: string, start: number, size: Size, now: number): SegmentWriter {
		const files = segmentFiles(dir, start);
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
		const fds: number[] = [];
		try {
			const logFd = openSync(files.log, flags, 0o600);
			fds.push(logFd);
			const indexFd = openSync(files.index, flags | constants.O_TRUNC, 0o600);
			fds.push(indexFd);
			const header = Buffer.from(indexHeader(now, size));
			writeWhole(indexFd, header);
			return new SegmentWriter(start, now, logFd, indexFd, header.length);
		} catch (error) {
			for (const fd of fds) closeSync(fd);
			if (fds.length > 0) removeSegment(dir, start);
			throw error;
		}
	}

	/** Bytes of output; after a failed append those that were written. */
	get logBytes(): number {
		return this.#logBytes;
	}

	/** Bytes on disk, index included. */
	get bytes(): number {
		return this.#logBytes + this.#indexBytes;
	}

	/** Its index cannot be written any more: output that comes should begin a new segment. */
	get sealed(): boolean {
		return this.#sealed;
	}

	/** Writes all of it or throws what the file system threw. Its time is written by `stamp`. */
	append(bytes: Uint8Array, now: number): void {
		if (this.#due === null && Math.abs(now - this.#indexedAt) >= INDEX_INTERVAL_MS) {
			this.#due = { at: this.#logBytes, now };
		}
		let written = 0;
		// A write may take less than it was given; the count is right at every moment, also when the next one throws.
		while (written < bytes.length) {
			const count = writeSome(this.#logFd, written === 0 ? bytes : bytes.subarray(written));
			written += count;
			this.#logBytes += count;
		}
	}

	/** Writes down when the output came, unless the last time that was written is near enough. */
	stamp(): void {
		if (this.#due === null) return;
		const { at, now } = this.#due;
		this.#due = null;
		if (this.#indexBytes <= INDEX_ALLOWANCE_BYTES + this.#logBytes * INDEX_SHARE) this.#index(at, now, null);
	}

	/** The terminal has this size from here on. Several with no output between them leave one entry. */
	resize(size: Size, now: number): void {
		this.stamp();
		this.#index(this.#logBytes, now, size);
	}

	close(): void {
		this.stamp();
		closeSync(this.#logFd);
		closeSync(this.#indexFd);
	}

	#index(at: number, now: number, size: Size | null): void {
		if (this.#sealed) return;
		// A clock that was set back makes time stand still in the journal; it never runs backwards there.
		const ms = Math.max(this.#indexedMs, Math.floor(now - this.#startedAt));
		const line = Buffer.from(indexLine({ at, ms, size }));
		try {
			if (size !== null && this.#lastResize?.at === at) {
				ftruncateSync(this.#indexFd, this.#lastResize.begin);
				this.#indexBytes = this.#lastResize.begin;
			}
			writeWhole(this.#indexFd, line);
		} catch {
			// Only timing is at stake, and a torn line does not count; when the disk refuses output as well, that is reported.
			this.#sealed = true;
			return;
		}
		this.#lastResize = size === null ? null : { begin: this.#indexBytes, at };
		this.#indexBytes += line.length;
		this.#indexedAt = now;
		this.#indexedMs = ms;
	}
}

/** Removes a segment. Index first: a crash between the two leaves output without timing, not an index without output. */
export function removeSegment(dir: string, start: number): void {
	const files = segmentFiles(dir, start);
	whenPresent(() => unlinkSync(files.index));
	whenPresent(() => unlinkSync(files.log));
}

function writeWhole(fd: number, bytes: Uint8Array): void {
	let written = 0;
	while (written < bytes.length) written += writeSome(fd, bytes.subarray(written));
}
