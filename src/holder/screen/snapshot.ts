/**
 * Writes a terminal's state as VT bytes, the same way for both engines. What the bytes suppose and how they are framed:
 * contract/snapshot.ts.
 *
 * The order matters and is the whole difficulty: rows are written while autowrap is on, margins are off and the charset is plain;
 * margins and origin mode move the cursor, so the cursor comes after them; a pending wrap is made by writing the last cell of a row
 * again, so insert mode and charsets come after that.
 */
import { SNAPSHOT_RESET } from "../../contract/snapshot.ts";

/** One row: its cells as text with SGR and OSC 8, beginning and ending with neither. */
export interface SnapshotRow {
	text: string;
	/** Goes on in the next row: the text fills the row, and the first character of the next one makes the terminal wrap. */
	wrapped: boolean;
}

export interface SnapshotCell {
	/** Column from 0; of a wide character the first one. */
	x: number;
	/** Text with SGR and OSC 8, beginning and ending with neither. */
	text: string;
}

export interface SnapshotCursor {
	/** Column and row from 0; with a pending wrap the column is the last one. */
	x: number;
	y: number;
	/** The last column was written and the next character wraps: the cell that is there, to be written again. */
	pendingWrap: SnapshotCell | null;
	/** The sequences that give the attributes of what is written next: SGR, OSC 8, DECSCA. */
	pen: string;
	/** The sequences that designate and invoke charsets; empty for US-ASCII in G0. */
	charsets: string;
	origin: boolean;
}

export interface SnapshotScreen {
	/** Scrollback, for the primary screen, and then exactly the visible rows. */
	rows: SnapshotRow[];
	/** What DECRC would restore; null for the initial state. */
	saved: SnapshotCursor | null;
	/** Kitty keyboard flags; each screen has its own. */
	kittyFlags: number;
}

export interface SnapshotState {
	cols: number;
	rows: number;
	primary: SnapshotScreen;
	/** Set when the alternate screen is shown, with the DEC mode that switched to it (47, 1047, 1049). */
	alternate: (SnapshotScreen & { mode: number }) | null;
	cursor: SnapshotCursor;
	/** Rows from 0, both included; null for the whole screen. */
	verticalMargins: { top: number; bottom: number } | null;
	/** Columns from 0, both included; null without DECLRMM. */
	horizontalMargins: { left: number; right: number } | null;
	/** Columns from 0. */
	tabStops: number[];
	/** Modes that differ from their initial state, as parameters of SM and RM: `?1004` or `4`. */
	modes: Map<string, boolean>;
	/** DECSCUSR's parameter: 0 the terminal's own, 1 and 2 block, 3 and 4 underline, 5 and 6 bar; the odd ones blink. */
	cursorStyle: number;
	/** xterm's modifyOtherKeys, 0 or 2. */
	modifyOtherKeys: number;
	title: string;
	/** OSC 7's value as the program gave it; null when it gave none. */
	directory: string | null;
	/** Colours that the program set, as `4;N` or `10` and the colour's text. */
	colors: { name: string; value: string }[];
	/** The beginning of a sequence or character whose end the output has not brought yet. */
	partial: Uint8Array;
}

/** Modes that are written with the cursor, because they change how it moves or what writing does. */
const WRITTEN_LAST = new Set(["4", "?7"]);

/** DECLRMM stands before its margins; origin mode is a part of the cursor. */
const WRITTEN_ELSEWHERE = new Set(["?6", "?69"]);

const encoder = new TextEncoder();

/** The whole snapshot. */
export function composeSnapshot(state: SnapshotState): Uint8Array {
	const out: string[] = [SNAPSHOT_RESET];
	writeRows(out, state.primary.rows);
	if (state.alternate) {
		saveCursor(out, state.primary.saved);
		writeKitty(out, state.primary.kittyFlags);
		// 1049 saves the cursor as it stands: it must stand where the saved one is.
		if (state.alternate.mode === 1049) out.push("\x1b8");
		out.push(`\x1b[?${state.alternate.mode}h`, PLAIN_PEN, "\x1b[?6l\x1b[H\x1b[2J");
		writeRows(out, state.alternate.rows);
	}
	const shown = state.alternate ?? state.primary;
	saveCursor(out, shown.saved);
	writeMargins(out, state);
	writeTabStops(out, state);
	for (const [mode, on] of state.modes) {
		if (!WRITTEN_LAST.has(mode) && !WRITTEN_ELSEWHERE.has(mode)) out.push(`\x1b[${mode}${on ? "h" : "l"}`);
	}
	out.push(cursorSequences(state, state.cursor));
	for (const mode of WRITTEN_LAST) {
		const on = state.modes.get(mode);
		if (on !== undefined) out.push(`\x1b[${mode}${on ? "h" : "l"}`);
	}
	if (state.cursorStyle !== 0) out.push(`\x1b[${state.cursorStyle} q`);
	writeKitty(out, shown.kittyFlags);
	if (state.modifyOtherKeys !== 0) out.push(`\x1b[>4;${state.modifyOtherKeys}m`);
	if (state.title !== "") out.push(`\x1b]2;${state.title}\x1b\\`);
	if (state.directory !== null) out.push(`\x1b]7;${state.directory}\x1b\\`);
	for (const { name, value } of state.colors) out.push(`\x1b]${name};${value}\x1b\\`);
	return append(encoder.encode(out.join("")), state.partial);
}

