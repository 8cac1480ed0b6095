/**
 * Where output erases to the line's end. Behind a full row, while the next character would wrap, libghostty-vt (0.1.0-dev) erases the last
 * character with it. Here that stays, as in xterm.js, tmux, VTE, kitty and Alacritty: programs that colour end what they coloured with
 * EL (grep, GCC), and would lose the end of each line that just fits.
 */
import { eachOccurrence } from "../occurrences.ts";

const ERASURES = ["\x1b[K", "\x1b[0K"].map((sequence) => Buffer.from(sequence));
const SPACE = 0x20;

/** Calls for each EL that may stand behind a full row, in order, with its first byte and the one after its last. */
export function eachErasure(bytes: Uint8Array, visit: (at: number, end: number) => void): void {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	eachOccurrence(buffer, ERASURES, (at, which) => {
		// No row is full behind a control character.
		if (at === 0 || buffer[at - 1]! >= SPACE) visit(at, at + ERASURES[which]!.length);
	});
}
