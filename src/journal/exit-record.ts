/**
 * How a generation's process ended: `exit.json` beside its output. Written before anybody is told, so that an exit which happens
 * while the daemon is down is found at its next start.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import type { ExitRecord } from "../contract/link.ts";
import { exitReasons } from "../contract/state.ts";
import { writeFileAtomic } from "../platform/files.ts";
import { whenPresent } from "./segments.ts";

export function exitRecordFile(dir: string): string {
	return join(dir, "exit.json");
}

/** Writes the record, whole or not at all, and waits until it is on the disk. Throws `journal_failed`. */
export function writeExitRecord(dir: string, record: ExitRecord): void {
	try {
		writeFileAtomic(exitRecordFile(dir), `${JSON.stringify(record)}\n`);
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
