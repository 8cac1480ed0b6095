import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { names, startJournal, TestClock, testFolders, text, utf8 } from "./testing.ts";
import { timeline } from "./timeline.ts";

const freshDir = testFolders();

function told(dir: string): string[] {
	return [...timeline(dir)].map((moment) =>
		moment.kind === "size"
			? `${moment.at - new TestClock().at} ${moment.size.cols}x${moment.size.rows}`
			: `${moment.at - new TestClock().at} ${moment.offset} ${text(moment.bytes)}`,
	);
}

test("every byte comes after the size that it was written for, across segments", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now, segmentBytes: 100 });
	for (const [piece, cols] of [
		["a", 90],
		["b".repeat(60), 100],
		["c", 100],
		["d", 80],
	] as const) {
		writer.append(utf8(piece));
		clock.pass(100);
		writer.resize(cols, 24);
	}
	writer.close();
	expect(told(dir)).toEqual([
		"0 80x24",
		"0 0 a",
		"100 90x24",
		`100 1 ${"b".repeat(60)}`,
		"200 100x24",
		"200 61 c",
		"300 62 d",
		"400 80x24",
	]);
});

test("a journal that says nothing still has a size, and one without its first index still has its output", () => {
	const dir = freshDir();
	expect([...timeline(dir)]).toEqual([{ kind: "size", at: 0, size: { cols: 80, rows: 24 } }]);
	const writer = startJournal(dir, { segmentBytes: 5, cols: 132, rows: 50 });
	writer.append(utf8("01234"));
	writer.append(utf8("56789"));
	writer.close();
	rmSync(join(dir, names(dir, ".idx")[0]!));
	const moments = [...timeline(dir)];
	expect(moments.map((moment) => (moment.kind === "size" ? moment.size.cols : text(moment.bytes)))).toEqual([
		80,
		"01234",
		132,
		"56789",
	]);
	const times = moments.map((moment) => moment.at);
	expect(times).toEqual(times.toSorted((a, b) => a - b));
});
