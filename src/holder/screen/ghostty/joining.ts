/**
 * Where characters that join the one before stand in UTF-8.
 *
 * libghostty-vt (0.1.0-dev) joins a zero-width character to the cell left of the cursor. With a wrap pending the cursor still stands
 * on the last character, so an accent at the end of a full row lands on the wrong one; with mode 2027 it looks at the right cell.
 */

/** Lead bytes of U+0300 to U+037F, the combining diacritics; of two bytes. */
const DIACRITICS: readonly number[] = [0xcc, 0xcd];
const ZERO_WIDTH_JOINER = Buffer.from("\u200d");

/** Index of the next such character at or after `from` and its length; null when there is none. */
export function nextJoining(bytes: Uint8Array, from: number): { at: number; length: number } | null {
	let nearest: { at: number; length: number } | null = null;
	for (const lead of DIACRITICS) {
		const at = bytes.indexOf(lead, from);
		if (at >= 0 && (!nearest || at < nearest.at)) nearest = { at, length: 2 };
	}
	const joiner = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(
		ZERO_WIDTH_JOINER,
		from,
	);
	if (joiner >= 0 && (!nearest || joiner < nearest.at))
		nearest = { at: joiner, length: ZERO_WIDTH_JOINER.length };
	return nearest;
}
