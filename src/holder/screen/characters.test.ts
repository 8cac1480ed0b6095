/** The columns of characters and clusters in a page, and in a screen by xterm.js, against those in libghostty-vt. */
import { afterAll, expect, test } from "bun:test";
import fc from "fast-check";
import { openScreen } from "../../../test/support/screens.ts";
import { classOf, graphemeClusters } from "../../contract/characters.ts";
import { ghosttyEngine } from "./ghostty.ts";
import { xtermEngine } from "./xterm.ts";

const engine = ghosttyEngine("/nonexistent");
if (!engine) throw new Error("no libghostty-vt for this system");
const ghostty = openScreen(engine, { cols: 40, rows: 2 });
const xterm = openScreen(xtermEngine, { cols: 40, rows: 2 });
afterAll(() => {
	for (const { screen } of [ghostty, xterm]) screen.close();
});

/** Every character that is one: no controls, no surrogates. The planes beyond have runs of the same kind. */
function* characters(): Generator<number> {
	for (let codepoint = 0x20; codepoint < 0x20000; codepoint++) {
		if (codepoint === 0x7f) codepoint = 0xa0;
		if (codepoint === 0xd800) codepoint = 0xe000;
		yield codepoint;
	}
}

test("every character takes the columns that libghostty-vt gives it", () => {
	const wrong: string[] = [];
	for (const codepoint of characters()) {
		// The letter ends what would count as one endless cluster (clusters.ts).
		ghostty.write(`a\r\x1b[K${String.fromCodePoint(codepoint)}`);
		const { x } = ghostty.screen.state().cursor;
		if (graphemeClusters.wcwidth(codepoint) !== x) wrong.push(codepoint.toString(16));
	}
	expect(wrong).toEqual([]);
});

/** Where xterm.js differs and cannot be mended: it makes no cell narrow again (U+FE0E), and leaves out U+FEFF and soft hyphens. */
const UNLIKE = new Set([0xfe0e, 0xfeff, 0xad]);

/** The characters of each class. */
const byClass = Object.values(
	Object.groupBy(
		[...characters()].filter((codepoint) => !UNLIKE.has(codepoint)),
		classOf,
	),
).map((members) => members!.map((codepoint) => String.fromCodePoint(codepoint)));

/** Characters without columns show nothing: where they join nothing, libghostty-vt leaves them out. */
function withColumns(line: string): string {
	return [...line].filter((character) => graphemeClusters.wcwidth(character.codePointAt(0)!) > 0).join("");
}

const anyCharacter = fc.oneof(
	...byClass.map((members) => fc.constantFrom(...members)),
	fc.constantFrom(
		"a",
		" ",
		"1",
		"#",
		"\u200d",
		"\ufe0f",
		"\u20e3",
		"👩",
		"🚀",
		"🏽",
		"🇸",
		"🇪",
		"क",
		"\u094d",
		"ก",
		"ำ",
		"한",
		"ᄀ",
	),
);

test("any text takes the same columns and shares the same cells", () => {
	fc.assert(
		fc.property(fc.array(anyCharacter, { minLength: 1, maxLength: 12 }), (text) => {
			const shown = [ghostty, xterm].map(({ screen, write }) => {
				write(`\x1bca${text.join("")}|`);
				return { lines: screen.lines().map(withColumns), x: screen.state().cursor.x };
			});
			expect(shown[1]).toEqual(shown[0]!);
		}),
		{ numRuns: 20_000 },
	);
});
