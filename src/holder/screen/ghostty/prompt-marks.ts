/**
 * Keeps a shell's marks (OSC 133) from libghostty-vt, which would draw by them as no terminal does that a session is looked at with,
 * xterm.js above all: a line of its own for a prompt behind unfinished output, the prompt erased at each resize so that the
 * shell may draw it again, the screen pushed into the scrollback where one is erased at a prompt. Screen and viewers would differ by rows.
 * The proposal that asks for the first is followed by few, and the rest is nobody else's
 * (https://gitlab.freedesktop.org/Per_Bothner/specifications, semantic-prompts).
 */

const INTRODUCER = Buffer.from("\x1b]133;");
const BACKSLASH = 0x5c;
const ESC = 0x1b;

/** What ends an OSC: BEL, ESC (of ST, or of the next sequence), CAN, SUB. */
const ENDS: readonly number[] = [0x07, ESC, 0x18, 0x1a];

/** The bytes, which must hold whole sequences (see gate.ts), without the marks. */
export function withoutPromptMarks(bytes: Uint8Array): Uint8Array {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let mark = buffer.indexOf(INTRODUCER);
	if (mark < 0) return bytes;
	const kept: Uint8Array[] = [];
	let from = 0;
	for (; mark >= 0; mark = buffer.indexOf(INTRODUCER, from)) {
		kept.push(buffer.subarray(from, mark));
		from = endOfOsc(buffer, mark + INTRODUCER.length);
	}
	kept.push(buffer.subarray(from));
	return Buffer.concat(kept);
}

/** Index after the sequence whose text begins at `at`. */
function endOfOsc(buffer: Buffer, at: number): number {
	while (at < buffer.length && !ENDS.includes(buffer[at]!)) at++;
	if (buffer[at] !== ESC) return Math.min(at + 1, buffer.length);
	return buffer[at + 1] === BACKSLASH ? at + 2 : at;
}
