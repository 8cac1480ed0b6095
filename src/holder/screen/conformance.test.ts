/** Both engines held to the standards: ECMA-48, the DEC manuals (VT220, VT510, STD 070) and xterm's ctlseqs. */
import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cellsOf, factsOf, type OpenScreen, openScreen } from "../../../test/support/screens.ts";
import { SNAPSHOT_RESET } from "../../contract/snapshot.ts";
import { JOINED_LIMIT } from "./clusters.ts";
import type { ScreenEngine } from "./engine.ts";
import { HELD_LIMIT_BYTES } from "./gate.ts";
import { ghosttyEngine } from "./ghostty.ts";
import { screenEngine } from "./index.ts";
import { xtermEngine } from "./xterm.ts";

const ghostty = ghosttyEngine("/nonexistent");
if (!ghostty) throw new Error("no libghostty-vt for this system: the conformance suite needs both engines");
const engines: ScreenEngine[] = [ghostty, xtermEngine];

const open: OpenScreen[] = [];
function start(engine: ScreenEngine, options?: Parameters<typeof openScreen>[1]): OpenScreen {
	const screen = openScreen(engine, options);
	open.push(screen);
	return screen;
}
afterEach(() => {
	for (const { screen } of open.splice(0)) screen.close();
});

/** What an integrated shell prints around its prompt and the line that is typed at it (shell/marks.ts). */
const MARKED_PROMPT =
	"\x1b]133;D;0\x07\x1b]133;A;berth=n:1\x1b\\over two\r\nlines $ \x1b]133;B\x07typed \x1b]133;A;k=s\x07more";

interface Case {
	name: string;
	input: string;
	/** Rows from the top; the rest is blank. */
	lines: string[];
	/** Column and row from 0. */
	cursor: [number, number];
	/** Where one engine differs from the standard's text and cannot be mended. */
	differs?: Partial<Record<"ghostty" | "xterm", string>>;
}

