import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import { readExitRecord, writeExitRecord } from "./exit-record.ts";
import { openJournal } from "./reader.ts";
import {
	bytesOnDisk,
	exitRecord,
	names,
	startJournal,
	TestClock,
	testFolders,
	text,
	utf8,
} from "./testing.ts";
import { JournalWriter } from "./writer.ts";

const freshDir = testFolders();

test("folder and files are their owner's alone, whatever the umask", () => {
	const before = process.umask(0);
	try {
		const dir = freshDir();
		const writer = startJournal(dir);
		writer.append(utf8("secret"));
		writeExitRecord(dir, exitRecord(6));
		writer.close();
		const mode = (path: string) => statSync(path).mode & 0o777;
		expect(mode(dir)).toBe(0o700);
		for (const name of [...names(dir, ".log"), ...names(dir, ".idx"), "exit.json"]) {
			expect([name, mode(join(dir, name))]).toEqual([name, 0o600]);
		}
	} finally {
		process.umask(before);
	}
});

test("what append took is readable by another process when append returns", () => {
	const dir = freshDir();
	const writer = startJournal(dir);
	writer.append(utf8("hello\r\n"));
	const cat = spawnSync(
		"cat",
		names(dir, ".log").map((name) => join(dir, name)),
	);
	expect(cat.stdout.toString()).toBe("hello\r\n");
	writer.close();
});

test("sync and close leave a sound journal that is continued where it ended", () => {
	const dir = freshDir();
	const first = startJournal(dir, { segmentBytes: 10 });
	first.append(utf8("0123456789abc"));
	first.sync();
	first.append(utf8("def"));
	first.sync();
	expect(first.fault).toBeNull();
	first.close();
	first.close();
	expect(() => first.append(utf8("late"))).toThrow(/after the journal was closed/);
	const second = startJournal(dir, { cols: 100, rows: 30 });
	second.append(utf8("ghi"));
	expect([second.startOffset, second.offset]).toEqual([0, 19]);
	expect(text(openJournal(dir).read(0, 100).bytes)).toBe("0123456789abcdefghi");
	second.close();
});

test("an append larger than a segment is kept whole, in segments of the usual size", () => {
	const dir = freshDir();
	const writer = startJournal(dir, { limitBytes: 1 << 20, segmentBytes: 1000 });
	const bytes = new Uint8Array(10_500).map((_, i) => i);
	writer.append(utf8("x"));
	writer.append(bytes);
	expect(openJournal(dir).read(1, 20_000).bytes).toEqual(bytes);
	for (const name of names(dir, ".log")) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(1000);
	writer.close();
});

test("a program that prints single bytes for days cannot fill the disk with their times", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now });
	for (let i = 0; i < 50_000; i++) {
		clock.pass(1000);
		writer.append(utf8("."));
		writer.stamp();
	}
	expect(bytesOnDisk(dir)).toBeLessThan(64 * 1024 + 50_000 * 1.25 + 1000);
	writer.close();
});

test("a flood costs one index entry in 50 ms, not one per write", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now });
	for (let i = 0; i < 1000; i++) {
		clock.pass(1);
		writer.append(utf8("0123456789"));
		writer.stamp();
	}
	const lines = readFileSync(join(dir, names(dir, ".idx")[0]!), "latin1")
		.trim()
		.split("\n");
	expect(lines.length).toBe(1 + 1000 / 50);
	writer.close();
});

test("dragging a window's edge for an hour leaves one line, and the size is the last one", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now });
	writer.append(utf8("a"));
	for (let i = 0; i < 5000; i++) {
		clock.pass(16);
		writer.resize(80 + (i % 100), 24);
	}
	const lines = readFileSync(join(dir, names(dir, ".idx")[0]!), "latin1")
		.trim()
		.split("\n");
	expect(lines).toEqual([`berth-index 1 1700000000000 80x24`, "0 0", `1 ${5000 * 16} 179x24`]);
	writer.close();
});

test("a clock that is set back never makes time run backwards in the journal", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now });
	for (const ms of [1000, -500_000, 60, 60]) {
		writer.append(utf8("tick"));
		writer.stamp();
		clock.pass(ms);
	}
	const lines = readFileSync(join(dir, names(dir, ".idx")[0]!), "latin1")
		.trim()
		.split("\n")
		.slice(1);
	expect(lines).toEqual(["0 0", "4 1000", "8 1000", "12 1000"]);
	writer.close();
});

test("a folder that cannot be written is refused before anything starts", () => {
	const file = freshDir();
	writeFileSync(file, "in the way");
	const start = () => startJournal(join(file, "g1"));
	expect(start).toThrow(BerthError);
	expect(start).toThrow(/cannot be written/);
});

test("a journal whose folder is removed under it goes on living and says what is wrong", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now, segmentBytes: 10 });
	writer.append(utf8("0123456789"));
	rmSync(dir, { recursive: true });
	writer.append(utf8("lost"));
	expect(writer.fault?.code).toBe("journal_failed");
	expect(writer.offset).toBe(14);
	mkdirSync(dir);
	clock.pass(1000);
	writer.append(utf8("kept"));
	expect(writer.fault).toBeNull();
	expect(openJournal(dir).read(0, 100)).toEqual({ offset: 14, bytes: utf8("kept") });
	writer.close();
});

