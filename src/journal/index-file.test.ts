import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { type IndexEntry, indexHeader, indexLine, readIndex } from "./index-file.ts";
import { testFolders } from "./testing.ts";

const freshDir = testFolders();

const file = freshDir();
const entries: IndexEntry[] = [
	{ at: 0, ms: 0, size: null },
	{ at: 120, ms: 1234, size: null },
	{ at: 120, ms: 1300, size: { cols: 132, rows: 50 } },
	{ at: 4000, ms: 99_999, size: null },
];
const whole = indexHeader(1_700_000_000_000, { cols: 80, rows: 24 }) + entries.map(indexLine).join("");

test("an index torn at any byte gives the facts that were whole, and never half of one", () => {
	for (let length = 0; length <= whole.length; length++) {
		writeFileSync(file, whole.slice(0, length));
		const lines = whole.slice(0, length).split("\n").length - 1;
		const expected = {
			startedAt: 1_700_000_000_000,
			size: { cols: 80, rows: 24 },
			entries: entries.slice(0, lines - 1),
		};
		expect(readIndex(file, 5000)).toEqual(lines === 0 ? null : expected);
	}
});

test("entries beyond the output, or that go back in offset or time, do not count", () => {
	writeFileSync(file, `${whole}3000 100000\n4500 99000\nnonsense\n4500 100000\n5001 100001\n`);
	expect(readIndex(file, 5000)?.entries).toEqual([...entries, { at: 4500, ms: 100_000, size: null }]);
	expect(readIndex(file, 120)?.entries).toEqual(entries.slice(0, 3));
});