/** A screen of 20 columns and 6 rows. */
const cases: Case[] = [
	{ name: "plain text", input: "one\r\ntwo", lines: ["one", "two"], cursor: [3, 1] },
	{
		name: "a shell's marks show nothing and move nothing (ECMA-48 8.3.89 leaves their meaning to the receiver)",
		input: "unfinished\x1b]133;A\x07$ \x1b]133;B\x1b\\\x1b]133;L\x07a\x1b]133;N\x07b\x1b]133;P;k=i\x07c",
		lines: ["unfinished$ abc"],
		cursor: [15, 0],
	},
	{ name: "line feed keeps the column", input: "ab\ncd", lines: ["ab", "  cd"], cursor: [4, 1] },
	{ name: "backspace moves and erases nothing", input: "abc\b\bX", lines: ["aXc"], cursor: [2, 0] },
	{
		name: "the last column waits before it wraps",
		input: "x".repeat(20),
		lines: ["x".repeat(20)],
		cursor: [19, 0],
	},
	{
		name: "the character after the last column wraps",
		input: `${"x".repeat(20)}y`,
		lines: ["x".repeat(20), "y"],
		cursor: [1, 1],
	},
	{
		name: "carriage return takes a pending wrap back",
		input: `${"x".repeat(20)}\ry`,
		lines: [`y${"x".repeat(19)}`],
		cursor: [1, 0],
	},
	{
		name: "without autowrap the last column is overwritten",
		input: `\x1b[?7l${"x".repeat(20)}yz`,
		lines: [`${"x".repeat(19)}z`],
		cursor: [19, 0],
	},
	{
		name: "erasing to the end behind a full row leaves its last character, and the next one wraps",
		input: `${"x".repeat(19)}\x1b[1my\x1b[m\x1b[Kz\r\n${"x".repeat(19)}y\x1b[0K\r\n${"x".repeat(19)}y\r\x1b[K`,
		lines: [`${"x".repeat(19)}y`, "z", `${"x".repeat(19)}y`],
		cursor: [0, 3],
	},
	{
		name: "what several characters make takes two columns: a skin tone, a flag, an emoji by selector, a keycap, a couple",
		input: "\x1b[?2027l👍🏽\x1bc👍🏽🇸🇪⚠️1️⃣👩‍🚀|",
		lines: ["👍🏽🇸🇪⚠️1️⃣👩‍🚀|"],
		cursor: [11, 0],
	},
	{
		name: "what becomes wide in the last column goes to the next row",
		input: `${"x".repeat(19)}⚠\ufe0fy`,
		lines: ["x".repeat(19), "⚠\ufe0fy"],
		cursor: [3, 1],
	},
	{ name: "wide characters take two columns", input: "中文x", lines: ["中文x"], cursor: [5, 0] },
	{
		name: "a wide character that does not fit wraps whole",
		input: `${"x".repeat(19)}中`,
		lines: ["x".repeat(19), "中"],
		cursor: [2, 1],
	},
	{
		name: "half of a wide character overwritten blanks the other half",
		input: "中\bx",
		lines: [" x"],
		cursor: [2, 0],
	},
	{
		name: "combining characters join the cell before",
		input: "e\u0301x",
		lines: ["e\u0301x"],
		cursor: [2, 0],
	},
	{
		name: "a combining character joins the last column",
		input: `${"x".repeat(19)}e\u0301`,
		lines: [`${"x".repeat(19)}e\u0301`],
		cursor: [19, 0],
	},
	{ name: "emoji are wide", input: "😀x", lines: ["😀x"], cursor: [3, 0] },
	{ name: "cursor addressing", input: "\x1b[3;5Hx\x1b[Hy", lines: ["y", "", "    x"], cursor: [1, 0] },
	{
		name: "addressing beyond the screen stops at its edge",
		input: "\x1b[99;99Hx",
		lines: ["", "", "", "", "", `${" ".repeat(19)}x`],
		cursor: [19, 5],
	},
	{
		name: "relative movements",
		input: "\x1b[3B\x1b[4Cx\x1b[2Ay\x1b[3Dz",
		lines: ["", "   z y", "", "    x"].map((l, i) => (i === 1 ? "   z y" : l)),
		cursor: [4, 1],
	},
	{
		name: "column and row absolute",
		input: "\x1b[4d\x1b[7Gx",
		lines: ["", "", "", "      x"],
		cursor: [7, 3],
	},
	{
		name: "next line, index, reverse index",
		input: "a\x1bEb\x1bDc\x1bMd",
		lines: ["a", "b d", " c"],
		cursor: [3, 1],
	},
	{ name: "erase to the end of line", input: "abcdef\x1b[3D\x1b[K", lines: ["abc"], cursor: [3, 0] },
	{ name: "erase to the start of line", input: "abcdef\x1b[3D\x1b[1K", lines: ["    ef"], cursor: [3, 0] },
	{ name: "erase below", input: "a\r\nb\r\nc\x1b[2;1H\x1b[J", lines: ["a"], cursor: [0, 1] },
	{ name: "erase above", input: "a\r\nb\r\nc\x1b[2;1H\x1b[1J", lines: ["", "", "c"], cursor: [0, 1] },
	{ name: "erase the screen leaves the cursor", input: "a\r\nb\x1b[2J", lines: [], cursor: [1, 1] },
	{
		name: "insert and delete characters",
		input: "abcdef\r\x1b[2@\x1b[5C\x1b[2P",
		lines: ["  abcf"],
		cursor: [5, 0],
	},
	{ name: "erase characters", input: "abcdef\r\x1b[C\x1b[3X", lines: ["a   ef"], cursor: [1, 0] },
	{ name: "repeat", input: "ab\x1b[3b", lines: ["abbbb"], cursor: [5, 0] },
	{ name: "insert lines", input: "1\r\n2\r\n3\x1b[2;1H\x1b[L", lines: ["1", "", "2", "3"], cursor: [0, 1] },
	{ name: "delete lines", input: "1\r\n2\r\n3\x1b[1;1H\x1b[M", lines: ["2", "3"], cursor: [0, 0] },
	{ name: "insert mode", input: "abc\r\x1b[4hx\x1b[4ly", lines: ["xybc"], cursor: [2, 0] },
	{
		name: "a scroll region scrolls alone",
		input: "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx",
		lines: ["1", "3", "x", "4"],
		cursor: [1, 2],
	},
	{
		name: "reverse index at the region's top scrolls down",
		input: "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bMx",
		lines: ["1", "x", "2", "4"],
		cursor: [1, 1],
	},
	{ name: "setting the region homes the cursor", input: "abc\x1b[2;4r", lines: ["abc"], cursor: [0, 0] },
	{
		name: "origin mode counts from the region",
		input: "\x1b[3;5r\x1b[?6hx\x1b[99;1Hy",
		lines: ["", "", "x", "", "y"],
		cursor: [1, 4],
	},
	{
		name: "scroll up and down",
		input: "1\r\n2\r\n3\x1b[S\x1b[2T",
		lines: ["", "", "2", "3"],
		cursor: [1, 2],
	},
	{ name: "tabs every eight columns", input: "a\tb\tc", lines: ["a       b       c"], cursor: [17, 0] },
	{
		name: "tab stops set and cleared",
		input: "\x1b[3g\x1b[5G\x1bH\ra\tb\tc",
		lines: [`a   b${" ".repeat(14)}c`],
		cursor: [19, 0],
	},
	{ name: "back tab", input: "\x1b[18G\x1b[2Zx", lines: ["        x"], cursor: [9, 0] },
	{ name: "DEC line drawing in G0", input: "\x1b(0lqk\x1b(Bq", lines: ["┌─┐q"], cursor: [4, 0] },
	{ name: "DEC line drawing in G1 by shift out", input: "\x1b)0a\x0eq\x0fq", lines: ["a─q"], cursor: [3, 0] },
	{
		name: "save and restore the cursor",
		input: "\x1b[2;3H\x1b7\x1b[5;5H\x1b8x",
		lines: ["", "  x"],
		cursor: [3, 1],
	},
	{
		name: "alternate screen and back",
		input: "main\x1b[?1049h\x1b[Halt\x1b[?1049l!",
		lines: ["main!"],
		cursor: [5, 0],
	},
	{
		name: "the alternate screen starts blank",
		input: "main\x1b[?1049h\x1b[Halt",
		lines: ["alt"],
		cursor: [3, 0],
	},
	{ name: "screen alignment", input: "\x1b#8", lines: Array(6).fill("E".repeat(20)), cursor: [0, 0] },
	{
		name: "controls inside a sequence are executed",
		input: "ab\x1b[\n2Dx",
		lines: ["ab", "x"],
		cursor: [1, 1],
	},
	{ name: "CAN ends a sequence", input: "\x1b[31\x18mx", lines: ["mx"], cursor: [2, 0] },
	{
		name: "an unknown sequence shows nothing",
		input: "\x1b[?9999zx\x1b]777;y\x07\x1bPq\x1b\\\x1b_z\x1b\\",
		lines: ["x"],
		cursor: [1, 0],
	},
	{
		name: "soft reset ends origin and insert mode and the region",
		input: "\x1b[2;3r\x1b[?6h\x1b[4h\x1b[!p\x1b[1;1Hab\rx",
		lines: ["xb"],
		cursor: [1, 0],
	},
	{ name: "full reset", input: "abc\x1b[2;3r\x1bcx", lines: ["x"], cursor: [1, 0] },
	{
		name: "broken UTF-8 is shown as replacement characters and eats nothing",
		input: "\x00",
		lines: [],
		cursor: [0, 0],
	},
];

