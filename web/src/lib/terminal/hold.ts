/**
 * A picture of the whole terminal is parsed over several frames. Held back by synchronized output (DEC private mode 2026) it is shown
 * at once, so that nobody sees an empty screen and scrollback running by.
 */
import { SNAPSHOT_RESET } from "../../../../src/contract/snapshot.ts";

const encoder = new TextEncoder();
const HOLD = encoder.encode("\x1b[?2026h");
const SHOW = encoder.encode("\x1b[?2026l");

/** Bytes at a picture's end that are looked at: longer than its modes are. */
const TAIL_BYTES = 4096;

/** Sequences as they are when nothing is missing (ECMA-48 5.4, 5.6; xterm lets BEL end an OSC). The first byte is the escape. */
const WHOLE = [
	/^\x1b\[[0-?]*[ -/]*[@-~]/,
	/^\x1b\][^\x07\x1b]*\x07/,
	// The end of a string sequence, of which the introducer stands before.
	/^\x1b\\/,
	/^\x1b[ -/]*[0-OQ-WYZ`-~]/,
];

/** The program itself holds its output back: the mode is its business. */
const HELD = /\x1b\[\?(?:\d+;)*2026(?:;\d+)*h/;

/** The first bytes of characters of two, three and four bytes, with fewer after them than they need (RFC 3629). */
const CUT_CHARACTER = /(?:[\xc0-\xff]|[\xe0-\xff][\x80-\xbf]|[\xf0-\xff][\x80-\xbf]{2})$/;

/** The parts to be parsed one after the other. A picture that ends inside a sequence stays as it is: nothing can be put after it. */
export function held(snapshot: Uint8Array): Uint8Array[] {
	if (!canBeHeld(snapshot)) return [snapshot];
	const { length } = SNAPSHOT_RESET;
	return [snapshot.subarray(0, length), HOLD, snapshot.subarray(length), SHOW];
}

function canBeHeld(snapshot: Uint8Array): boolean {
	let tail = "";
	for (const byte of snapshot.subarray(-TAIL_BYTES)) tail += String.fromCharCode(byte);
	if (CUT_CHARACTER.test(tail) || HELD.test(tail)) return false;
	const last = tail.lastIndexOf("\x1b");
	return last === -1 || WHOLE.some((whole) => whole.test(tail.slice(last)));
}
