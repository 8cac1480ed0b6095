/** Characters that join into one cell are bounded, and nothing else is touched. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { ClusterLimit, JOINED_LIMIT } from "./clusters.ts";

/** What passes of these chunks. */
function passed(...chunks: string[]): string {
	const limit = new ClusterLimit();
	return chunks.map((chunk) => Buffer.from(limit.pass(Buffer.from(chunk))).toString()).join("");
}

/** Far more than the limit. */
const MANY = 10 * JOINED_LIMIT;

test.each([
	["accents on one letter", "e", "\u0301"],
	["joiners on one letter", "x", "\u200d"],
	["spaces without a width", "x", "\u200b"],
	["vowels of Hangul", "\u1100", "\u1161"],
	["skin tones", "\u{1f468}", "\u{1f3fb}"],
	["selectors of variants beyond the first plane", "x", "\u{e0100}"],
])("%s are cut after the limit, also across chunks and with colours between them", (_, base, joined) => {
	const wanted = base + joined.repeat(JOINED_LIMIT);
	expect(passed(base + joined.repeat(MANY))).toBe(wanted);
	expect(passed(base, ...Array<string>(MANY).fill(joined))).toBe(wanted);
	const coloured = passed(base + `${joined}\x1b[3;4m`.repeat(MANY));
	expect(coloured.replaceAll("\x1b[3;4m", "")).toBe(wanted);
	// What follows begins anew.
	expect(passed(`${base}${joined.repeat(MANY)}a${joined}`)).toBe(`${wanted}a${joined}`);
});

test.each([
	["emoji joined to emoji", "\u{1f468}", "\u200d"],
	["letters linked to letters", "\u0915", "\u094d"],
])("of %s the links beyond the limit are left out, so that a new cell begins", (_, letter, link) => {
	const text = passed((letter + link).repeat(MANY));
	const longest = Math.max(
		...text.split(new RegExp(`${letter}(?!${link})`, "u")).map((part) => part.split(link).length - 1),
	);
	expect(longest).toBeLessThanOrEqual(JOINED_LIMIT);
	expect(text.split(letter).length - 1).toBe(MANY);
});

test("leading consonants of Hangul, which join each other, are cut after the limit", () => {
	expect(passed("\u1100".repeat(MANY))).toBe("\u1100".repeat(JOINED_LIMIT + 1));
});

test.each([
	["plain and coloured text", "\x1b[31mplain\x1b[0m text\r\n"],
	["Chinese, Japanese and Korean", "漢字かな交じり文が、ばぱ 한국어 "],
	["Korean in single letters", "한국어".normalize("NFD")],
	["Vietnamese in single letters", "Tiếng Việt ".normalize("NFD")],
	["Thai, Arabic, Hebrew and Hindi", "ที่นี่ مُحَمَّد שָׁלוֹם क्षेत्रज्ञ "],
	["families, flags and skin tones", "👨‍👩‍👧‍👦🇩🇪👍🏽🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
	["a title with marks in it", "\x1b]2;e\u0301\x07text"],
])("%s passes as it is, whatever its length", (_, text) => {
	expect(passed(text.repeat(200))).toBe(text.repeat(200));
	expect(passed(...[...text.repeat(20)])).toBe(text.repeat(20));
});

test("any bytes pass but for characters that join", () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (chunks) => {
			const limit = new ClusterLimit();
			for (const chunk of chunks) {
				const rest = Buffer.from(limit.pass(chunk));
				if (rest.length !== chunk.length) expect(Buffer.from(chunk).toString()).toMatch(/[\p{M}\p{Cf}]/u);
				else expect(rest.equals(Buffer.from(chunk))).toBe(true);
			}
		}),
	);
});