/** What may be different behind equal screens: each is written to both and must have the same effect. */
const probes: [string, string][] = [
	["what is written next", "xq"],
	["a wide character", "中"],
	["the saved cursor", "\x1b8xq"],
	["tab stops", "\r\t|\t|\t|"],
	["the scroll region", "\n\n\n\n\n\n\n\nend"],
	["the region's top", `${"\x1bM".repeat(8)}top`],
	["the primary screen beneath", "\x1b[?1049lx"],
	["the primary screen by mode 47", "\x1b[?47lx"],
	["the cursor and keyboard", "\x1b[6n\x1b[?u"],
	["attributes and margins", '\x1bP$qm\x1b\\\x1bP$qr\x1b\\\x1bP$q q\x1b\\\x1bP$q"q\x1b\\'],
	[
		"modes",
		[1, 5, 6, 7, 9, 25, 45, 66, 1000, 1002, 1003, 1004, 1006, 1016, 2004, 2026]
			.map((mode) => `\x1b[?${mode}$p`)
			.join(""),
	],
	["insert and new line mode", "\x1b[4$p\x1b[20$p"],
	["colours", "\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07"],
	["the rest of a sequence", "1;2Hz"],
];

/** States that a snapshot must carry, beyond the cases. */
const states: [string, string][] = [
	["scrollback", Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\r\n")],
	["soft-wrapped lines", `${"abcdefghij".repeat(7)}\r\nnext`],
	["a wrapped line that was erased at its end", `${"x".repeat(25)}\x1b[1;15H\x1b[K`],
	["a wrapped line whose continuation is blank", `${"x".repeat(21)}\x1b[2K\r\nend`],
	["wide characters wrapped", `${"x".repeat(19)}中文${"y".repeat(17)}文`],
	["a pending wrap", "x".repeat(20)],
	["a pending wrap after a wide character", `${"x".repeat(18)}中`],
	["a pending wrap with colours", `\x1b[1;4:3;38;2;1;2;3;48;5;200m${"x".repeat(20)}`],
	[
		"styles",
		"\x1b[1ma\x1b[22;2mb\x1b[0;3mc\x1b[4md\x1b[4:3;58;5;9me\x1b[0;5mf\x1b[7mg\x1b[8mh\x1b[0;9mi\x1b[53mj\x1b[0m",
	],
	[
		"colours of all kinds",
		"\x1b[31ma\x1b[92mb\x1b[38;5;123mc\x1b[38;2;9;8;7md\x1b[41me\x1b[102mf\x1b[48;5;99mg\x1b[48;2;1;1;1mh",
	],
	[
		"a background without text",
		"\x1b[44m\x1b[K\r\n\x1b[42m\x1b[2;5H\x1b[3X\x1b[0m\x1b[4;1H\x1b[48;2;1;2;3m\x1b[J",
	],
	[
		"hyperlinks",
		"a\x1b]8;;https://x.example/\x1b\\link\x1b]8;;\x1b\\b\r\n\x1b]8;;https://y.example/\x1b\\open",
	],
	["blanks that were written, in a style", "a\x1b[31;44mb c d\x1b[0m e\x1b[4mf g\x1b[0m"],
	[
		"gaps in a style",
		"a \x1b[44mb c\x1b[3Cd\x1b[0m\r\n\x1b[4mx\ty z\x1b[0m\r\nplain \x1b[41m \x1b[2Ce\x1b[0m",
	],
	["gaps in a style beside wide characters", "中\x1b[44mb 文\x1b[2Cc\x1b[0m\r\n\x1b[4m文 中\x1b[0m"],
	["attributes that stand", "\x1b[1;31;44mx\r\n"],
	["the saved cursor with attributes", "\x1b[3;4H\x1b[1;35m\x1b7\x1b[0m\x1b[Hx"],
	[
		"the alternate screen over scrollback",
		`${"line\r\n".repeat(20)}\x1b[1;35mp\x1b[?1049h\x1b[0m\x1b[2;2Halt\x1b[?1h\x1b=`,
	],
	["the alternate screen by mode 1047", "main\x1b[?1047h\x1b[2;2Halt"],
	["a region on the alternate screen", "main\x1b[?1049h\x1b[2;4r\x1b[3;3Halt"],
	["a pending wrap on the alternate screen", `main\x1b[?1049h\x1b[31m\x1b[2;1H${"y".repeat(20)}`],
	["saved cursors of both screens", "\x1b[2;2H\x1b7main\x1b[?1047h\x1b[3;3H\x1b[32m\x1b7\x1b[Halt"],
	["a scroll region", "1\r\n2\r\n3\r\n4\x1b[2;4r\x1b[3;2H"],
	["origin mode", "1\r\n2\r\n3\r\n4\x1b[2;4r\x1b[?6h\x1b[2;2H"],
	["tab stops", "\x1b[3g\x1b[5G\x1bH\x1b[11G\x1bH\r"],
	["no tab stops", "\x1b[3g"],
	["line drawing invoked", "\x1b)0\x0eqq"],
	["line drawing in G0", "\x1b(0qq"],
	["insert mode", "abc\r\x1b[4h"],
	["no autowrap", `\x1b[?7l${"x".repeat(30)}`],
	["mouse, focus, paste, keys", "\x1b[?1002;1006;1004;2004;1h\x1b="],
	["the cursor hidden and shaped", "\x1b[?25l\x1b[5 q"],
	["kitty keyboard flags", "\x1b[>5u\x1b[?1049h\x1b[>1u"],
	["title and directory", "\x1b]2;a title\x07\x1b]7;file:///tmp/a%20b\x1b\\"],
	[
		"colours that the program set",
		"\x1b]4;1;rgb:12/34/56\x1b\\\x1b]10;#abcdef\x07\x1b]11;rgb:00/11/22\x07\x1b]12;rgb:ff/00/ff\x07",
	],
	["a prompt with the shell's marks behind an unfinished line", `unfinished${MARKED_PROMPT}`],
	["half a sequence", "abc\x1b[3"],
	["half a character", "abc"],
	["half an OSC", "abc\x1b]2;hal"],
	["reverse wrap", "\x1b[?45habc"],
	["blank rows at the end", "top\r\n\r\n\r\n"],
	["a cleared screen over scrollback", `${"line\r\n".repeat(20)}\x1b[2J\x1b[3;3H`],
];

for (const engine of engines) {
	describe(engine.name, () => {
		for (const { name, input, lines, cursor, differs } of cases) {
			const difference = differs?.[engine.name];
			// What an engine does against the standard is a test that is expected to fail: it tells when the engine is mended.
			const check = difference ? test.failing : test;
			check(difference ? `${name} (${difference})` : name, () => {
				const { screen, write } = start(engine);
				write(input);
				const blank = Array(6 - lines.length).fill("");
				expect(screen.lines()).toEqual([...lines, ...blank]);
				const { x, y } = screen.state().cursor;
				expect([x, y]).toEqual(cursor);
			});
		}

		test("what the shell marks as its prompt stays when the terminal is resized or erased by pieces", () => {
			const { screen, write } = start(engine);
			write(`output\r\n${MARKED_PROMPT}`);
			const lines = ["output", "over two", "lines $ typed more", "", "", ""];
			screen.resize(30, 6);
			expect(screen.lines()).toEqual(lines);
			write("\x1b[2J");
			expect(screen.state().scrollbackRows).toBe(0);
		});

		test("characters share cells as before after a resize, whatever lines it makes room for", () => {
			const { screen, write } = start(engine);
			write("🇸🇪");
			screen.resize(400, 30);
			write("👍🏽|");
			expect(screen.lines()[0]).toBe("🇸🇪👍🏽|");
			expect(screen.state().cursor.x).toBe(5);
		});

		test("an input cut at every byte gives what it gives whole", () => {
			for (const [name, input] of [...cases.map((c) => [c.name, c.input] as const), ...states]) {
				const bytes = Buffer.from(input);
				const whole = start(engine);
				whole.write(bytes);
				const cut = start(engine);
				for (let i = 0; i < bytes.length; i++) cut.write(bytes.subarray(i, i + 1));
				expect([name, factsOf(cut.screen)]).toEqual([name, factsOf(whole.screen)]);
				expect([name, cut.reported]).toEqual([name, whole.reported]);
			}
		});

		test("a title and a bell are reported as they come", () => {
			const { reported, write, screen } = start(engine);
			write("\x1b]0;first\x07\x07\x1b]2;second\x1b\\");
			expect(reported.titles).toEqual(["first", "second"]);
			expect(reported.bells).toBe(1);
			expect(screen.state().title).toBe("second");
		});

		test("modes that clients ask for are told", () => {
			const { screen, write } = start(engine);
			expect(screen.state().modes).toEqual({
				bracketedPaste: false,
				applicationCursor: false,
				mouse: false,
				focus: false,
			});
			write("\x1b[?2004;1;1003;1004h\x1b[?25l");
			expect(screen.state().modes).toEqual({
				bracketedPaste: true,
				applicationCursor: true,
				mouse: true,
				focus: true,
			});
			expect(screen.state().cursor.visible).toBe(false);
		});

		test("the directory comes from OSC 7", () => {
			const { screen, write } = start(engine);
			expect(screen.state().pwd).toBeNull();
			write("\x1b]7;file://host/tmp/a%20b\x07");
			expect(screen.state().pwd).toBe("/tmp/a b");
		});

		describe("queries", () => {
			const asked: [string, string, string][] = [
				["DA1", "\x1b[c", "\x1b[?62;22c"],
				["DA1 with a zero", "\x1b[0c", "\x1b[?62;22c"],
				["DA2", "\x1b[>c", "\x1b[>1;10;0c"],
				["DA3", "\x1b[=c", "\x1bP!|00000000\x1b\\"],
				["XTVERSION", "\x1b[>q", "\x1bP>|berth(0.1.0)\x1b\\"],
				["status", "\x1b[5n", "\x1b[0n"],
				["cursor position", "ab\x1b[6n", "\x1b[1;3R"],
				["cursor position with a pending wrap", `${"x".repeat(20)}\x1b[6n`, "\x1b[1;20R"],
				["cursor position in origin mode", "\x1b[3;5r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R"],
				["a mode that is set", "\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"],
				["a mode that is not", "\x1b[?2004$p", "\x1b[?2004;2$y"],
				["a mode that does not exist", "\x1b[?9999$p", "\x1b[?9999;0$y"],
				["grapheme clusters", "\x1b[?2027$p", "\x1b[?2027;3$y"],
				["grapheme clusters, which stay", "\x1b[?25;2027;7l\x1b[?2027$p", "\x1b[?2027;3$y"],
				["an ANSI mode", "\x1b[4h\x1b[4$p", "\x1b[4;1$y"],
				["attributes", "\x1b[1;31m\x1bP$qm\x1b\\", "\x1bP1$r0;1;38;5;1m\x1b\\"],
				["the scroll region", "\x1b[2;4r\x1bP$qr\x1b\\", "\x1bP1$r2;4r\x1b\\"],
				["the cursor's shape", "\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r5 q\x1b\\"],
				["an unknown setting", "\x1bP$qz\x1b\\", "\x1bP0$r\x1b\\"],
				["a palette colour", "\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x07"],
				[
					"several palette colours",
					"\x1b]4;1;?;2;?\x1b\\",
					"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]4;2;rgb:0000/cdcd/0000\x1b\\",
				],
				[
					"a palette colour that was set",
					"\x1b]4;1;rgb:12/34/56\x07\x1b]4;1;?\x07",
					"\x1b]4;1;rgb:1212/3434/5656\x07",
				],
				["foreground", "\x1b]10;?\x07", "\x1b]10;rgb:e5e5/e5e5/e5e5\x07"],
				["background", "\x1b]11;?\x1b\\", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
				["cursor colour", "\x1b]12;?\x07", "\x1b]12;rgb:e5e5/e5e5/e5e5\x07"],
				[
					"foreground and background in one",
					"\x1b]10;?;?\x07",
					"\x1b]10;rgb:e5e5/e5e5/e5e5\x07\x1b]11;rgb:0000/0000/0000\x07",
				],
				[
					"background that was set and reset",
					"\x1b]11;rgb:10/20/30\x07\x1b]11;?\x07\x1b]111\x07\x1b]11;?\x07",
					"\x1b]11;rgb:1010/2020/3030\x07\x1b]11;rgb:0000/0000/0000\x07",
				],
				["kitty keyboard", "\x1b[>1u\x1b[=4;2u\x1b[?u\x1b[<u\x1b[?u", "\x1b[?5u\x1b[?0u"],
				[
					"terminal name by XTGETTCAP",
					"\x1bP+q544E\x1b\\",
					"\x1bP1+r544E=787465726D2D323536636F6C6F72\x1b\\",
				],
				["an unknown capability", "\x1bP+q5858\x1b\\", "\x1bP0+r5858\x1b\\"],
				["size in cells", "\x1b[18t", "\x1b[8;6;20t"],
				["size in pixels", "\x1b[14t", "\x1b[4;96;160t"],
				["a cell's size in pixels", "\x1b[16t", "\x1b[6;16;8t"],
				[
					"answers in the order of the questions",
					"\x1b[5n\x1b]11;?\x07\x1b[c\x1bP$qr\x1b\\\x1b[6n",
					"\x1b[0n\x1b]11;rgb:0000/0000/0000\x07\x1b[?62;22c\x1bP1$r1;6r\x1b\\\x1b[1;1R",
				],
			];
			for (const [name, question, answer] of asked) {
				test(`${name}, whole and cut at every byte`, () => {
					const whole = start(engine);
					whole.write(question);
					expect(whole.reported.replies).toBe(answer);
					const cut = start(engine);
					for (const byte of Buffer.from(question)) cut.write(Uint8Array.of(byte));
					expect(cut.reported.replies).toBe(answer);
				});
			}

			test("a snapshot asks nothing", () => {
				for (const [, input] of states) {
					const { screen, write } = start(engine);
					write(input);
					for (const reader of engines) {
						const fresh = start(reader);
						fresh.write(screen.snapshot());
						expect(fresh.reported.replies).toBe("");
					}
				}
			});
		});

		describe("snapshot", () => {
			for (const [name, input] of [...cases.map((c) => [c.name, c.input] as [string, string]), ...states]) {
				test(`${name}: a fresh terminal becomes equal, and stays so`, () => {
					for (const [probe, text] of [["nothing", ""] as [string, string], ...probes]) {
						const original = start(engine);
						original.write(input);
						const fresh = start(engine);
						fresh.write(original.screen.snapshot());
						expect([probe, factsOf(fresh.screen)]).toEqual([probe, factsOf(original.screen)]);
						original.reported.replies = "";
						original.write(text);
						fresh.write(text);
						expect([probe, factsOf(fresh.screen)]).toEqual([probe, factsOf(original.screen)]);
						expect([probe, fresh.reported.replies]).toEqual([probe, original.reported.replies]);
					}
				});

				test(`${name}: taking it changes nothing`, () => {
					for (const [probe, text] of probes) {
						const disturbed = start(engine);
						const left = start(engine);
						disturbed.write(input);
						left.write(input);
						const first = disturbed.screen.snapshot();
						expect(Buffer.from(disturbed.screen.snapshot()).toString()).toBe(Buffer.from(first).toString());
						disturbed.write(text);
						left.write(text);
						expect([probe, factsOf(disturbed.screen)]).toEqual([probe, factsOf(left.screen)]);
						expect(disturbed.reported).toEqual(left.reported);
					}
				});
			}

			test("soft-wrapped lines flow anew when the copy is resized", () => {
				const original = start(engine);
				original.write(`${"abcdefghij".repeat(5)}\r\nshort\r\n`);
				const fresh = start(engine);
				fresh.write(original.screen.snapshot());
				for (const { screen } of [original, fresh]) screen.resize(30, 6);
				expect(fresh.screen.lines()).toEqual(original.screen.lines());
				expect(fresh.screen.lines()[0]).toBe("abcdefghij".repeat(3));
			});

			test("carries no more scrollback than is asked for", () => {
				const original = start(engine);
				for (let i = 0; i < 40; i++) original.write(`line ${i}\r\n`);
				const fresh = start(engine);
				fresh.write(original.screen.snapshot(10));
				expect(fresh.screen.state().scrollbackRows).toBe(10);
				expect(fresh.screen.lines()).toEqual(original.screen.lines());
				expect(fresh.screen.lastLines(100).text.startsWith("line 25\n")).toBe(true);
			});

			test("starts with the reset that the contract names", () => {
				const { screen, write } = start(engine);
				write("x");
				expect(Buffer.from(screen.snapshot()).toString().startsWith(SNAPSHOT_RESET)).toBe(true);
			});
		});

		describe("resizing", () => {
			test("wider joins and narrower splits lines that were wrapped", () => {
				const { screen, write } = start(engine);
				write("abcdefghijklmnopqrstuvwxyz\r\n");
				screen.resize(30, 6);
				expect(screen.lines()[0]).toBe("abcdefghijklmnopqrstuvwxyz");
				screen.resize(10, 6);
				expect(screen.lines().slice(0, 3)).toEqual(["abcdefghij", "klmnopqrst", "uvwxyz"]);
			});

			test("lower moves lines into scrollback and higher brings them back", () => {
				const { screen, write } = start(engine);
				write("1\r\n2\r\n3\r\n4\r\n5\r\n6");
				screen.resize(20, 3);
				expect(screen.lines()).toEqual(["4", "5", "6"]);
				expect(screen.state().scrollbackRows).toBe(3);
				expect(screen.lastLines(100).text).toBe("1\n2\n3\n4\n5\n6");
			});

			/** Lines that wrap, then a prompt behind which the cursor stands. */
			const prompted = `${"abcdefghijklmnopqrstuvwx\r\n".repeat(8)}$ `;

			test.each([
				["wider", 30],
				["narrower", 15],
			])("%s leaves the cursor behind the prompt, however long the line above is", (_, cols) => {
				const { screen, write } = start(engine);
				write(prompted);
				screen.resize(cols, 6);
				expect(screen.state().cursor).toMatchObject({ x: 2, y: 5 });
				write("typed");
				expect(screen.lines()[5]).toBe("$ typed");
			});

			test("the cursor's own line stays where it is, cut where it does not fit: a shell or a progress bar draws it again", () => {
				const { screen, write } = start(engine);
				write("above it is reflowed\r\n\x1b[44m0123456789abcdef");
				screen.resize(10, 6);
				expect(screen.lines()).toEqual(["above it i", "s reflowed", "0123456789", "", "", ""]);
				expect(screen.state().cursor).toMatchObject({ x: 9, y: 2 });
				write("\r0123456789\x1b[mabc");
				screen.resize(20, 6);
				expect(screen.lines()).toEqual(["above it is reflowed", "0123456789", "abc", "", "", ""]);
				expect(screen.state().cursor).toMatchObject({ x: 3, y: 2 });
				expect(cellsOf(screen.ansi())[1]!.at(-1)).toMatch(/^9 /);
			});

			test("a cursor that waits behind the last column stands behind its text when there is room", () => {
				const { screen, write } = start(engine);
				write("01234567890123456789");
				screen.resize(30, 6);
				write("x");
				expect(screen.lines()[0]).toBe("01234567890123456789x");
			});

			test.each([
				["wider", 30],
				["narrower", 15],
			])(
				"%s leaves a cleared screen cleared: no scrollback comes back, and none of it is joined",
				(_, cols) => {
					const { screen, write } = start(engine);
					// What is above goes on in the row that is cleared.
					write(`${prompted}\r\nlast\r\n\x1b[H\x1b[2J\x1b[44mone\r\n$ `);
					screen.resize(cols, 6);
					expect(screen.lines()).toEqual(["one", "$", "", "", "", ""]);
					expect(screen.state().cursor).toMatchObject({ x: 2, y: 1 });
					expect(screen.lastLines(3).text).toBe(`${cols < 20 ? "pqrst" : "abcdefghijklmnopqrst"}\none\n$`);
					write("typed");
					// In the colour that was chosen, which nothing else has.
					const cells = cellsOf(screen.ansi());
					expect(
						cells[1]!
							.slice(2)
							.map(([text, ...style]) => text + String(style.length > 0))
							.join(),
					).toBe("ttrue,ytrue,ptrue,etrue,dtrue");
					expect(cells.slice(2)).toEqual([[], [], [], []]);
				},
			);

			test("what waits on the alternate screen or behind a scroll region is sized as it is", () => {
				const { screen, write } = start(engine);
				write(`${prompted}\x1b[2;4r\x1b[3;2H`);
				screen.resize(30, 6);
				expect(screen.state().cursor).toMatchObject({ y: 2 });
				write("\x1b[?1049h\x1b[2J\x1b[3;9H");
				screen.resize(25, 8);
				expect(screen.state().cursor).toMatchObject({ x: 8, y: 2 });
			});

			test("the size is the owner's: DECCOLM does not change it", () => {
				const { screen, write } = start(engine);
				write("\x1b[?40h\x1b[?3h");
				expect(screen.state().cols).toBe(20);
				write("\x1b[?3l");
				expect(screen.state().cols).toBe(20);
			});
		});

		describe("last lines", () => {
			test("count from the last line that is not blank", () => {
				const { screen, write } = start(engine);
				write("a\r\nb\r\nc\r\n");
				expect(screen.lastLines(2)).toEqual({ text: "b\nc", lines: 2, complete: false });
				expect(screen.lastLines(3)).toEqual({ text: "a\nb\nc", lines: 3, complete: true });
				expect(screen.lastLines(0)).toEqual({ text: "", lines: 0, complete: false });
			});

			test("reach into scrollback, and say when older lines are gone", () => {
				const { screen, write } = start(engine, { scrollbackLines: 50 });
				for (let i = 0; i < 40; i++) write(`line ${i}\r\n`);
				expect(screen.lastLines(100)).toMatchObject({ lines: 40, complete: true });
				for (let i = 40; i < 3000; i++) write(`line ${i}\r\n`);
				const { text, lines, complete } = screen.lastLines(10_000);
				expect(complete).toBe(false);
				expect(lines).toBe(55);
				expect(text.startsWith("line 2945\n")).toBe(true);
				expect(text.endsWith("line 2999")).toBe(true);
				expect(screen.state().scrollbackRows).toBe(50);
			});

			test("keep as many lines as were asked for when the screen gets wider", () => {
				const { screen, write } = start(engine, { cols: 20, rows: 24, scrollbackLines: 3000 });
				write("\x1b]2;kept\x07");
				for (let i = 0; i < 80; i++) write("0123456\r\n".repeat(100));
				screen.resize(400, 30);
				expect(screen.state()).toMatchObject({ cols: 400, rows: 30, title: "kept" });
				for (let i = 0; i < 80; i++) write("0123456\r\n".repeat(100));
				expect(screen.state().scrollbackRows).toBe(3000);
			});

			test("keep as many lines as were asked for, at any width", () => {
				for (const cols of [10, 80, 300]) {
					const { screen } = start(engine, { cols, rows: 24, scrollbackLines: 3000 });
					for (let i = 0; i < 80; i++) screen.write(Buffer.from("0123456\r\n".repeat(100)));
					expect(screen.state().scrollbackRows).toBe(3000);
				}
			});
		});

		test("html is text and style, whatever the program prints", () => {
			const { screen, write } = start(engine, { cols: 60 });
			write(
				'<script>&"\x1b[1;31mred\x1b[0m \x1b]8;;javascript:alert(1)\x1b\\bad\x1b]8;;\x1b\\ \x1b]8;;https://x.example/?a"b\x1b\\good',
			);
			const html = screen.html();
			expect(html).not.toContain("<script");
			expect(html).toContain("&lt;script&gt;&amp;&quot;");
			expect(html).toContain('<span style="color:#cd0000;font-weight:bold">red</span>');
			expect(html).not.toContain("javascript:");
			expect(html).toContain('<a href="https://x.example/?a&quot;b"');
			expect(html.startsWith("<pre")).toBe(true);
		});

		describe("hostile input", () => {
			const endless: [string, string][] = [
				["an OSC without end", "\x1b]2;"],
				["a DCS without end", "\x1bPq"],
				["an APC without end", "\x1b_G"],
				["a control sequence without end", "\x1b["],
			];
			for (const [name, opening] of endless) {
				test(`${name} is read on in bounded memory, and ends`, () => {
					const { screen, write } = start(engine);
					write(`before${opening}`);
					const part = Buffer.alloc(64 * 1024, "1");
					for (let i = 0; i < 256; i++) screen.write(part);
					expect(screen.lines()[0]).toBe("before");
					const fresh = start(engine);
					fresh.write(screen.snapshot());
					for (const each of [screen, fresh.screen]) {
						each.write(Buffer.from("1\x18\x1b\\after"));
						expect(each.lines()[0]).toBe("beforeafter");
					}
				});
			}

			test("a sequence as long as what is held and a byte more is not lost", () => {
				for (const length of [HELD_LIMIT_BYTES - 10, HELD_LIMIT_BYTES, HELD_LIMIT_BYTES + 10]) {
					const { screen, write } = start(engine);
					write(`\x1b]777;${"x".repeat(length)}`);
					write("\x1b\\after");
					expect(screen.lines()[0]).toBe("after");
				}
			});

			test("characters that join one cell without end stay a cell that can be worked with", () => {
				const { screen, write } = start(engine);
				write("e");
				for (let i = 0; i < 100; i++) write("\u0301".repeat(2000));
				write("after");
				const line = screen.lines()[0]!.normalize("NFC");
				expect(line.endsWith("after")).toBe(true);
				expect([...line].length).toBeLessThanOrEqual(JOINED_LIMIT + "eafter".length);
			});

			test("huge and many parameters", () => {
				const { screen, write } = start(engine);
				write(
					`\x1b[${"9".repeat(5000)}A\x1b[${"1;".repeat(5000)}m\x1b[999999999;999999999H\x1b[999999999L\x1b[4294967296@x`,
				);
				write(
					`\x1b[${"38:2:".repeat(2000)}m\x1b[2147483647b\x1b[2147483647X\x1b[2147483647S\x1b[?${"1;".repeat(3000)}h`,
				);
				write("\x1bcok");
				expect(screen.lines()[0]).toBe("ok");
			});

			test("invalid UTF-8 is no end of anything", () => {
				const { screen, write } = start(engine);
				write(
					Uint8Array.from([0x61, 0xff, 0xfe, 0x80, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5, 0x62, 0xe4, 0xb8]),
				);
				write(Uint8Array.from([0x63]));
				const line = screen.lines()[0]!;
				expect(line.startsWith("a")).toBe(true);
				expect(line.endsWith("c")).toBe(true);
				expect(line).toContain("b");
			});

			test("any bytes, in any pieces, leave a screen that can be read and copied", () => {
				fc.assert(
					fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 }), (chunks) => {
						const { screen } = openScreen(engine);
						for (const chunk of chunks) screen.write(chunk);
						screen.resize(7, 3);
						screen.lines();
						screen.html();
						expect(screen.snapshot().length).toBeGreaterThan(0);
						screen.close();
					}),
					{ numRuns: 300 },
				);
			});

			test("any sequences leave a screen whose copy is equal", () => {
				fc.assert(
					fc.property(
						fc.array(anySequence, { minLength: 1, maxLength: 25 }),
						fc.constantFrom(...probes),
						(parts, [, probe]) => {
							const input = parts.join("");
							fc.pre(!(engine === xtermEngine ? beyondXterm(input) : beyondGhostty(input)));
							const original = openScreen(engine);
							original.write(input);
							const fresh = openScreen(engine);
							fresh.write(original.screen.snapshot());
							expect(factsOf(fresh.screen)).toEqual(factsOf(original.screen));
							original.reported.replies = "";
							original.write(probe);
							fresh.write(probe);
							expect(factsOf(fresh.screen)).toEqual(factsOf(original.screen));
							expect(fresh.reported.replies).toBe(original.reported.replies);
							original.screen.close();
							fresh.screen.close();
						},
					),
					{ numRuns: 400 },
				);
			});
		});
	});
}

