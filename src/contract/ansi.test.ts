import { expect, test } from "bun:test";
import { stripControls, undoOnlcr } from "./ansi.ts";

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
