/** What a chunk border cuts is held back, whole, and nothing else is. */
import { expect, test } from "bun:test";
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

test("a sequence too long to hold is passed on, and the gate knows that it is inside", () => {
	const gate = new SequenceGate();
	gate.push(Buffer.from("\x1b]52;c;"));
	expect(gate.push(Buffer.alloc(HELD_LIMIT_BYTES, "x")).length).toBe(HELD_LIMIT_BYTES + 7);
	expect(gate.atRest).toBe(false);
	expect(latin1(gate.held)).toBe("\x1b]999999;");
	gate.push(Buffer.from("x\x07after"));
	expect(gate.atRest).toBe(true);
	expect(gate.held.length).toBe(0);
});
