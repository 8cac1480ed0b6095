import { expect, test } from "bun:test";
import { linesBelow, standsAlone } from "./prompt-line.ts";

test("a text stands alone behind the marks of a prompt, and behind no word", () => {
	for (const row of ["> /model x", " › /model x  ", "│ > /model x   │", "/model x"])
		expect(standsAlone(row, "/model x")).toBe(true);
	for (const row of ["> draft /model x", "> /model xy", "2 /model x", ">"])
		expect(standsAlone(row, "/model x")).toBe(false);
});

test("what was taken has moved up from the prompt, or is gone", () => {
	const box = ["────", "> hello", "────", " model"];
	expect(linesBelow(box, "hello")).toBe(2);
	expect(linesBelow(["hint", "", ...box], "hello")).toBe(2);
	expect(linesBelow(["> hello", "", "* works", "────", ">", "────", " model"], "hello")).toBe(5);
	expect(linesBelow(["────", "> [Pasted text]", "────"], "hello")).toBeNull();
});
