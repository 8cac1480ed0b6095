/** The scanner, which searches, says what a reader of one byte after the other says. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { penAtEnd, TextScanner } from "./text-scanner.ts";

/** The definition, byte by byte: the index of the first byte that makes it more than text, line ends, SGR and EL. */
function definition(bytes: Uint8Array): number {
	let state: "text" | "escape" | "parameters" | "latin1" = "text";
	let length = 0;
	for (const [at, byte] of bytes.entries()) {
		length++;
		if (state === "text") {
			if ([0x07, 0x08, 0x0e, 0x0f].includes(byte)) return at;
			if (byte === 0x1b) {
				state = "escape";
				length = 1;
			} else if (byte === 0xc2) state = "latin1";
		} else if (state === "escape") {
			if (byte !== 0x5b) return at;
			state = "parameters";
		} else if (state === "parameters") {
			if (byte >= 0x30 && byte <= 0x3b) continue;
			if ((byte !== 0x6d && byte !== 0x4b) || length > 66) return at;
			state = "text";
		} else {
			if (byte < 0xa0 || byte > 0xbf) return at;
			state = "text";
		}
	}
	return bytes.length;
}

/** Index over all chunks at which the scanner stops. */
function scanned(bytes: Uint8Array, sizes: readonly number[]): number {
	const scanner = new TextScanner();
	for (let at = 0, i = 0; at < bytes.length; i++) {
		const chunk = bytes.subarray(at, at + sizes[i % sizes.length]!);
		const end = scanner.scan(chunk);
		if (end < chunk.length) return at + end;
		at += chunk.length;
	}
	return bytes.length;
}

/** What does more than print and scroll, whole. */
const beyondText = ["\x1b[H", "\x1b]0;t\x07", "\x1bM", "\b", "\x07", "\x0e", "\x0f", "\x1b[?25h", "\x1b[>4m"];

const pieces = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.constantFrom(
			"text ",
			"\r\n",
			"\t",
			"é",
			"\u00a0",
			"終",
			"\x1b[1;38:2::1:2:3m",
			"\x1b[m",
			"\x1b[K",
		),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			"\x1b",
			"\x1b[",
			"\x1b[3",
			`\x1b[${"1;".repeat(31)}`,
			"m",
			"9",
			"\u0085",
			"\u009b",
			"\x0b",
			"\x7f",
		),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(...beyondText),
	},
);
const bytes = fc.oneof(
	fc.array(pieces, { maxLength: 40 }).map((texts) => new Uint8Array(Buffer.from(texts.join("")))),
	fc.array(pieces, { maxLength: 40 }).map((texts) => new Uint8Array(Buffer.from(texts.join(""), "latin1"))),
	fc.uint8Array({ maxLength: 40 }),
);

test("however output is cut, the scanner stops where its definition does", () => {
	const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
	fc.assert(
		fc.property(bytes, sizes, (output, cut) => {
			expect(scanned(output, cut)).toBe(definition(output));
		}),
		{ numRuns: 5000 },
	);
});

test("the scanner stops at whatever is more than text and colours", () => {
	const more = [...beyondText, "\u0085", "\u009b1m", "\x1b[\x18", `\x1b[${"1;".repeat(40)}m`];
	const text = Buffer.from("text \x1b[1;38:2::1:2:3m é終 \x0b\x00\x7f\r\n");
	for (const sequence of more) {
		const bytes = Buffer.concat([text, Buffer.from(sequence)]);
		for (const size of [1, 2, 3, 100]) {
			const end = scanned(bytes, [size]);
			const stopped = end >= text.length && end < bytes.length;
			expect({ sequence, stopped }).toEqual({ sequence, stopped: true });
		}
	}
});

test("the pen at the end of text is what was set since the last reset", () => {
	const cases: Record<string, string> = {
		"plain\r\n": "",
		"\x1b[1mbold\r\n": "\x1b[1m",
		"\x1b[1;4m\x1b[Ka\x1b[31mb\r\n": "\x1b[1;4m\x1b[31m",
		"\x1b[1m\x1b[0m\x1b[31ma\r\n": "\x1b[0m\x1b[31m",
		"\x1b[1m\x1b[mx\x1b[10m\r\n": "\x1b[m\x1b[10m",
	};
	for (const [text, pen] of Object.entries(cases))
		expect(penAtEnd(Buffer.from(text), 100)?.toString()).toBe(pen);
	expect(penAtEnd(Buffer.from("\x1b[1m".repeat(30)), 100)).toBeNull();
	expect(penAtEnd(Buffer.from(`${"\x1b[1m".repeat(30)}\x1b[m\x1b[4m`), 100)?.toString()).toBe(
		"\x1b[m\x1b[4m",
	);
});
