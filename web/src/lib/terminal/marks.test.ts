import { expect, test } from "bun:test";
import { endingWithMarks } from "./marks.ts";

const parts = (output: string) =>
	[...endingWithMarks(Buffer.from(output))].map((part) => Buffer.from(part).toString());

test("a part ends with each mark of a command's beginning, and nothing is lost between them", () => {
	const bell = "\x1b]133;C;berth=n:1\x07";
	const st = "\x1b]633;C\x1b\\";
	expect(parts(`$ ls${bell}a\x1b[1mb${st}${bell}c`)).toEqual([`$ ls${bell}`, `a\x1b[1mb${st}`, bell, "c"]);
});

test("other sequences, and marks that are cut, divide nothing", () => {
	for (const output of [
		"",
		"plain",
		"\x1b]133;A\x07x",
		"\x1b]1337;C\x07x",
		"a\x1b]133;C",
		"a\x1b]133;C\x1b",
		"a\x1b]13",
	]) {
		expect(parts(output)).toEqual(output === "" ? [] : [output]);
	}
});
