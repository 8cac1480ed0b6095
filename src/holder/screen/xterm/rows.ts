/** xterm.js's cells as text with SGR and OSC 8, in the form that libghostty-vt's formatter has. */
import type { SnapshotRow } from "../snapshot.ts";
import type { XtermAttributes, XtermBuffer, XtermCell, XtermCore, XtermLine } from "./internals.ts";

/** Bits of xterm.js's packed attributes (Constants.ts). */
const COLOR_MODE = 0x3000000;
const MODE_PALETTE_16 = 0x1000000;
const MODE_PALETTE_256 = 0x2000000;
const RGB = 0xffffff;
/** xterm.js's own `isUnderline` is also true for a hyperlink. */
const UNDERLINE = 0x10000000;
const UNDERLINE_STYLE = 0x1c000000;
const UNDERLINE_STYLE_SHIFT = 26;
/** A hyperlink alone makes a cell's attributes extended. */
const HAS_EXTENDED = 0x10000000;

/** SGR from the initial state; empty for default attributes. */
export function sgrOf(attributes: XtermAttributes): string {
	const out: string[] = [];
	if (attributes.isBold()) out.push("1");
	if (attributes.isDim()) out.push("2");
	if (attributes.isItalic()) out.push("3");
	if (attributes.isBlink()) out.push("5");
	if (attributes.isInverse()) out.push("7");
	if (attributes.isInvisible()) out.push("8");
	if (attributes.isStrikethrough()) out.push("9");
	if (attributes.isOverline()) out.push("53");
	if (attributes.fg & UNDERLINE) {
		const style = (attributes.extended._ext & UNDERLINE_STYLE) >>> UNDERLINE_STYLE_SHIFT;
		out.push(attributes.hasExtendedAttrs() && style > 1 ? `4:${style}` : "4");
	}
	out.push(...colorOf(38, attributes.fg), ...colorOf(48, attributes.bg));
	if (attributes.hasExtendedAttrs()) {
		const color = attributes.extended._ext;
		if (color & COLOR_MODE) out.push(...colorOf(58, color));
	}
	return out.map((code) => `\x1b[${code}m`).join("");
}

function colorOf(prefix: number, packed: number): string[] {
	const mode = packed & COLOR_MODE;
	if (mode === 0) return [];
	if (mode === MODE_PALETTE_16 || mode === MODE_PALETTE_256) return [`${prefix};5;${packed & 0xff}`];
	const rgb = packed & RGB;
	return [`${prefix};2;${rgb >> 16};${(rgb >> 8) & 0xff};${rgb & 0xff}`];
}

function linkOf(core: XtermCore, attributes: XtermAttributes): string {
	const id = attributes.bg & HAS_EXTENDED ? attributes.extended.urlId : 0;
	return id === 0 ? "" : (core._oscLinkService.getLinkData(id)?.uri ?? "");
}

/** SGR, OSC 8 and DECSCA of what is written next. */
export function penOf(core: XtermCore, attributes: XtermAttributes): string {
	const link = linkOf(core, attributes);
	return [
		"\x1b[0m",
		sgrOf(attributes),
		link === "" ? "" : `\x1b]8;;${link}\x1b\\`,
		attributes.isProtected() ? '\x1b[1"q' : "",
	].join("");
}

/** Rows `[from, to)` of a buffer, counted from the start of scrollback. */
export function rowsOf(
	core: XtermCore,
	buffer: XtermBuffer,
	from: number,
	to: number,
	cols: number,
	cell: XtermCell,
): SnapshotRow[] {
	const rows: SnapshotRow[] = [];
	for (let y = from; y < to; y++) {
		const line = buffer.lines.get(y);
		if (!line) {
			rows.push({ text: "", wrapped: false });
			continue;
		}
		const next = y + 1 < to ? buffer.lines.get(y + 1) : undefined;
		const { text, reached } = cellsText(core, line, 0, cols, cell);
		// A blank row cannot wrap again.
		if (next?.isWrapped && text !== "")
			rows.push({ text: text + fill(next, reached, cols, cell), wrapped: true });
		else rows.push({ text, wrapped: false });
	}
	return rows;
}

/** What a wrapped row needs at its end so that the next character wraps. */
function fill(next: XtermLine, reached: number, cols: number, cell: XtermCell): string {
	if (reached >= cols) return "";
	// A wide character did not fit: writing it again at the last column makes it wrap again.
	if (next.loadCell(0, cell).getWidth() === 2) return `\x1b[${cols}G`;
	return `\x1b[${cols}G `;
}

/** The cells `[from, to)` of a line, and the column after the last one that was written to. */
export function cellsText(
	core: XtermCore,
	line: XtermLine,
	from: number,
	to: number,
	cell: XtermCell,
): { text: string; reached: number } {
	const out: string[] = [];
	let sgr = "";
	let link = "";
	let reached = from;
	for (let x = from; x < to; x++) {
		line.loadCell(x, cell);
		const width = cell.getWidth();
		if (width === 0) continue;
		const chars = cell.getChars();
		const nextSgr = sgrOf(cell);
		const nextLink = linkOf(core, cell);
		if (chars === "" && nextSgr === "" && nextLink === "") continue;
		if (x > reached) {
			if (sgr !== "") out.push("\x1b[0m");
			if (link !== "") out.push("\x1b]8;;\x1b\\");
			sgr = "";
			link = "";
			out.push(`\x1b[${x - reached}C`);
		}
		if (nextSgr !== sgr) out.push("\x1b[0m", nextSgr);
		if (nextLink !== link) out.push(`\x1b]8;;${nextLink}\x1b\\`);
		sgr = nextSgr;
		link = nextLink;
		out.push(chars === "" ? " " : chars);
		reached = x + width;
	}
	if (sgr !== "") out.push("\x1b[0m");
	if (link !== "") out.push("\x1b]8;;\x1b\\");
	return { text: out.join(""), reached };
}