/**
 * What libghostty-vt writes and nothing can write again. With line drawing invoked it makes a blank as wide as a character beyond
 * ASCII (xterm, and the DEC manuals, whose sets have 94 characters, leave those alone); and the column that is left where a wide
 * character wraps has the attributes that stood, which show once its row is moved away from the next.
 */
function beyondGhostty(input: string): boolean {
	return /\x1b[()]0|\x1b\[[1-9][\d;:]*m|\x1b\]8;;h/.test(input) && /[^\x00-\x7f]/.test(input);
}

/**
 * What xterm.js does not keep: where a link without an id leads, once the screen where it began is left; and a wide character in the
 * last column without autowrap, of which it leaves a half behind.
 */
function beyondXterm(input: string): boolean {
	const linksOnBothScreens = input.includes("\x1b]8;;h") && input.includes("\x1b[?1049");
	return linksOnBothScreens || (input.includes("\x1b[?7l") && /[^\x00-\x7f]/.test(input));
}

const small = fc.integer({ min: 0, max: 24 });
/** Text and the sequences that programs use, in a mix. */
const anySequence = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.constantFrom(
			"a",
			"hello ",
			"x".repeat(19),
			"y".repeat(45),
			"中文",
			"e\u0301",
			"😀",
			"👍🏽",
			"🇸🇪",
			"⚠\ufe0f",
			"\r\n",
			"\n",
			"\r",
			"\t",
			"\b",
		),
	},
	fc.tuple(small, small).map(([y, x]) => `\x1b[${y};${x}H`),
	fc.tuple(small, fc.constantFrom(..."ABCDEFGdLMPSTX@bI")).map(([n, final]) => `\x1b[${n}${final}`),
	fc
		.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom("J", "K"))
		.map(([n, final]) => `\x1b[${n}${final}`),
	fc.tuple(small, small).map(([top, bottom]) => `\x1b[${top};${bottom}r`),
	fc
		.constantFrom("0", "1", "3;4", "7", "31", "44", "38;5;99", "48;2;1;2;3", "4:3", "22;39")
		.map((sgr) => `\x1b[${sgr}m`),
	fc
		.tuple(
			fc.constantFrom("?1", "?7", "?25", "?45", "?66", "?1000", "?1006", "?2004", "4"),
			fc.constantFrom("h", "l"),
		)
		.map(([mode, final]) => `\x1b[${mode}${final}`),
	fc.constantFrom(
		"\x1b7",
		"\x1b8",
		"\x1bM",
		"\x1bD",
		"\x1bE",
		"\x1bH",
		"\x1b[g",
		"\x1b[3g",
		"\x1b(0",
		"\x1b(B",
		"\x1b)0",
		"\x0e",
		"\x0f",
	),
	fc.constantFrom(
		"\x1b[?1049h",
		"\x1b[?1049l",
		"\x1b[>1u",
		"\x1b[<u",
		"\x1b[3 q",
		"\x1b]2;t\x07",
		"\x1b]8;;https://l.example/\x1b\\",
		"\x1b]8;;\x1b\\",
		"\x1b[?6h",
		"\x1b[?6l",
	),
);

