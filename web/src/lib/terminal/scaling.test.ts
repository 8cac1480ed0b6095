import { expect, test } from "bun:test";
import { fontFor } from "./scaling.ts";

const desk = { cols: 160, rows: 50 };

test("a terminal that fits keeps the person's own size of text", () => {
	expect(fontFor({ cols: 80, rows: 24 }, desk, 13, 1, "all")).toBe(13);
	expect(fontFor(desk, desk, 13, 1, "all")).toBe(13);
});

test("a larger terminal is shown whole, or as wide as the window", () => {
	expect(fontFor(desk, { cols: 80, rows: 50 }, 12, 1, "all")).toBe(6);
	expect(fontFor(desk, { cols: 80, rows: 5 }, 12, 1, "width")).toBe(6);
	expect(fontFor(desk, { cols: 160, rows: 25 }, 12, 1, "all")).toBe(6);
});

test("zoom multiplies what fits, and text never gets smaller than a texture", () => {
	expect(fontFor(desk, { cols: 80, rows: 50 }, 12, 2, "all")).toBe(12);
	expect(fontFor({ cols: 1000, rows: 50 }, { cols: 40, rows: 50 }, 12, 1, "all")).toBe(3);
});
