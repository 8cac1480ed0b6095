/** What a chunk border cuts is held back, whole, and nothing else is. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HELD_LIMIT_BYTES, SequenceGate } from "./gate.ts";

/** Bytes as the characters of the same number. */
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** What the gate passes on for each chunk, and what it holds at the end. */
function through(...chunks: string[]): { passed: string[]; held: string } {
	const gate = new SequenceGate();
	const passed = chunks.map((chunk) => latin1(gate.push(Buffer.from(chunk, "latin1"))));
	return { passed, held: latin1(gate.held) };
}

test.each([
	["text", ["abc"], ["abc"], ""],
	["a whole sequence", ["a\x1b[31mb"], ["a\x1b[31mb"], ""],
	["a lone ESC", ["a\x1b"], ["a"], "\x1b"],
	["a control sequence cut in its parameters", ["a\x1b[3", "1mb"], ["a", "\x1b[31mb"], ""],
	["a charset designation cut", ["a\x1b(", "0q"], ["a", "\x1b(0q"], ""],
	["an OSC without its terminator", ["a\x1b]2;t"], ["a"], "\x1b]2;t"],
	["an OSC ended by BEL", ["\x1b]2;t", "\x07b"], ["", "\x1b]2;t\x07b"], ""],
	["an OSC cut inside its terminator", ["\x1b]2;t\x1b", "\\b"], ["", "\x1b]2;t\x1b\\b"], ""],
	["an OSC cut by another sequence", ["\x1b]2;t\x1b", "[1m"], ["", "\x1b]2;t\x1b[1m"], ""],
	["a DCS, in which BEL is payload", ["\x1bPq\x07", "x\x1b\\"], ["", "\x1bPq\x07x\x1b\\"], ""],
	["a sequence that CAN ends", ["\x1b[3\x18"], ["\x1b[3\x18"], ""],
	["two bytes of a character of three", ["a\xe4\xb8", "\xad"], ["a", "\xe4\xb8\xad"], ""],
	[
		"a character of four that comes byte by byte",
		["\xf0", "\x9f", "\x92", "\xa9"],
		["", "", "", "\xf0\x9f\x92\xa9"],
		"",
	],
	["a character that never ends", ["\xf0", "\x9f", "\x92", "a"], ["", "", "", "\xf0\x9f\x92a"], ""],
	["bytes that begin no character", ["a\xff\x80"], ["a\xff\x80"], ""],
	["a byte too many after a character", ["\xc3\xa9\x80"], ["\xc3\xa9\x80"], ""],
])("%s", (_, chunks, passed, held) => {
	expect(through(...chunks)).toEqual({ passed, held });
});

test("whatever the pieces, what was passed and what is held are the input", () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), (chunks) => {
			const gate = new SequenceGate();
			const passed = chunks.map((chunk) => Buffer.from(gate.push(chunk)));
			expect(Buffer.concat([...passed, gate.held])).toEqual(Buffer.concat(chunks));
		}),
	);
});

describe("a sequence too long to hold", () => {
	const long = "x".repeat(HELD_LIMIT_BYTES);

	test.each([
		["an OSC that BEL ends", "\x1b]52;c;", "\x1b]999999;", "\x07after", "after"],
		["an OSC that ST ends", "\x1b]52;c;", "\x1b]999999;", "x\x1b\\after", "\x1b\\after"],
		["a DCS that another sequence cuts", "\x1bPq\x07", "\x1bX", "\x07x\x1b[1mafter", "\x1b[1mafter"],
		["a string that CAN ends", "\x1b_", "\x1bX", "x\x18after", "after"],
	])("is dropped, and what follows it is not: %s", (_, opening, standIn, ending, wanted) => {
		const gate = new SequenceGate();
		expect(latin1(gate.push(Buffer.from(`before${opening}${long}`, "latin1")))).toBe("before");
		expect(latin1(gate.held)).toBe(standIn);
		expect(gate.empty).toBe(false);
		expect(gate.push(Buffer.from(long)).length).toBe(0);
		expect(latin1(gate.push(Buffer.from(ending, "latin1")))).toBe(wanted);
		expect(gate.empty).toBe(true);
	});

	test("is dropped when it is a control sequence", () => {
		const gate = new SequenceGate();
		expect(gate.push(Buffer.from(`\x1b[${"1;".repeat(HELD_LIMIT_BYTES)}`)).length).toBe(0);
		expect(latin1(gate.push(Buffer.from("1;1mafter")))).toBe("after");
	});

	test.each([
		["ends it", "\\after", "\x1b\\after"],
		["begins another one", "[1mafter", "\x1b[1mafter"],
	])("knows that an ESC at a chunk's end %s", (_, rest, wanted) => {
		const gate = new SequenceGate();
		expect(gate.push(Buffer.from(`\x1b]2;${long}\x1b`)).length).toBe(0);
		expect(latin1(gate.held)).toBe("\x1b");
		expect(latin1(gate.push(Buffer.from(rest)))).toBe(wanted);
		expect(gate.held.length).toBe(0);
	});
});