describe("across engines", () => {
	test("a snapshot of one makes the other equal", () => {
		for (const [name, input] of [...cases.map((c) => [c.name, c.input] as [string, string]), ...states]) {
			for (const [from, to] of [engines, engines.toReversed()] as [ScreenEngine, ScreenEngine][]) {
				const original = start(from);
				original.write(input);
				const fresh = start(to);
				fresh.write(original.screen.snapshot());
				const label = `${name}: ${from.name} → ${to.name}`;
				expect([label, factsOf(fresh.screen)]).toEqual([label, factsOf(original.screen)]);
			}
		}
	});

	test("both show the same at other widths, once and again, cleared or not", () => {
		const text = fc.integer({ min: 0, max: 44 }).map((length) => "0123456789".repeat(5).slice(0, length));
		const cleared = fc.constantFrom("", "\x1b[H\x1b[2J", "\x1b[H\x1b[2Ja\r\nb\r\n");
		const size = fc.record({ cols: fc.integer({ min: 8, max: 40 }), rows: fc.integer({ min: 3, max: 9 }) });
		fc.assert(
			fc.property(
				fc.array(text, { maxLength: 12 }),
				cleared,
				fc.constantFrom("", "$ ", "$ x", "$ xyz "),
				fc.array(size, { minLength: 1, maxLength: 3 }),
				(lines, clear, prompt, sizes) => {
					const [a, b] = engines.map((engine) => {
						const { screen, write } = openScreen(engine);
						try {
							write(`${lines.map((line) => `${line}\r\n`).join("")}${clear}${prompt}`);
							return sizes.map(({ cols, rows }) => {
								screen.resize(cols, rows);
								return [screen.state(), screen.lines(), screen.lastLines(1000).text];
							});
						} finally {
							screen.close();
						}
					});
					expect(b).toEqual(a!);
				},
			),
			{ numRuns: 500 },
		);
	});

	test("both show the same", () => {
		for (const [name, input] of [...cases.map((c) => [c.name, c.input] as [string, string]), ...states]) {
			const [a, b] = engines.map((engine) => {
				const opened = start(engine);
				opened.write(input);
				const { state, lines, cells } = factsOf(opened.screen);
				// What SU moves off the top: whether that becomes scrollback is each terminal's own choice.
				return [name, lines, cells, { ...state, scrollbackRows: 0 }];
			});
			expect(b).toEqual(a!);
		}
	});
});

test("an engine is found by name, and loaded when it is asked for", async () => {
	expect((await screenEngine("ghostty", "/nonexistent")).name).toBe("ghostty");
	expect((await screenEngine("xterm", "/nonexistent")).name).toBe("xterm");
});
