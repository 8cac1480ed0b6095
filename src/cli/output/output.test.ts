import { describe, expect, test } from "bun:test";
import { LineEnds, SafeText } from "./bytes.ts";
import { styleFor } from "./style.ts";
import { cut, table } from "./table.ts";

const inPieces = (filter: LineEnds | SafeText, text: string, size: number) => {
	const bytes = Buffer.from(text);
	const out: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += size)
		out.push(Buffer.from(filter.push(bytes.subarray(at, at + size))));
	return Buffer.concat([...out, filter.end()]).toString();
};

describe("output on its way to a pipe or a terminal", () => {
	test.each([1, 2, 3, 100])("line ends become the program's own, in pieces of %d bytes", (size) => {
		expect(inPieces(new LineEnds(), "a\r\nb\rc\r\r\nd\n\r", size)).toBe("a\nb\rc\r\nd\n\r");
	});

	test.each([1, 2, 5, 100])(
		"only text and colours reach a person's terminal, in pieces of %d bytes",
		(size) => {
			const text =
				"é\x1b[1;31mred\x1b[0m\x1b[2J\x1b[?1049h\x1b]0;title\x07\x1b]8;;x\x1b\\link\x1bP1$r\x1b\\\x1bc\x1b(B\ta\b\r\n\x1b[>1uend";
			expect(inPieces(new SafeText(true), text, size)).toBe("é\x1b[1;31mred\x1b[0mlink\ta\r\nend\x1b[0m");
			expect(inPieces(new SafeText(false), text, size)).toBe("éredlink\ta\r\nend");
		},
	);

	test("a string sequence that never ends does not swallow what follows", () => {
		const filter = new SafeText(false);
		const out = Buffer.concat([
			filter.push(Buffer.from(`\x1b]0;${"x".repeat(10_000)}`)),
			filter.end(),
		]).toString();
		expect(out.length).toBeGreaterThan(5000);
	});
});

describe("tables", () => {
	const columns = [
		{ title: "NAME" },
		{ title: "N", align: "right" as const },
		{ title: "WHERE", shrinks: true },
	];

	test("line up, wide characters included", () => {
		expect(
			table(
				columns,
				[
					["日本", "1", "x"],
					["abcdef", "10", "y"],
				],
				null,
			),
		).toEqual(["NAME     N  WHERE", "日本     1  x", "abcdef  10  y"]);
	});

	test("are cut to the terminal, in the column that may give way", () => {
		const lines = table(columns, [["a", "1", "a long directory somewhere"]], 24);
		expect(lines[1]).toBe("a     1  a long directo…");
		expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBe(24);
	});

	test("keep whole characters when something is cut", () => {
		expect(cut("👨‍👩‍👧日本", 4)).toBe("👨‍👩‍👧…");
		expect(cut("abc", 3)).toBe("abc");
	});
});

test("colour needs a terminal that wants it", () => {
	expect(styleFor({}, true).red("x")).toBe("\x1b[31mx\x1b[39m");
	expect(styleFor({}, false).red("x")).toBe("x");
	expect(styleFor({ NO_COLOR: "1" }, true).red("x")).toBe("x");
	expect(styleFor({ TERM: "dumb" }, true).red("x")).toBe("x");
});
