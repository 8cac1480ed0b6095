import { expect, test } from "bun:test";
import { fontFor, largestThatShows, textSize } from "./scaling.ts";

const desk = { cols: 160, rows: 50 };

test("a terminal that fits keeps the person's own size of text", () => {
	expect(fontFor({ cols: 80, rows: 24 }, desk, 13, "all")).toBe(13);
	expect(fontFor(desk, desk, 13, "all")).toBe(13);
});

test("a larger terminal is shown whole, or as wide as the window", () => {
	expect(fontFor(desk, { cols: 80, rows: 50 }, 12, "all")).toBe(6);
	expect(fontFor(desk, { cols: 80, rows: 5 }, 12, "width")).toBe(6);
	expect(fontFor(desk, { cols: 160, rows: 25 }, 12, "all")).toBe(6);
});

test("text never gets smaller than a texture, and has a size that looks like its neighbours'", () => {
	expect(fontFor({ cols: 1000, rows: 50 }, { cols: 40, rows: 50 }, 12, "all")).toBe(3);
	expect(textSize(6.4)).toBe(6.25);
});

/** A window of 360 by 200 pixels in a browser that rounds a letter's width up to half a pixel. */
const roundingWindow = (font: number) => ({
	cols: Math.floor(360 / (Math.ceil(font * 0.6 * 2) / 2)),
	rows: Math.floor(200 / font),
});

test("where letters are wider than the sum says, the text gets smaller until all of it is shown", () => {
	// 157 columns of 2.55 pixels would need 400; of 2 pixels they need 314.
	expect(largestThatShows({ cols: 157, rows: 24 }, 4.25, "width", roundingWindow)).toBe(3.25);
	expect(largestThatShows({ cols: 80, rows: 20 }, 6, "all", roundingWindow)).toBe(6);
	expect(largestThatShows({ cols: 80, rows: 50 }, 6, "width", roundingWindow)).toBe(6);
	expect(largestThatShows({ cols: 80, rows: 50 }, 6, "all", roundingWindow)).toBe(4);
	expect(largestThatShows({ cols: 1000, rows: 50 }, 6, "all", roundingWindow)).toBe(3);
});
