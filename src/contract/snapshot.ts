/**
 * The frame around a snapshot (stream.ts, kind 1).
 *
 *   snapshot = SNAPSHOT_RESET + body
 *
 * The body supposes a terminal in its initial state with an empty screen, and draws everything from there: lines that scroll off,
 * the primary screen, the alternate screen when that is shown, then modes and cursor. It ends with the beginning of a sequence or
 * character when the output was cut there; the output that follows goes on with the rest. It holds no query: a terminal that is
 * painted has nothing to answer.
 *
 * A terminal of our own (xterm.js in a page, another emulator) takes the bytes as they are. RIS also clears scrollback, which is
 * not ours to clear in a terminal that a person uses for other things too: there, write PLAIN_RESET in the place of the first
 * SNAPSHOT_RESET.length bytes.
 */

const ST = "\x1b\\";

/** Palette, foreground, background and cursor colours back to the terminal's own (RIS leaves them), and no title. */
const COLORS_AND_TITLE = `\x1b]104${ST}\x1b]110${ST}\x1b]111${ST}\x1b]112${ST}\x1b]2;${ST}`;

/** RIS: initial state, primary screen, nothing on it, no scrollback. */
export const SNAPSHOT_RESET = `\x1bc${COLORS_AND_TITLE}`;

/**
 * What a snapshot may have set, put back one by one, and the screen cleared; scrollback and what the terminal's owner keeps
 * outside of a snapshot's reach stay. Also what leaves a terminal as it was when a client detaches, except for the clearing.
 */
export const MODES_RESET = [
	// Off: mouse tracking and its encodings, focus events, bracketed paste, synchronized output, keypad, application cursor.
	"\x1b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004;2026;1;66l\x1b>",
	// Off: origin, margins left and right, reverse video, reverse wrap, insert, line feed as new line.
	"\x1b[?6;5;45;1045l\x1b[?69l\x1b[4;20l",
	// On: autowrap, the cursor, autorepeat, the wheel as arrow keys on the alternate screen.
	"\x1b[?7;25;8;1007h",
	// The terminal's own cursor shape; no kitty keyboard flags; no modifyOtherKeys.
	"\x1b[0 q\x1b[=0;1u\x1b[>4;0m",
	// No scroll region, US-ASCII in G0 to G3, G0 invoked, no protection, no hyperlink, default attributes.
	`\x1b[r\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b[0"q\x1b]8;;${ST}\x1b[0m`,
].join("");

/** Characters join to grapheme clusters, as in the terminal that was painted from (characters.ts). */
const CLUSTERS = "\x1b[?2027h";

/** Tab stops every eight columns are set by the body when they differ; clearing is all that is left to do. */
export const PLAIN_RESET = `\x1b[?1049l${MODES_RESET}${CLUSTERS}${COLORS_AND_TITLE}\x1b[H\x1b[2J`;

/** XTSAVE and XTRESTORE of what a painting sets for good: before the first one, and after the last. */
export const SAVE_CLUSTERS = "\x1b[?2027s";
export const RESTORE_CLUSTERS = "\x1b[?2027r";
