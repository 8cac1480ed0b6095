import { expect, test } from "bun:test";
import { rowsOf } from "./command-lines.ts";

const lines = (...texts: string[]) => texts.map((text, row) => ({ text, row }));

test("each of several equal commands has its own row, the newest the last", () => {
	const screen = lines("$ ls", "a b", "$ pwd", "/srv", "$ ls", "a b c", "$ ");
	expect(rowsOf(["ls", "pwd", "ls"], screen)).toEqual([0, 2, 4]);
});

test("output that ends like a command is not where it was typed", () => {
	expect(rowsOf(["ls", "make"], lines("$ ls", "pills", "❯make", "cmake"))).toEqual([0, 2]);
});

test("what is gone is not found, and of several lines the first counts", () => {
	expect(
		rowsOf(["gone", "for i in 1 2\ndo echo $i; done", " "], lines("$ for i in 1 2", "> do echo $i; done")),
	).toEqual([null, 0, null]);
});
