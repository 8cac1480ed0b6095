/**
 * Another width. Lines reflow, but the cursor's own line stays as it is, cut where it does not fit: shells and progress bars draw theirs
 * again, from where they left the cursor, and would leave pieces of a line that had moved meanwhile.
 *
 * libghostty-vt (0.1.0-dev) reflows that line as well. Besides, it
 *
 * - puts a cursor that stands behind its row's text (at a prompt, that is) as many columns to the left as the row above is too long for it
 *   (mended in its later versions),
 * - pulls scrollback down over a screen that was cleared, until its last line of text is at the bottom, and
 * - joins the screen's first line to the scrollback's last, when that went on in a row that was cleared since.
 *
 * Here the cursor keeps its place behind the text, and its row while there is scrollback. All of it is as in xterm.js, which pages have.
 */
import { Data } from "./library.ts";
import type { GhosttyReader } from "./reader.ts";
import type { GhosttyTerminal, TerminalEvent } from "./terminal.ts";

/** Erased cells and new rows have the pen's background. */
const PLAIN = "\x1b[m";

/** Sizes the terminal and returns what it reported meanwhile. */
export function resizeTerminal(
	terminal: GhosttyTerminal,
	reader: GhosttyReader,
	{ cols, rows }: { cols: number; rows: number },
): TerminalEvent[] {
	const before = { cols: terminal.u16(Data.cols), rows: terminal.u16(Data.rows) };
	// Without reflow (on the alternate screen) nothing of it happens; a region keeps the cursor from being moved freely.
	if (cols === before.cols || !reader.scrollsFreely) return terminal.resize(cols, rows);
	return new Reflow(terminal, reader, before).to(cols, rows);
}

class Reflow {
	readonly #terminal: GhosttyTerminal;
	readonly #reader: GhosttyReader;
	readonly #before: { cols: number; rows: number };

	constructor(terminal: GhosttyTerminal, reader: GhosttyReader, before: { cols: number; rows: number }) {
		this.#terminal = terminal;
		this.#reader = reader;
		this.#before = before;
	}

	to(cols: number, rows: number): TerminalEvent[] {
		const terminal = this.#terminal;
		const { pen } = this.#reader;
		const waits = terminal.bool(Data.pendingWrap);
		this.#separate(pen);
		// The program hears of the last size alone.
		if (rows !== this.#before.rows) terminal.resize(this.#before.cols, rows);
		this.#holdLine(cols, pen);
		const scrolled = terminal.size(Data.scrollbackRows) > 0;
		const { y } = this.#cursor;
		// A wrap that waits is a place behind the last column.
		const columns = this.#stepOntoText() + (waits ? 1 : 0);
		const events = terminal.resize(cols, rows);
		if (columns > 0) terminal.send(`\x1b[${columns}C`);
		const pulled = this.#cursor.y - y;
		if (scrolled && pulled > 0) this.#scrollUp(pulled, rows, pen);
		return events;
	}

	get #cursor(): { x: number; y: number } {
		return { x: this.#terminal.u16(Data.cursorX), y: this.#terminal.u16(Data.cursorY) };
	}

	/** Does these with a plain pen, and puts cursor and pen back; a wrap that waited is forgotten. */
	#aside(sequences: string, pen: string): void {
		const { x, y } = this.#cursor;
		this.#terminal.send(`${PLAIN}${sequences}\x1b[${y + 1};${x + 1}H${pen}`);
	}

	/** Puts a blank row between a line of which the screen's part was erased and the screen; reflow takes it away. */
	#separate(pen: string): void {
		const { rows } = this.#before;
		if (!this.#reader.tornAtTop || this.#reader.rowEnd(rows - 1) > 0) return;
		this.#aside(`\x1b[H\x1b[L\x1b[${rows}H\n`, pen);
	}

	/** Has each row of the cursor's line be a line by itself that fits. */
	#holdLine(cols: number, pen: string): void {
		const reader = this.#reader;
		const last = this.#before.cols - 1;
		let sequences = "";
		for (const y of reader.cursorLine()) {
			if (cols <= last) {
				if (reader.rowEnd(y) > cols) sequences += `\x1b[${y + 1};${cols + 1}H\x1b[K`;
			} else if (reader.wraps(y)) {
				// To erase ends the wrap, and to write the same at the end of the row begins none.
				const { x, text } = reader.cell(last, y);
				sequences += `\x1b[${y + 1};${x + 1}H\x1b[K${text}${PLAIN}`;
			}
		}
		if (sequences !== "") this.#aside(sequences, pen);
	}

	/** Moves a cursor from behind its row's text to the text's last column, or to the row's start; the columns that it moved. */
	#stepOntoText(): number {
		const { x, y } = this.#cursor;
		const end = this.#reader.rowEnd(y);
		const columns = x < end ? 0 : x - Math.max(0, end - 1);
		if (columns > 0) this.#terminal.send(`\x1b[${columns}D`);
		return columns;
	}

	#scrollUp(count: number, rows: number, pen: string): void {
		const { x, y } = this.#cursor;
		this.#terminal.send(`${PLAIN}\x1b[${rows}H${"\n".repeat(count)}\x1b[${y + 1 - count};${x + 1}H${pen}`);
	}
}
