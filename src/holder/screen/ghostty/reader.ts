/**
 * Reads what a libghostty-vt terminal holds: text, and the whole state for a snapshot. The library formats only the screen that is
 * shown, and tells a saved cursor only by restoring it; here the other screen and the saved cursors are looked at and put back.
 */
import { DEFAULT_COLORS, type Rgb, xcolor } from "../identity.ts";
import { type ColorTarget, ModeReport, type QuerySubject } from "../queries.ts";
import { decscusr, settingOf } from "../settings.ts";
import {
	cursorSequences,
	PLAIN_PEN,
	type SnapshotCell,
	type SnapshotCursor,
	type SnapshotScreen,
	type SnapshotState,
} from "../snapshot.ts";
import type { Extra } from "./formatting.ts";
import { Data } from "./library.ts";
import { ANSI_MODES, ansiTag, CARRIED_MODES, Mode, modeParameter } from "./modes.ts";
import { GhosttyRows } from "./rows.ts";
import type { GhosttyTerminal } from "./terminal.ts";

const decoder = new TextDecoder();

const DYNAMIC_DATA = {
	foreground: Data.colorForeground,
	background: Data.colorBackground,
	cursor: Data.colorCursor,
} as const;

export interface SnapshotRequest {
	/** OSC 7's value, which the library does not keep. */
	directory: string | null;
	/** The beginning of what the output has not finished. */
	partial: Uint8Array;
	/** Lines above the screen, at most. */
	scrollbackLines: number;
}

export class GhosttyReader implements QuerySubject {
	readonly #terminal: GhosttyTerminal;
	readonly #rows: GhosttyRows;
	readonly #scrollbackLines: number;

	constructor(terminal: GhosttyTerminal, scrollbackLines: number) {
		this.#terminal = terminal;
		this.#rows = new GhosttyRows(terminal);
		this.#scrollbackLines = scrollbackLines;
	}

	get alternate(): boolean {
		return this.#terminal.i32(Data.activeScreen) === 1;
	}

	/**
	 * Lines above the screen, of those that were asked to be kept: the library drops whole pages and may hold more. The alternate screen
	 * has none; what the library keeps of it when a region at its top scrolls is not shown by any terminal.
	 */
	get scrollbackRows(): number {
		return this.alternate ? 0 : Math.min(this.#terminal.size(Data.scrollbackRows), this.#scrollbackLines);
	}

	/** The primary screen is shown and scrolls as a whole. */
	get scrollsFreely(): boolean {
		return !this.alternate && this.#extra("scrollingRegion") === "";
	}

	get #size(): { cols: number; rows: number } {
		return { cols: this.#terminal.u16(Data.cols), rows: this.#terminal.u16(Data.rows) };
	}

	/** Number of the first visible row, counted from the first line that the library holds. */
	get #top(): number {
		return this.#terminal.size(Data.scrollbackRows);
	}

	/** The scrollback's last line goes on in the screen's first, which was erased since. */
	get tornAtTop(): boolean {
		const top = this.#top;
		return top > 0 && this.#terminal.row(top - 1).wrapped && !this.#terminal.continues(top);
	}

	/** SGR that makes a plain pen the cursor's. */
	get pen(): string {
		return this.#extra("style");
	}

	/** The column after the last cell of a visible row that shows something; 0 in a row that is blank. */
	rowEnd(row: number): number {
		return this.#rows.end(this.#top + row, this.#size.cols);
	}

	/** Whether a visible row goes on in the next one. */
	wraps(row: number): boolean {
		return this.#terminal.row(this.#top + row).wrapped;
	}

	/** The cell of a visible row, as it would be written again. */
	cell(column: number, row: number): SnapshotCell {
		return this.#rows.cell(column, this.#top + row);
	}

