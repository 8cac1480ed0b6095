import { expect, test } from "bun:test";
import type { ScreenView } from "../../contract/io.ts";
import { inputModes, picture } from "./mirror.ts";

const view = (lines: string[], cursor: { x: number; y: number; visible: boolean }): ScreenView => ({
	cols: 20,
	rows: lines.length,
	cursor,
	title: "",
	alternate: false,
	offset: 0,
	lines,
	rendering: lines.join("\r\n"),
});

test("a picture shows the rows around the cursor, cut to the window's columns", () => {
	const lines = ["zero", "one", "two", "\x1b[31mthree is longer\x1b[0m", "日本語"];
	const text = picture(view(lines, { x: 12, y: 3, visible: true }), { cols: 5, rows: 2 });
	expect(text).not.toContain("one");
	expect(text).toContain("\x1b[1;1Htwo");
	expect(text).toMatch(/\x1b\[2;1H\x1b\[31mthree\x1b\[(0|39)m/);
	expect(text).not.toContain("日");
	expect(text).toContain("\x1b[2;5H\x1b[?25h");
});

test("a picture in a larger window stands in its corner, with a cursor that is hidden when the session's is", () => {
	const text = picture(view(["a", "b"], { x: 1, y: 1, visible: false }), { cols: 80, rows: 24 });
	expect(text).toContain("\x1b[1;1Ha\x1b[2;1Hb");
	expect(text).toContain("\x1b[2;2H\x1b[?25l");
});

test("wide characters are not cut in half", () => {
	const text = picture(view(["日本語"], { x: 0, y: 0, visible: true }), { cols: 3, rows: 1 });
	expect(text).toContain("\x1b[1;1H日");
	expect(text).not.toContain("本");
});

test("of the program's output only what changes the input's encoding is passed on", () => {
	const output = "text\x1b[2J\x1b[?1049;2004;25h\x1b[?1h\x1b=\x1b[31m\x1b[>1u\x1b[?7l\x1b[>4;2m\x1b]0;t\x07";
	expect(inputModes(Buffer.from(output))).toBe("\x1b[?2004h\x1b[?1h\x1b=\x1b[>1u\x1b[>4;2m");
});
