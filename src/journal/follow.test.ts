import { afterEach, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeExitRecord } from "./exit-record.ts";
import { followJournal } from "./follow.ts";
import { exitRecord, startJournal, testFolders, text, utf8 } from "./testing.ts";

const freshDir = testFolders();

/** Generous: a busy machine is not a failure. */
const LIMIT_MS = 20_000;

const children: Bun.Subprocess[] = [];
afterEach(async () => {
	for (const child of children.splice(0)) {
		child.kill(9);
		await child.exited;
	}
});

/** A writer in a process of its own; every four bytes of its output say their own offset. */
function writerProcess(
	dir: string,
	options: { bytes: number; chunk: number; pauseMs: number; limitBytes: number },
) {
	const script = `
		import { writeExitRecord } from ${JSON.stringify(join(import.meta.dir, "exit-record.ts"))};
		import { JournalWriter } from ${JSON.stringify(join(import.meta.dir, "writer.ts"))};
		const { dir, bytes, chunk, pauseMs, limitBytes } = JSON.parse(process.argv[1]);
		const writer = JournalWriter.create(dir, { limitBytes, cols: 80, rows: 24, now: Date.now });
		const words = new Uint32Array(chunk / 4);
		while (writer.offset < bytes) {
			for (let i = 0; i < words.length; i++) words[i] = writer.offset + i * 4;
			writer.append(new Uint8Array(words.buffer));
			if (pauseMs > 0) await Bun.sleep(pauseMs);
		}
		writer.sync();
		writer.close();
		writeExitRecord(dir, { workerId: "w", generation: 1, code: 0, signal: null, reason: "exited", at: Date.now(), offset: writer.offset });
	`;
	const child = Bun.spawn([process.execPath, "-e", script, JSON.stringify({ dir, ...options })], {
		stdin: "ignore",
		stdout: "inherit",
		stderr: "inherit",
	});
	children.push(child);
	return child;
}

function isExact(offset: number, bytes: Uint8Array): boolean {
	if (offset % 4 !== 0) return false;
	const words = new Uint32Array(bytes.slice(0, bytes.length & ~3).buffer);
	return words.every((word, i) => word === offset + i * 4);
}

test(
	"a follower that starts before the journal exists gets every byte of another process, in order, and then ends",
	async () => {
		const dir = freshDir();
		const bytes = 2_000_000;
		const child = writerProcess(dir, { bytes, chunk: 20_000, pauseMs: 1, limitBytes: 64 << 20 });
		let at = 0;
		for await (const chunk of followJournal(dir, 0, new AbortController().signal)) {
			expect(chunk.offset).toBe(at);
			expect(isExact(chunk.offset, chunk.bytes)).toBe(true);
			at += chunk.bytes.length;
		}
		expect(at).toBe(bytes);
		expect(await child.exited).toBe(0);
	},
	LIMIT_MS,
);

test(
	"a follower slower than the journal's limit sees exact bytes, jumps that are told, and the end",
	async () => {
		const dir = freshDir();
		const bytes = 40_000_000;
		writerProcess(dir, { bytes, chunk: 40_000, pauseMs: 0, limitBytes: 1 << 20 });
		let at = 0;
		let jumps = 0;
		for await (const chunk of followJournal(dir, 0, new AbortController().signal)) {
			expect(chunk.offset).toBeGreaterThanOrEqual(at);
			if (chunk.offset > at) jumps++;
			expect(isExact(chunk.offset, chunk.bytes)).toBe(true);
			at = chunk.offset + chunk.bytes.length;
			await Bun.sleep(1);
		}
		expect(at).toBe(bytes);
		expect(jumps).toBeGreaterThan(0);
	},
	LIMIT_MS,
);

test(
	"output wakes the follower at once, not at its next look",
	async () => {
		const dir = freshDir();
		const writer = startJournal(dir);
		const abort = new AbortController();
		const latencies: number[] = [];
		let writtenAt = performance.now();
		writer.append(utf8("."));
		for await (const _chunk of followJournal(dir, 0, abort.signal)) {
			latencies.push(performance.now() - writtenAt);
			if (latencies.length === 50) break;
			setTimeout(() => {
				writtenAt = performance.now();
				writer.append(utf8("."));
			}, 2);
		}
		latencies.sort((a, b) => a - b);
		// Half of what a look without a watch would take; with one it is well below a millisecond on an idle machine.
		expect(latencies[25]).toBeLessThan(25);
		writer.close();
	},
	LIMIT_MS,
);

test(
	"from resumes exactly there; an exit that was already recorded ends it at once",
	async () => {
		const dir = freshDir();
		const writer = startJournal(dir);
		writer.append(utf8("0123456789"));
		writer.close();
		writeExitRecord(dir, exitRecord(10));
		const given = await Array.fromAsync(followJournal(dir, 4, new AbortController().signal));
		expect(given).toEqual([{ offset: 4, bytes: utf8("456789") }]);
		expect(await Array.fromAsync(followJournal(dir, 10, new AbortController().signal))).toEqual([]);
	},
	LIMIT_MS,
);

test(
	"last bytes that could not be kept are told by an empty piece at the true end",
	async () => {
		const dir = freshDir();
		const writer = startJournal(dir);
		writer.append(utf8("kept"));
		writer.close();
		writeExitRecord(dir, exitRecord(100));
		const given = await Array.fromAsync(followJournal(dir, 0, new AbortController().signal));
		expect(given.map((chunk) => [chunk.offset, text(chunk.bytes)])).toEqual([
			[0, "kept"],
			[100, ""],
		]);
	},
	LIMIT_MS,
);

test(
	"aborting ends a waiting follower quietly, before and while it waits",
	async () => {
		const dir = freshDir();
		mkdirSync(dir);
		const abort = new AbortController();
		const waiting = Array.fromAsync(followJournal(dir, 0, abort.signal));
		setTimeout(() => abort.abort(), 20);
		expect(await waiting).toEqual([]);
		expect(await Array.fromAsync(followJournal(dir, 0, abort.signal))).toEqual([]);
	},
	LIMIT_MS,
);
