/**
 * How a generation's process ended: `exit.json` beside its output. Written before anybody is told, so that an exit which happens
 * while the daemon is down is found at its next start.
 *
 * Its room on the disk is taken before the process starts (`exit.reserved`), and the record is written into that room and
 * renamed: a disk that the process itself has filled cannot lose the exit.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import type { ExitRecord } from "../contract/link.ts";
import { exitReasons } from "../contract/state.ts";
import { syncDir, writeFileAtomic } from "../platform/files.ts";
import { whenPresent } from "./segments.ts";

/** Bytes kept free for the record, several times what it needs. It is padded with blanks to this length: JSON allows them. */
const RESERVED_BYTES = 1024;

export function exitRecordFile(dir: string): string {
	return join(dir, "exit.json");
}

function reservedFile(dir: string): string {
	return join(dir, "exit.reserved");
}

/** Takes the room for the record; what it throws is the file system's. */
export function reserveExitRecord(dir: string): void {
	writeFileSync(reservedFile(dir), " ".repeat(RESERVED_BYTES), { mode: 0o600 });
}

/** Writes the record, whole or not at all, and waits until it is on the disk. Throws `journal_failed`. */
export function writeExitRecord(dir: string, record: ExitRecord): void {
	const bytes = Buffer.from(`${JSON.stringify(record).padEnd(RESERVED_BYTES - 1)}\n`);
	try {
		const fd =
			bytes.length === RESERVED_BYTES ? whenPresent(() => openSync(reservedFile(dir), "r+")) : undefined;
		if (fd === undefined) {
			writeFileAtomic(exitRecordFile(dir), bytes);
			return;
		}
		try {
			let written = 0;
			while (written < bytes.length)
				written += writeSync(fd, bytes, written, bytes.length - written, written);
			fsyncSync(fd);
		} finally {
			closeSync(fd);
		}
		renameSync(reservedFile(dir), exitRecordFile(dir));
		syncDir(dir);
	} catch (error) {
		const why = (error as Error).message;
		throw new BerthError(
			"journal_failed",
			`the exit could not be recorded in ${dir}: ${why}`,
			{ dir },
			error,
		);
	}
}

/** The record; null while the process runs, or when its holder died without leaving one. A file that is no record is none. */
export function readExitRecord(dir: string): ExitRecord | null {
	const text = whenPresent(() => readFileSync(exitRecordFile(dir), "utf8"));
	if (text === undefined) return null;
	try {
		const value: unknown = JSON.parse(text);
		return isExitRecord(value) ? value : null;
	} catch {
		return null;
	}
}

function isExitRecord(value: unknown): value is ExitRecord {
	if (typeof value !== "object" || value === null) return false;
	const record = value as Partial<Record<keyof ExitRecord, unknown>>;
	return (
		(record.code === null || Number.isInteger(record.code)) &&
		(record.signal === null || typeof record.signal === "string") &&
		exitReasons.some((reason) => reason === record.reason) &&
		typeof record.workerId === "string" &&
		[record.generation, record.at, record.offset].every(Number.isFinite)
	);
}
