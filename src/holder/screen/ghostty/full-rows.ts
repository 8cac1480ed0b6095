/**
 * Where output stands that libghostty-vt (0.1.0-dev) treats wrongly behind a full row, while the next character would wrap:
 *
 *   a character that joins   goes to the cell left of the cursor, which still stands on the last character, so that an accent lands on the wrong
 *                            one; with mode 2027 it looks at the right cell
 *   EL to the line's end     erases the last character. Here it leaves it, as xterm.js does, and tmux, VTE, kitty and Alacritty:
 *                            programs that colour end what they coloured with it (grep, GCC), and would lose the end of a line that just fits
 */
import { eachOccurrence } from "../occurrences.ts";

export type Delicate = "joining" | "erasure";

/** What to search for, and how many bytes from there on belong together. */
const KINDS: readonly { needle: Buffer; length: number; kind: Delicate }[] = [
	// Lead bytes of U+0300 to U+037F, the combining diacritics; of two bytes.
	{ needle: Buffer.of(0xcc), length: 2, kind: "joining" },
	{ needle: Buffer.of(0xcd), length: 2, kind: "joining" },
	// The zero-width joiner.
	{ needle: Buffer.from("\u200d"), length: 3, kind: "joining" },
	{ needle: Buffer.from("\x1b[K"), length: 3, kind: "erasure" },
	{ needle: Buffer.from("\x1b[0K"), length: 4, kind: "erasure" },
];
const NEEDLES = KINDS.map(({ needle }) => needle);

const SPACE = 0x20;

/** Calls for such places in whole characters and sequences, in order, with their first byte and the one after the last. */
export function eachDelicatePlace(
	bytes: Uint8Array,
	visit: (kind: Delicate, at: number, end: number) => void,
): void {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	eachOccurrence(buffer, NEEDLES, (at, needle) => {
		const { kind, length } = KINDS[needle]!;
		// No row is full behind a control character.
		if (kind === "joining" || at === 0 || buffer[at - 1]! >= SPACE) visit(kind, at, at + length);
	});
}
