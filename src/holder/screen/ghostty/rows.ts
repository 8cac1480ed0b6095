/**
 * Rows of a libghostty-vt terminal as text with SGR and OSC 8.
 *
 * The library's formatter writes cells with their attributes, natively and for the whole scrollback at once. It leaves out rows that
 * have a background and no text, hyperlinks, and where rows wrap, and it fills gaps between cells with the attributes of the cell
 * before them. Rows that may be concerned are put together from spans of cells here.
 */
import type { SnapshotCell, SnapshotRow } from "../snapshot.ts";
import { CellData, CellWide } from "./library.ts";
import type { GhosttyTerminal } from "./terminal.ts";

/** Cells of a row that are written together. */
interface Span {
	/** First and last column. */
	from: number;
	to: number;
	link: string;
}

/** A space inside a styled run: the formatter may have written it for a gap. */
const BLANK_IN_STYLE = /\x1b\[(?!0m)[\d;:]*m[^\x1b]* /;

/** What a row has in which a character is not always one column. */
const NOT_ASCII = /[^\x1b -~]/;

const decoder = new TextDecoder();

export class GhosttyRows {
	readonly #terminal: GhosttyTerminal;
	/** By the upper half of cells whose lower half is 0, whether they show nothing. Few values occur. */
	readonly #blank = new Map<number, boolean>([[0, true]]);

	/** Every column from 0. */
	#allColumns: readonly number[] = [];

	constructor(terminal: GhosttyTerminal) {
		this.#terminal = terminal;
	}

	/** Rows from the start of scrollback, both ends included. */
	read(from: number, to: number, cols: number): SnapshotRow[] {
		const text = this.#format(0, from, cols - 1, to);
		const texts = text.split("\r\n");
		const rows: SnapshotRow[] = [];
		for (let y = from; y <= to; y++) {
			const formatted = texts[y - from] ?? "";
			const { wrapped, linked } = this.#terminal.row(y);
			const whole = this.#isExact(formatted, linked, y, cols) ? formatted : this.#bySpans(y, cols, linked);
			// A blank row that says it is wrapped was scrolled or erased since: nothing in it could wrap again.
			if (!wrapped || whole === "" || y === to) rows.push({ text: whole, wrapped: false });
			else rows.push({ text: whole + this.#fill(y, cols), wrapped: true });
		}
		return rows;
	}

	/** The cell at a column, or the wide character that reaches into it, as it would be written again. */
	cell(column: number, y: number): SnapshotCell {
		const tail = this.#terminal.cellWide(this.#terminal.cell(column, y)) === CellWide.spacerTail;
		const x = tail ? column - 1 : column;
		const link = this.#link(this.#terminal.cell(x, y), x, y);
		return { x, text: linked(this.#span(x, column, y), link) };
	}

	/** The column after the last cell of a row that shows something; 0 in a row that is blank. */
	end(y: number, cols: number): number {
		let end = 0;
		this.#terminal.eachCell(y, this.#columns(cols), (x, low, high) => {
			if (!this.#isBlank(low, high)) end = x + 1;
		});
		return end;
	}

	#isExact(text: string, mayHoldLinks: boolean, y: number, cols: number): boolean {
		if (mayHoldLinks || text === "") return false;
		if (NOT_ASCII.test(text)) return !BLANK_IN_STYLE.test(text) || !this.#hasGap(y, cols);
		const blanks = styledBlanks(text);
		return blanks.length === 0 || !this.#hasBlank(y, blanks);
	}

	/** Looking at a cell costs a native call: where the text tells which cells were written as blanks, only those are looked at. */
	#hasBlank(y: number, columns: readonly number[]): boolean {
		let found = false;
		this.#terminal.eachCell(y, columns, (_, low, high) => {
			found ||= this.#isBlank(low, high);
		});
		return found;
	}

	#hasGap(y: number, cols: number): boolean {
		let blank = false;
		let gap = false;
		this.#terminal.eachCell(y, this.#columns(cols), (_, low, high) => {
			if (this.#isBlank(low, high)) blank = true;
			else if (blank) gap = true;
		});
		return gap;
	}

	#columns(cols: number): readonly number[] {
		if (this.#allColumns.length !== cols) this.#allColumns = Array.from({ length: cols }, (_, x) => x);
		return this.#allColumns;
	}

	#bySpans(y: number, cols: number, mayHoldLinks: boolean): string {
		const out: string[] = [];
		/** Column that the cursor has reached. */
		let reached = 0;
		for (const { from, to, link } of this.#spans(y, cols, mayHoldLinks)) {
			if (from > reached) out.push(`\x1b[${from - reached}C`);
			out.push(linked(this.#span(from, to, y), link));
			reached = to + 1;
		}
		return out.join("");
	}

	#spans(y: number, cols: number, mayHoldLinks: boolean): Span[] {
		const used: number[] = [];
		this.#terminal.eachCell(y, this.#columns(cols), (x, low, high) => {
			if (!this.#isBlank(low, high)) used.push(x);
		});
		const spans: Span[] = [];
		for (const x of used) {
			const link = mayHoldLinks ? this.#link(this.#terminal.cell(x, y), x, y) : "";
			const open = spans.at(-1);
			if (open && open.to === x - 1 && open.link === link) open.to = x;
			else spans.push({ from: x, to: x, link });
		}
		return spans;
	}

	#link(cell: bigint, x: number, y: number): string {
		return this.#terminal.cellFlag(cell, CellData.hasHyperlink) ? this.#terminal.link(x, y) : "";
	}

	/** Whether a cell shows nothing. The column that a wide character left when it wrapped is other than zero and shows nothing. */
	#isBlank(low: number, high: number): boolean {
		if (low !== 0) return false;
		let blank = this.#blank.get(high);
		if (blank === undefined) {
			const cell = BigInt(high) << 32n;
			blank =
				!this.#terminal.cellFlag(cell, CellData.hasText) &&
				!this.#terminal.cellFlag(cell, CellData.hasStyling) &&
				this.#terminal.cellWide(cell) !== CellWide.spacerTail;
			this.#blank.set(high, blank);
		}
		return blank;
	}

	/** Cells without a gap. The formatter writes nothing for cells that have a background and no text. */
	#span(from: number, to: number, y: number): string {
		const text = this.#format(from, y, to, y);
		if (text !== "") return text;
		const out: string[] = [];
		let background: string | null = null;
		for (let x = from; x <= to; x++) {
			const next = this.#terminal.cellBackground(this.#terminal.cell(x, y));
			if (next !== background) out.push("\x1b[0m", next);
			background = next;
			out.push(" ");
		}
		out.push("\x1b[0m");
		return out.join("");
	}

	/** What a wrapped row needs at its end so that the next character wraps. */
	#fill(y: number, cols: number): string {
		const cell = this.#terminal.cell(cols - 1, y);
		if (this.#terminal.cellWide(cell) === CellWide.spacerHead) {
			// A wide character that did not fit left this cell; written again at this column it wraps again.
			const next = this.#terminal.cellWide(this.#terminal.cell(0, y + 1));
			return `\x1b[${cols}G${next === CellWide.wide ? "" : " "}`;
		}
		return cell === 0n ? `\x1b[${cols}G ` : "";
	}

	#format(fromX: number, fromY: number, toX: number, toY: number): string {
		const range = { from: { x: fromX, y: fromY }, to: { x: toX, y: toY } };
		return decoder.decode(this.#terminal.format({ format: "vt", ...range }));
	}
}

/** Columns of the blanks inside styled runs, of a row of ASCII and SGR. */
function styledBlanks(text: string): number[] {
	const columns: number[] = [];
	/** Characters so far that are SGR and take no column. */
	let styles = 0;
	for (let style = text.indexOf("\x1b"); style !== -1; ) {
		const start = text.indexOf("m", style) + 1;
		// The formatter writes no such escape; it would be met here for ever.
		if (start === 0) break;
		const next = text.indexOf("\x1b", start);
		const end = next === -1 ? text.length : next;
		styles += start - style;
		if (!text.startsWith("\x1b[0m", style)) {
			for (let at = text.indexOf(" ", start); at !== -1 && at < end; at = text.indexOf(" ", at + 1))
				columns.push(at - styles);
		}
		style = next;
	}
	return columns;
}

function linked(text: string, link: string): string {
	return link === "" ? text : `\x1b]8;;${link}\x1b\\${text}\x1b]8;;\x1b\\`;
}
