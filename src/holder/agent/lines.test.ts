import { expect, test } from "bun:test";
import fc from "fast-check";
import { Lines } from "./lines.ts";

function collect(limit: number): { lines: Lines; told: (string | number)[] } {
	const told: (string | number)[] = [];
	const lines = new Lines(limit, {
		onLine: (line) => told.push(line),
		onOverlong: (bytes) => told.push(bytes),
	});
	return { lines, told };
}

test("lines are the same however the bytes are cut, characters of several bytes included", () => {
	const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
	fc.assert(
		fc.property(fc.array(fc.string({ unit: "grapheme" })), pieces, (texts, sizes) => {
			const expected = texts.map((text) => text.replaceAll("\n", " ").toWellFormed());
			const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(""));
			const { lines, told } = collect(1_000_000);
			for (let at = 0, turn = 0; at < bytes.length; turn++) {
				const size = sizes[turn % sizes.length]!;
				lines.push(new Uint8Array(bytes.subarray(at, at + size)));
				at += size;
			}
			lines.end();
			expect(told).toEqual(expected);
		}),
	);
});

test("a line without an end is a line when the stream ends; nothing is none", () => {
	const { lines, told } = collect(100);
	lines.push(Buffer.from("one\n\ntwo"));
	lines.end();
	lines.end();
	expect(told).toEqual(["one", "", "two"]);
});

test("a line beyond the limit is dropped and counted; the next one passes", () => {
	const { lines, told } = collect(5);
	for (const chunk of ["12345\n123456\n", "12", "3456789", "0\nok\n"]) lines.push(Buffer.from(chunk));
	expect(told).toEqual(["12345", 6, 10, "ok"]);
});
