/**
 * What is written to the user's terminal when an attachment begins, paints anew and ends.
 *
 * The session is painted on the terminal's own primary screen, and its alternate screen on the terminal's own: so every sequence means
 * inside what it means outside, nothing has to be translated, and the session's scrollback is the terminal's. What was on the screen
 * before scrolls up and stays in the scrollback.
 */
import type { TerminalMarks } from "../../contract/lending.ts";
import {
	MODES_RESET,
	PLAIN_RESET,
	RESTORE_CLUSTERS,
	SAVE_CLUSTERS,
	SNAPSHOT_RESET,
} from "../../contract/snapshot.ts";

/** Ends whatever sequence the output was cut in: CAN for control sequences, ST for strings (ECMA-48). */
const END_SEQUENCE = "\x18\x1b\\";

/** XTWINOPS 22 and 23: the window's title onto a stack and back. */
const PUSH_TITLE = "\x1b[22;2t";
const POP_TITLE = "\x1b[23;2t";

/** Kitty keyboard: a new entry with no flags above whatever the shell has set. */
const PUSH_KEYBOARD = "\x1b[>0u";

const SAVE_CURSOR = "\x1b7";
const RESTORE_CURSOR = "\x1b8";

/** DECSC kept these as they were; they are reset once more after DECRC. */
const PEN_RESET = "\x1b(B\x0f\x1b[0m";

/** Before the first painting. One line feed per row scrolls out what is there, from wherever the cursor is. */
export function enterSequence(rows: number): string {
	return `${PUSH_TITLE}${PUSH_KEYBOARD}${SAVE_CLUSTERS}${"\n".repeat(rows)}`;
}

/** Before a painting: as a snapshot wants it, without touching what is the user's. The marks are gone afterwards. */
export function resetSequence(marks: TerminalMarks): string {
	return `${backToPrimary(marks)}${popKeyboard(marks.keyboard.primary)}${PLAIN_RESET}`;
}

const resetBytes = Buffer.from(SNAPSHOT_RESET);

/** The snapshot without its own reset, which would clear the user's scrollback. */
export function snapshotBody(snapshot: Uint8Array): Uint8Array {
	const starts = resetBytes.equals(snapshot.subarray(0, resetBytes.length));
	return starts ? snapshot.subarray(resetBytes.length) : snapshot;
}

/** Everything back, the cursor on a fresh line below the session's last one. */
export function leaveSequence(marks: TerminalMarks, cols: number): string {
	const out = [backToPrimary(marks)];
	// Resetting the margins or origin mode moves the cursor; DECRC brings it back, unless origin mode was on.
	out.push(SAVE_CURSOR, MODES_RESET, RESTORE_CLUSTERS);
	if (!marks.origin) out.push(RESTORE_CURSOR, PEN_RESET);
	else out.push("\x1b[999;1H");
	if (marks.tabStops) out.push(defaultTabStops(cols));
	out.push(popKeyboard(marks.keyboard.primary + 1), POP_TITLE, "\r\n\x1b[J");
	return out.join("");
}

/** Each screen has a keyboard stack of its own: the alternate one's is emptied before it is left. */
function backToPrimary({ alternate, keyboard }: TerminalMarks): string {
	if (!alternate) return END_SEQUENCE;
	return `${END_SEQUENCE}${popKeyboard(keyboard.alternate)}\x1b[=0;1u\x1b[?1049l`;
}

function popKeyboard(entries: number): string {
	return entries > 0 ? `\x1b[<${entries}u` : "";
}

/** Every eight columns, as terminals have them from the start. */
function defaultTabStops(cols: number): string {
	let stops = "\x1b[3g\r";
	for (let column = 8; column < cols; column += 8) stops += "\x1b[8C\x1bH";
	return `${stops}\r`;
}