/** Default attributes, no hyperlink, no protection, US-ASCII. */
export const PLAIN_PEN = '\x1b[0m\x1b]8;;\x1b\\\x1b[0"q\x1b(B\x1b)B\x1b*B\x1b+B\x0f';

const NOT_ASCII = /[^\x00-\x7f]/;

/** DECAWM. */
const [WRAP, NO_WRAP] = ["\x1b[?7h", "\x1b[?7l"];

function writeRows(out: string[], rows: SnapshotRow[]): void {
	for (const [i, row] of rows.entries()) {
		const continues = i > 0 && rows[i - 1]!.wrapped;
		if (continues && row.text.startsWith("\x1b")) out.push(plainWrap(rows[i - 1]!.text));
		// A terminal that counts more columns for a character than are counted here must not move all that follows by a row.
		const alone = !continues && !row.wrapped && NOT_ASCII.test(row.text);
		out.push(alone ? `${NO_WRAP}${row.text}${WRAP}` : row.text);
		if (i === rows.length - 1) break;
		// Only a character makes the terminal wrap: before a blank row it must be told to go on.
		if (!row.wrapped || rows[i + 1]!.text === "") out.push("\r\n");
	}
}

/**
 * Before a row that begins with attributes or a movement, a plain blank takes the pending wrap of the row `before`: a movement would
 * not take it, and with a background the row that scrolls in would be filled with it (BCE). Where a column was left because a wide
 * character did not fit, another blank fills it first.
 */
function plainWrap(before: string): string {
	return /\x1b\[\d+G$/.test(before) ? "  \b" : " \b";
}

function saveCursor(out: string[], saved: SnapshotCursor | null): void {
	// Margins are not set yet, so positions count from the screen's corner, whatever origin mode says.
	if (saved) out.push(cursorSequences(NO_MARGINS, saved), "\x1b7", "\x1b[?6l", PLAIN_PEN);
}

const NO_MARGINS = { verticalMargins: null, horizontalMargins: null };

function writeKitty(out: string[], flags: number): void {
	if (flags !== 0) out.push(`\x1b[=${flags};1u`);
}

function writeMargins(out: string[], state: SnapshotState): void {
	const { verticalMargins: vertical, horizontalMargins: horizontal } = state;
	if (vertical) out.push(`\x1b[${vertical.top + 1};${vertical.bottom + 1}r`);
	if (state.modes.get("?69")) out.push("\x1b[?69h");
	if (horizontal) out.push(`\x1b[${horizontal.left + 1};${horizontal.right + 1}s`);
}

function writeTabStops(out: string[], state: SnapshotState): void {
	const initial = initialTabStops(state.cols);
	if (initial.length === state.tabStops.length && initial.every((stop, i) => stop === state.tabStops[i]))
		return;
	out.push("\x1b[3g");
	for (const stop of state.tabStops) out.push(`\x1b[${stop + 1}G\x1bH`);
}

/** Every eight columns; no stop stands in the first one. */
export function initialTabStops(cols: number): number[] {
	const stops: number[] = [];
	for (let x = 8; x < cols; x += 8) stops.push(x);
	return stops;
}

/** The sequences that put the cursor where it is and make it write as it would. Also used to restore a live engine's cursor. */
export function cursorSequences(
	margins: Pick<SnapshotState, "verticalMargins" | "horizontalMargins">,
	cursor: SnapshotCursor,
): string {
	const out = [PLAIN_PEN, cursor.origin ? "\x1b[?6h" : "\x1b[?6l"];
	const top = cursor.origin ? (margins.verticalMargins?.top ?? 0) : 0;
	const left = cursor.origin ? (margins.horizontalMargins?.left ?? 0) : 0;
	const goTo = (x: number) => out.push(`\x1b[${cursor.y - top + 1};${x - left + 1}H`);
	if (cursor.pendingWrap) {
		goTo(cursor.pendingWrap.x);
		out.push(cursor.pendingWrap.text);
	} else {
		goTo(cursor.x);
	}
	out.push(cursor.pen, cursor.charsets);
	return out.join("");
}

function append(a: Uint8Array, b: Uint8Array): Uint8Array {
	if (b.length === 0) return a;
	const joined = new Uint8Array(a.length + b.length);
	joined.set(a);
	joined.set(b, a.length);
	return joined;
}
