import { expect, test } from "bun:test";
import { diffLines } from "./line-diff.ts";

const shown = (oldText: string | null, newText: string) =>
	diffLines(oldText, newText).map(({ sign, text }) => sign + text);

test("what differs stands between two lines that do not", () => {
	expect(shown("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nX\ne\nf\n")).toEqual([" b", " c", "-d", "+X", " e", " f"]);
	expect(shown("a\nb\n", "a\nb\nc\n")).toEqual([" a", " b", "+c"]);
	expect(shown("a\na\na\n", "a\na\n")).toEqual([" a", " a", "-a"]);
});

test("a new file is all new, an emptied one all gone, an equal one neither", () => {
	expect(shown(null, "a\nb\n")).toEqual(["+a", "+b"]);
	expect(shown("a\n", "")).toEqual(["-a"]);
	expect(shown("a\n", "a\n").filter((line) => !line.startsWith(" "))).toEqual([]);
});
