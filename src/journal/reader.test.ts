import { expect, test } from "bun:test";
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "./reader.ts";
import { recording } from "./recording.ts";
import { castEvents, joined, names, startJournal, testFolders, text, utf8 } from "./testing.ts";

const freshDir = testFolders();

/** Ten segments of ten bytes: 0000000000111111111122… */
function tenSegments() {
	const dir = freshDir();
	const writer = startJournal(dir, { segmentBytes: 10 });
	for (let i = 0; i < 10; i++) writer.append(utf8(String(i).repeat(10)));
	return { dir, writer, log: (i: number) => join(dir, names(dir, ".log")[i]!) };
}

test("a folder that is not there, or empty, is an empty journal", () => {
	const journal = openJournal(freshDir());
	expect([journal.startOffset, journal.endOffset]).toEqual([0, 0]);
	expect(journal.read(0, 100)).toEqual({ offset: 0, bytes: new Uint8Array(0) });
	expect(journal.read(50, 100)).toEqual({ offset: 0, bytes: new Uint8Array(0) });
	expect([...journal.chunks(0)]).toEqual([]);
});

test("from at the end gives nothing; beyond the end and before the start give an honest start", () => {
	const { dir, writer, log } = tenSegments();
	rmSync(log(0));
	const journal = openJournal(dir);
	expect(journal.startOffset).toBe(10);
	expect(journal.read(100, 200)).toEqual({ offset: 100, bytes: new Uint8Array(0) });
	expect(journal.read(5000, 9000)).toEqual({ offset: 100, bytes: new Uint8Array(0) });
	expect(journal.read(0, 15)).toEqual({ offset: 10, bytes: utf8("11111") });
	expect(journal.read(95, 9000)).toEqual({ offset: 95, bytes: utf8("99999") });
	expect(journal.read(40, 40).bytes.length).toBe(0);
	expect(journal.read(40, 30).bytes.length).toBe(0);
	writer.close();
});

test("a missing middle segment is a gap: what is around it is exact, and offsets tell what is missing", () => {
	const { dir, writer, log } = tenSegments();
	rmSync(log(4));
	const journal = openJournal(dir);
	expect(journal.span(0, 100)).toEqual({ from: 0, to: 40 });
	expect(text(journal.read(35, 100).bytes)).toBe("33333");
	expect(journal.read(42, 55)).toEqual({ offset: 50, bytes: utf8("55555") });
	expect([...journal.chunks(35, 55)].map((chunk) => [chunk.offset, text(chunk.bytes)])).toEqual([
		[35, "33333"],
		[50, "55555"],
	]);
	writer.close();
});

test("a segment that is shorter or longer than its place moves no other byte", () => {
	const { dir, writer, log } = tenSegments();
	truncateSync(log(2), 4);
	appendFileSync(log(6), "must not be seen");
	const journal = openJournal(dir);
	expect(journal.read(20, 100)).toEqual({ offset: 20, bytes: utf8("2222") });
	expect(journal.read(24, 35)).toEqual({ offset: 30, bytes: utf8("33333") });
	expect(text(journal.read(60, 80).bytes)).toBe("66666666667777777777");
	writer.close();
});

test("foreign files in the folder are left alone and mean nothing", () => {
	const { dir, writer } = tenSegments();
	writeFileSync(join(dir, "notes.log"), "mine");
	writeFileSync(join(dir, "00000000000000005.log"), "seventeen digits");
	expect(joined(openJournal(dir).chunks(0)).length).toBe(100);
	writer.close();
});

test("garbage, a torn line or no index at all cost timing, never output", () => {
	for (const damage of ["garbage", "missing", "torn", "zeroes"] as const) {
		const { dir, writer } = tenSegments();
		writer.close();
		for (const name of names(dir, ".idx")) {
			const path = join(dir, name);
			if (damage === "garbage") writeFileSync(path, "\x00\xff not an index\n1 2 3 4\n");
			if (damage === "missing") rmSync(path);
			if (damage === "torn") truncateSync(path, 20);
			if (damage === "zeroes") writeFileSync(path, new Uint8Array(64));
		}
		expect(joined(openJournal(dir).chunks(0)).length).toBe(100);
		const events = castEvents(recording(dir, { version: 3 }));
		expect(events.map(([, , data]) => data).join("").length).toBe(100);
	}
});

test("a trim under a reader's hands gives an honest new start, not an error and not other bytes", () => {
	const dir = freshDir();
	const writer = startJournal(dir, { limitBytes: 1 << 20, segmentBytes: 1 << 18 });
	const fill = (count: number) => {
		for (let i = 0; i < count; i++) {
			// Every four bytes say their own offset.
			const words = new Uint32Array(16 * 1024).map((_, word) => writer.offset + word * 4);
			writer.append(new Uint8Array(words.buffer));
		}
	};
	const isExact = ({ offset, bytes }: { offset: number; bytes: Uint8Array }) => {
		const words = new Uint32Array(bytes.slice().buffer, 0, bytes.length >> 2);
		return words.every((word, i) => word === offset + i * 4);
	};
	fill(12);
	const journal = openJournal(dir);
	let at = 0;
	let jumps = 0;
	let pieces = 0;
	for (const chunk of journal.chunks(0)) {
		expect(isExact(chunk)).toBe(true);
		expect(chunk.offset).toBeGreaterThanOrEqual(at);
		if (chunk.offset > at) jumps++;
		at = chunk.offset + chunk.bytes.length;
		// After the second piece the writer throws away everything that this loop has not seen.
		if (++pieces === 2) fill(40);
	}
	expect(jumps).toBeLessThanOrEqual(1);
	const rest = journal.read(at, Number.POSITIVE_INFINITY);
	expect(rest.offset).toBe(journal.startOffset);
	expect(isExact(rest)).toBe(true);
	expect(rest.offset + rest.bytes.length).toBe(writer.offset);
	writer.close();
});

test("reading to the end while output comes stops at the end as it was, so that a flood cannot hold a reader forever", () => {
	const dir = freshDir();
	const writer = startJournal(dir);
	writer.append(new Uint8Array(200_000));
	let bytes = 0;
	for (const chunk of openJournal(dir).chunks(0)) {
		bytes += chunk.bytes.length;
		writer.append(new Uint8Array(100_000));
	}
	expect(bytes).toBe(200_000);
	writer.close();
});