	/** The visible rows of the line that the cursor is in, from the top. */
	cursorLine(): number[] {
		const y = this.#terminal.u16(Data.cursorY);
		let first = y;
		while (first > 0 && this.wraps(first - 1)) first--;
		let last = y;
		while (last < this.#size.rows - 1 && this.wraps(last)) last++;
		return Array.from({ length: last - first + 1 }, (_, index) => first + index);
	}

	lines(): string[] {
		const { rows } = this.#size;
		const top = this.#top;
		return pad(this.#text(top, top + rows - 1), rows);
	}

	lastLines(count: number): { text: string; lines: number; complete: boolean } {
		const { rows } = this.#size;
		const total = this.#top + rows;
		const first = this.#top - this.scrollbackRows;
		// Blank rows at the end do not count: usually no more than a screen has, so one look is enough.
		let from = total;
		let found: string[] = [];
		for (let looked = count + rows; found.length < count && from > first; looked *= 2) {
			from = Math.max(first, total - looked);
			found = this.#text(from, total - 1);
		}
		const kept = count === 0 ? [] : found.slice(-count);
		const full = this.#scrollbackLines > 0 && this.scrollbackRows === this.#scrollbackLines;
		return {
			text: kept.join("\n"),
			lines: kept.length,
			complete: from === first && kept.length === found.length && !full && !this.alternate,
		};
	}

	/** Rows as text, without blank rows at the end. */
	#text(from: number, to: number): string[] {
		const { cols } = this.#size;
		const bytes = this.#terminal.format({
			format: "plain",
			from: { x: 0, y: from },
			to: { x: cols - 1, y: to },
		});
		const lines = decoder
			.decode(bytes)
			.split("\n")
			.map((line) => line.trimEnd());
		while (lines.at(-1) === "") lines.pop();
		return lines;
	}

	/** The visible rows with SGR and OSC 8. */
	visibleRows(): string[] {
		const { cols, rows } = this.#size;
		const top = this.#top;
		return this.#rows.read(top, top + rows - 1, cols).map((row) => row.text);
	}

	/** Everything, for a snapshot. The terminal's parser must be at rest: it is asked by sequences. */
	read({ directory, partial, scrollbackLines }: SnapshotRequest): SnapshotState {
		const { cols, rows } = this.#size;
		const alternate = this.alternate;
		const margins = this.#margins();
		const cursor = this.#cursor();
		const style = this.cursorStyle();
		const modes = this.#modes();
		const restore = () => this.#terminal.send(cursorSequences(margins, cursor));
		const visible = this.#screen(alternate ? 0 : scrollbackLines);
		visible.saved = this.#savedCursor();
		restore();
		const primary = alternate ? this.#beneath(restore, scrollbackLines) : visible;
		return {
			cols,
			rows,
			primary,
			alternate: alternate ? { ...visible, mode: this.#alternateMode() } : null,
			cursor,
			...margins,
			tabStops: this.#tabStops(),
			modes,
			cursorStyle: style,
			modifyOtherKeys: this.#extra("keyboard") === "" ? 0 : 2,
			title: this.#terminal.string(Data.title),
			directory,
			colors: this.#colors(),
			partial,
		};
	}

	#screen(scrollbackLines: number): SnapshotScreen {
		const { cols, rows } = this.#size;
		const from = this.#top - Math.min(this.scrollbackRows, scrollbackLines);
		return {
			rows: this.#rows.read(from, this.#top + rows - 1, cols),
			saved: null,
			kittyFlags: this.#terminal.u8(Data.kittyFlags),
		};
	}

	/**
	 * Reads the primary screen while the alternate one is shown. Mode 47 switches without erasing or saving anything; it copies the
	 * cursor to the other screen and ends its hyperlink, and sets its own flag. The primary screen's cursor has no meaning now (every
	 * way back to it copies the cursor or restores the saved one); the rest is put back.
	 */
	#beneath(restore: () => void, scrollbackLines: number): SnapshotScreen {
		const flag = this.#terminal.mode(Mode.alternateLegacy);
		this.#terminal.send("\x1b[?47l");
		const primary = this.#screen(scrollbackLines);
		primary.saved = this.#savedCursor();
		this.#terminal.send("\x1b[?47h");
		this.#terminal.setModeFlag(Mode.alternateLegacy, flag);
		restore();
		return primary;
	}

	/** Restores the saved cursor to read it; the caller puts the cursor back. */
	#savedCursor(): SnapshotCursor {
		this.#terminal.send("\x1b8");
		return this.#cursor();
	}

	#cursor(): SnapshotCursor {
		const terminal = this.#terminal;
		const x = terminal.u16(Data.cursorX);
		const y = terminal.u16(Data.cursorY);
		return {
			x,
			y,
			pendingWrap: terminal.bool(Data.pendingWrap) ? this.#rows.cell(x, this.#top + y) : null,
			pen: this.pen + this.#extra("hyperlink") + this.#extra("protection"),
			charsets: this.#extra("charsets").replaceAll(/\x1b[()*+]B/g, ""),
			origin: terminal.mode(Mode.origin),
		};
	}

	#margins(): Pick<SnapshotState, "verticalMargins" | "horizontalMargins"> {
		const text = this.#extra("scrollingRegion");
		const vertical = /\x1b\[(\d+);(\d+)r/.exec(text);
		const horizontal = /\x1b\[(\d+);(\d+)s/.exec(text);
		return {
			verticalMargins: vertical && { top: Number(vertical[1]) - 1, bottom: Number(vertical[2]) - 1 },
			horizontalMargins: horizontal && { left: Number(horizontal[1]) - 1, right: Number(horizontal[2]) - 1 },
		};
	}

	#tabStops(): number[] {
		return [...this.#extra("tabStops").matchAll(/\x1b\[(\d+)G/g)].map((match) => Number(match[1]) - 1);
	}

	#modes(): Map<string, boolean> {
		const modes = new Map<string, boolean>();
		for (const [tag, initial] of CARRIED_MODES) {
			const on = this.#terminal.mode(tag);
			if (on !== initial) modes.set(modeParameter(tag), on);
		}
		return modes;
	}

	#alternateMode(): number {
		for (const tag of [Mode.alternateSave, Mode.alternate]) if (this.#terminal.mode(tag)) return tag;
		return Mode.alternateLegacy;
	}

	/** DECSCUSR's parameter. The library's initial state (a steady block) cannot be told from one that was asked for. */
	cursorStyle(): number {
		return decscusr(this.#terminal.cursorShape(), this.#terminal.mode(Mode.cursorBlink));
	}

	color(target: ColorTarget): Rgb {
		if (typeof target !== "number")
			return this.#terminal.color(DYNAMIC_DATA[target]) ?? DEFAULT_COLORS[target];
		const palette = this.#terminal.palette(Data.colorPalette);
		return { r: palette[target * 3]!, g: palette[target * 3 + 1]!, b: palette[target * 3 + 2]! };
	}

	#colors(): SnapshotState["colors"] {
		const colors: SnapshotState["colors"] = [];
		const now = this.#terminal.palette(Data.colorPalette);
		const initial = this.#terminal.palette(Data.paletteDefault);
		for (let i = 0; i < 256; i++) {
			const at = i * 3;
			if ([0, 1, 2].some((k) => now[at + k] !== initial[at + k])) {
				colors.push({ name: `4;${i}`, value: xcolor({ r: now[at]!, g: now[at + 1]!, b: now[at + 2]! }) });
			}
		}
		for (const [code, target] of [
			["10", "foreground"],
			["11", "background"],
			["12", "cursor"],
		] as const) {
			const value = xcolor(this.color(target));
			if (value !== xcolor(DEFAULT_COLORS[target])) colors.push({ name: code, value });
		}
		return colors;
	}

	/**
	 * DECSTR, which the library does not know (VT510: cursor shown, insert, origin and keyboard modes off, no region, plain attributes
	 * and charsets, the saved cursor at home; the screen and the cursor's position stay).
	 */
	softReset(): void {
		const x = this.#terminal.u16(Data.cursorX) + 1;
		const y = this.#terminal.u16(Data.cursorY) + 1;
		this.#terminal.send(`\x1b[?25h\x1b[2;4l\x1b[?6;66;1l\x1b[r${PLAIN_PEN}\x1b[H\x1b7\x1b[${y};${x}H`);
	}

	/** An ANSI mode's state; the library parses the question (DECRQM without `?`) but does not answer it. */
	ansiMode(mode: number): ModeReport {
		if (!ANSI_MODES.has(mode)) return ModeReport.unknown;
		return this.#terminal.mode(ansiTag(mode)) ? ModeReport.set : ModeReport.reset;
	}

	setting(name: string): string | null {
		const { cols, rows } = this.#size;
		const { verticalMargins, horizontalMargins } = this.#margins();
		return settingOf(name, {
			pen: this.pen,
			protected: this.#extra("protection") !== "",
			cursorStyle: this.cursorStyle(),
			vertical: verticalMargins ?? { top: 0, bottom: rows - 1 },
			horizontal: horizontalMargins ?? { left: 0, right: cols - 1 },
		});
	}

	/** One kind of the formatter's sequences about state: what it writes with it and not without. */
	#extra(extra: Extra): string {
		const { rows } = this.#size;
		const at = { x: 0, y: this.#top + rows - 1 };
		const plain = this.#terminal.format({ format: "vt", from: at, to: at });
		const full = this.#terminal.format({ format: "vt", from: at, to: at, extra });
		return decoder.decode(full.subarray(plain.length));
	}
}

function pad(lines: string[], count: number): string[] {
	while (lines.length < count) lines.push("");
	return lines;
}
