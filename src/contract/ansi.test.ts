import { expect, test } from "bun:test";
import { stripControls, stripWhole, undoOnlcr } from "./ansi.ts";

test("controls go and text stays", () => {
	expect(
		stripControls(
			"\x1b[1;31mred\x1b[0m \x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\\x1b(Bc\x1bMd\x08",
		),
	).toBe("red abcd");
	expect(stripControls("tab\tline\r\nend")).toBe("tab\tline\r\nend");
	expect(stripControls("\x1bPdcs\x1b\\x\x1b_apc\x1b\\y")).toBe("xy");
});

test("an unterminated string sequence hides nothing that follows it", () => {
	expect(stripControls("\x1b]0;no end")).toBe("0;no end");
});

test("line ends are as the program wrote them", () => {
	expect(undoOnlcr("a\r\nb\rc\n")).toBe("a\nb\rc\n");
});

test("a sequence that the end cuts is left for later, wherever it is cut", () => {
	const text = "a\x1b[31mb\x1b]0;title\x07c\x1bPdata\x1b\\d\x1b(Be";
	for (let at = 0; at <= text.length; at++) {
		const first = stripWhole(text.slice(0, at));
		const second = stripWhole(first.rest + text.slice(at));
		expect(first.plain + second.plain).toBe("abcde");
		expect(second.rest).toBe("");
	}
});

test("hostile text is done with in one pass: with a second look at every start this test would run for minutes", () => {
	for (const start of ["\x1b]", "\x1bP", "\x1b_a"]) {
		const starts = start.repeat(200_000);
		expect(stripControls(starts).length).toBe(start.endsWith("a") ? 200_000 : 0);
		expect(stripControls(`${starts}\x07end`)).toBe("end");
		expect(stripWhole(`${starts}\x07end`)).toEqual({ plain: "end", rest: "" });
		expect(stripWhole(starts)).toEqual({ plain: "", rest: starts });
	}
});