/** Runs `use` on a file system of 1 MiB; says why when this machine cannot have one. */
async function onTinyDisk(use: (disk: string) => void | Promise<void>): Promise<void> {
	const disk = freshDir();
	mkdirSync(disk);
	const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", disk]);
	if (mount.status !== 0) {
		console.warn(
			`skipped: a tmpfs cannot be mounted here (${mount.stderr?.toString().trim() || mount.error})`,
		);
		return;
	}
	try {
		await use(disk);
	} finally {
		// Lazily: a failed test may leave a file open there.
		spawnSync("umount", ["-l", disk]);
	}
}

test("a full disk loses only the output of that time, exactly told, and the journal goes on when space returns", async () => {
	await onTinyDisk((disk) => {
		const dir = join(disk, "g1");
		const clock = new TestClock();
		const faults: (string | null)[] = [];
		const onFault = (fault: BerthError | null) => faults.push(fault?.message ?? null);
		const writer = JournalWriter.create(dir, {
			limitBytes: 64 << 20,
			cols: 80,
			rows: 24,
			now: clock.now,
			onFault,
		});
		const filler = join(disk, "filler");
		writeFileSync(filler, Buffer.alloc(500_000));

		const line = (i: number) => utf8(`line ${String(i).padStart(6, "0")} ${"x".repeat(1010)}\r\n`);
		const all: Uint8Array[] = [];
		for (let i = 0; i < 1000; i++) {
			all.push(line(i));
			writer.append(line(i));
			clock.pass(1);
		}
		expect(writer.fault?.code).toBe("journal_failed");
		expect(faults).toEqual([expect.stringContaining("the disk is full")]);
		const before = openJournal(dir).endOffset;
		expect(before).toBeLessThan(writer.offset);

		rmSync(filler);
		const resumed = writer.offset;
		clock.pass(1000);
		for (let i = 1000; i < 1100; i++) {
			all.push(line(i));
			writer.append(line(i));
		}
		expect(writer.fault).toBeNull();
		expect(faults.length).toBe(2);
		expect(faults[1]).toBeNull();

		const model = Buffer.concat(all);
		const journal = openJournal(dir);
		expect(writer.offset).toBe(model.length);
		expect(journal.endOffset).toBe(model.length);
		// One gap: everything before it and after it is exact.
		expect(journal.span(0, model.length)).toEqual({ from: 0, to: before });
		const middle = journal.read(before, model.length);
		expect(middle.offset).toBe(resumed);
		expect(Buffer.compare(middle.bytes, model.subarray(resumed))).toBe(0);
		expect(Buffer.compare(journal.read(0, before).bytes, model.subarray(0, before))).toBe(0);
		for (const chunk of journal.chunks(0)) {
			expect(
				Buffer.compare(chunk.bytes, model.subarray(chunk.offset, chunk.offset + chunk.bytes.length)),
			).toBe(0);
		}
		writer.close();
	});
});

test("a disk with room for a segment's beginning but not for output is left without litter", async () => {
	await onTinyDisk((disk) => {
		const dir = join(disk, "g1");
		const clock = new TestClock();
		const writer = startJournal(dir, { now: clock.now });
		writer.append(new Uint8Array(2 << 20));
		expect(writer.fault).not.toBeNull();
		const before = names(dir, ".log");
		const last = join(dir, before.at(-1)!);
		// One page comes free, which the index takes.
		truncateSync(last, statSync(last).size - 4096);
		for (let i = 0; i < 20; i++) {
			clock.pass(1000);
			writer.append(utf8("no room"));
		}
		expect(writer.fault).not.toBeNull();
		expect(names(dir, ".log")).toEqual(before);
		expect(names(dir, ".idx")).toEqual(before.map((name) => name.replace(".log", ".idx")));
		writer.close();
	});
});

test("an exit is recorded even on a disk that the process has filled", async () => {
	await onTinyDisk((disk) => {
		const dir = join(disk, "g1");
		const writer = startJournal(dir);
		writer.append(new Uint8Array(2 << 20));
		expect(writer.fault).not.toBeNull();
		expect(() => writeFileSync(join(disk, "more"), "no room")).toThrow(/ENOSPC/);
		writer.sync();
		writer.close();
		const record = exitRecord(writer.offset, { code: null, signal: "KILL", reason: "killed" });
		writeExitRecord(dir, record);
		expect(readExitRecord(dir)).toEqual(record);
	});
});

test("the exit record replaces one that was there, and is never half a record", () => {
	const dir = freshDir();
	expect(readExitRecord(dir)).toBeNull();
	startJournal(dir).close();
	expect(readExitRecord(dir)).toBeNull();
	writeExitRecord(dir, exitRecord(1));
	const second = exitRecord(2, { code: 7 });
	writeExitRecord(dir, second);
	expect(readExitRecord(dir)).toEqual(second);
	expect(JSON.parse(text(readFileSync(join(dir, "exit.json"))))).toEqual(second);
	const others = [{ code: "7" }, { workerId: 1 }, { reason: "bored" }, { offset: null }];
	const damages = ["", "{", "null", "[]", ...others.map((other) => JSON.stringify({ ...second, ...other }))];
	for (const damaged of damages) {
		writeFileSync(join(dir, "exit.json"), damaged);
		expect(readExitRecord(dir)).toBeNull();
	}
});
