/** Shared by the journal's tests: a folder that goes away again, a clock that the test turns, and readable helpers. */
import { afterAll } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExitRecord } from "../contract/link.ts";
import type { JournalChunk } from "./reader.ts";
import { type JournalOptions, JournalWriter } from "./writer.ts";

/**
 * To be called once at the top of a test file: answers a function that gives paths which do not exist yet. All are removed when
 * the file's tests have ended.
 */
export function testFolders(): () => string {
	const root = mkdtempSync(join(tmpdir(), "berth-journal-"));
	afterAll(() => rmSync(root, { recursive: true, force: true }));
	let count = 0;
	return () => join(root, `g${++count}`);
}

/** Time stands still until `pass` is called. */
export class TestClock {
	at = 1_700_000_000_000;
	now = () => this.at;
	pass(ms: number): void {
		this.at += ms;
	}
}

export function startJournal(dir: string, options: Partial<JournalOptions> = {}): JournalWriter {
	const clock = new TestClock();
	return JournalWriter.create(dir, { limitBytes: 64 << 20, cols: 80, rows: 24, now: clock.now, ...options });
}

export function exitRecord(offset: number, given: Partial<ExitRecord> = {}): ExitRecord {
	const at = new TestClock().at + 60_000;
	return {
		workerId: "w_0123456789",
		generation: 1,
		code: 0,
		signal: null,
		reason: "exited",
		at,
		offset,
		...given,
	};
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(text);
}

export function text(bytes: Uint8Array): string {
	return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

export function joined(chunks: Iterable<JournalChunk>): Uint8Array {
	return Buffer.concat([...chunks].map((chunk) => chunk.bytes));
}

/** File names in the folder with one ending, sorted. */
export function names(dir: string, ending: ".log" | ".idx"): string[] {
	return readdirSync(dir)
		.filter((name) => name.endsWith(ending))
		.sort();
}

/** Bytes of all segments and indexes. */
export function bytesOnDisk(dir: string): number {
	return [...names(dir, ".log"), ...names(dir, ".idx")].reduce(
		(sum, name) => sum + statSync(join(dir, name)).size,
		0,
	);
}

/** The events of an asciicast file, its header left out. */
export function castEvents(lines: Iterable<string>): [number, string, string][] {
	return [...lines].slice(1).map((line) => JSON.parse(line));
}
