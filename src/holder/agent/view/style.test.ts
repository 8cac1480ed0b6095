import { expect, test } from "bun:test";
import fc from "fast-check";
import { clean, firstLines } from "./style.ts";

test("whatever an agent says, nothing of it is a control character but tab and line feed", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (text) => {
			expect(clean(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
		}),
	);
});

test("sequences go as a whole, and text cannot be turned around", () => {
	expect(clean("\x1b[31mred\x1b[0m \x1b]0;title\x07done")).toBe("red done");
	expect(clean("rm \u202egpj.exe\u202c")).toBe("rm gpj.exe");
	expect(clean("a\r\nb\tc")).toBe("a\nb\tc");
});

test("long text is its first lines, each cut", () => {
	expect(firstLines("1\n2\n3\n4\n", 2, 10)).toEqual(["1", "2", "… 2 more lines"]);
	expect(firstLines("123456", 2, 3)).toEqual(["123…"]);
});
