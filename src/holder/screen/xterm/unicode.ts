/**
 * Widths of characters by the runtime's own tables (current Unicode): xterm.js brings those of Unicode 6, in which most emoji are
 * narrow, and the cursor would stand elsewhere than the program thinks.
 */
import type { IUnicodeVersionProvider } from "@xterm/headless";

/** Widths by code point, filled as they are met: 0 unknown, else the width plus one. */
const known = new Uint8Array(0x110000);

function widthOf(codepoint: number): 0 | 1 | 2 {
	const cached = known[codepoint]!;
	if (cached !== 0) return (cached - 1) as 0 | 1 | 2;
	const width = Math.min(Bun.stringWidth(String.fromCodePoint(codepoint)), 2) as 0 | 1 | 2;
	known[codepoint] = width + 1;
	return width;
}

/** Bits of xterm.js's character properties: whether it joins the cell before, and its width. */
const JOINS = 1;
const WIDTH_SHIFT = 1;
const WIDTH_MASK = 3;

export const currentUnicode: IUnicodeVersionProvider = {
	version: "current",
	wcwidth: widthOf,
	charProperties(codepoint, preceding) {
		const width = widthOf(codepoint);
		const before = (preceding >> WIDTH_SHIFT) & WIDTH_MASK;
		if (width === 0 && preceding !== 0 && before !== 0) return (before << WIDTH_SHIFT) | JOINS;
		return width << WIDTH_SHIFT;
	},
};
