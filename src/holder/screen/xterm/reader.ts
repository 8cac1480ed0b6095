/** Reads what an xterm.js terminal holds: text, rows with attributes, and the whole state for a snapshot. */
import type { Terminal } from "@xterm/headless";
import { DEFAULT_COLORS, defaultColor, type Rgb, xcolor } from "../identity.ts";
import type { ColorTarget, QuerySubject } from "../queries.ts";
import { CursorShape, decscusr, settingOf } from "../settings.ts";
import type { SnapshotCell, SnapshotCursor, SnapshotScreen, SnapshotState } from "../snapshot.ts";
import {
	newCell,
	type XtermAttributes,
	type XtermBuffer,
	type XtermCell,
	type XtermCharset,
	type XtermColorEvent,
	type XtermCore,
} from "./internals.ts";
import type { KittyKeyboard } from "./replies.ts";
import { cellsText, penOf, rowsOf } from "./rows.ts";

/** Indices of colour events beyond the palette. */
const DYNAMIC: Record<number, Exclude<ColorTarget, number>> = {
	256: "foreground",
	257: "background",
	258: "cursor",
};

const MOUSE_PROTOCOLS: Record<string, string> = { X10: "?9", VT200: "?1000", DRAG: "?1002", ANY: "?1003" };
const MOUSE_ENCODINGS: Record<string, string> = { SGR: "?1006", SGR_PIXELS: "?1016" };

export class XtermReader implements QuerySubject {
	readonly #terminal: Terminal;
	readonly #core: XtermCore;
	readonly #keyboard: KittyKeyboard;
	readonly #cell: XtermCell;
	/** Colours that the program set. */
	readonly #colors = new Map<ColorTarget, Rgb>();

	constructor(terminal: Terminal, core: XtermCore, keyboard: KittyKeyboard) {
		this.#terminal = terminal;
		this.#core = core;
		this.#keyboard = keyboard;
		this.#cell = newCell(terminal);
		core._inputHandler.onColor((events) => {
			for (const event of events) this.#applyColor(event);
		});
	}

	#applyColor({ type, index, color }: XtermColorEvent): void {
		const target = index === undefined ? undefined : (DYNAMIC[index] ?? index);
		if (type === 1 && target !== undefined && color) {
			this.#colors.set(target, { r: color[0], g: color[1], b: color[2] });
		} else if (type === 2 && target !== undefined) {
			this.#colors.delete(target);
		} else if (type === 2) {
			for (const key of this.#colors.keys()) if (typeof key === "number") this.#colors.delete(key);
		}
	}

	lines(): string[] {
		const { active } = this.#core.buffers;
		return Array.from({ length: this.#terminal.rows }, (_, y) => textOf(active, active.ybase + y));
	}

	lastLines(count: number): { text: string; lines: number; complete: boolean } {
		const { active, alt } = this.#core.buffers;
		let end = active.ybase + this.#terminal.rows;
		while (end > 0 && textOf(active, end - 1) === "") end--;
		const from = Math.max(0, end - count);
		const lines: string[] = [];
		for (let y = from; y < end; y++) lines.push(textOf(active, y));
		const scrollback = this.#terminal.options.scrollback ?? 0;
		const dropped = scrollback > 0 && active.ybase >= scrollback;
		return {
			text: lines.join("\n"),
			lines: lines.length,
			complete: from === 0 && !dropped && active !== alt,
		};
	}

	/** The visible rows with SGR and OSC 8. */
	visibleRows(): string[] {
		const { active } = this.#core.buffers;
		const { cols, rows } = this.#terminal;
		return rowsOf(this.#core, active, active.ybase, active.ybase + rows, cols, this.#cell).map(
			(row) => row.text,
		);
	}

	read(title: string, directory: string | null, partial: Uint8Array, scrollbackLines: number): SnapshotState {
		const { active, normal, alt } = this.#core.buffers;
		const { cols, rows } = this.#terminal;
		const alternate = active === alt;
		return {
			cols,
			rows,
			primary: this.#screen(normal, "normal", scrollbackLines),
			// xterm.js does not keep which of the three modes switched; 1049 is what programs use.
			alternate: alternate ? { ...this.#screen(alt, "alternate", 0), mode: 1049 } : null,
			cursor: this.#cursor(active),
			verticalMargins:
				active.scrollTop === 0 && active.scrollBottom === rows - 1
					? null
					: { top: active.scrollTop, bottom: active.scrollBottom },
			horizontalMargins: null,
			tabStops: Object.keys(active.tabs)
				.map(Number)
				.filter((x) => active.tabs[x] && x > 0 && x < cols)
				.sort((a, b) => a - b),
			modes: this.#modes(),
			cursorStyle: this.#cursorStyle(),
			modifyOtherKeys: 0,
			title,
			directory,
			colors: [...this.#colors].map(([target, color]) => ({ name: colorName(target), value: xcolor(color) })),
			partial,
		};
	}

	#screen(buffer: XtermBuffer, name: "normal" | "alternate", scrollbackLines: number): SnapshotScreen {
		const { cols, rows } = this.#terminal;
		return {
			rows: rowsOf(
				this.#core,
				buffer,
				Math.max(0, buffer.ybase - scrollbackLines),
				buffer.ybase + rows,
				cols,
				this.#cell,
			),
			saved: this.#saved(buffer),
			kittyFlags: this.#keyboard.flags(name),
		};
	}

	#cursor(buffer: XtermBuffer): SnapshotCursor {
		const { cols } = this.#terminal;
		return {
			x: Math.min(buffer.x, cols - 1),
			y: buffer.y,
			pendingWrap: buffer.x >= cols ? this.#lastCell(buffer) : null,
			pen: penOf(this.#core, this.#core._inputHandler._curAttrData),
			charsets: this.#charsets(),
			origin: this.#core.coreService.decPrivateModes.origin,
		};
	}

	/** xterm.js saves position, attributes and the charset in use; not origin mode or a pending wrap. */
	#saved(buffer: XtermBuffer): SnapshotCursor {
		const { cols, rows } = this.#terminal;
		return {
			x: Math.min(buffer.savedX, cols - 1),
			y: Math.min(Math.max(buffer.savedY - buffer.ybase, 0), rows - 1),
			pendingWrap: null,
			pen: penOf(this.#core, this.#savedAttributes(buffer)),
			charsets: designation("(", buffer.savedCharset),
			origin: false,
		};
	}

	/** DECSC keeps that there are extended attributes (links, underlines' colours) but not which: DECRC takes those that stand. */
	#savedAttributes(buffer: XtermBuffer): XtermAttributes {
		const { extended } = this.#core._inputHandler._curAttrData;
		return Object.create(buffer.savedCurAttrData, { extended: { value: extended } }) as XtermAttributes;
	}

	#charsets(): string {
		const { glevel, charset, _charsets } = this.#core._charsetService;
		// DECRC changes only the set that is in use, not the slot that it came from: what is written next counts.
		const designations = ["(", ")", "*", "+"].map((slot, g) =>
			designation(slot, g === glevel ? charset : _charsets[g]),
		);
		return designations.join("") + ["", "\x0e", "\x1bn", "\x1bo"][glevel]!;
	}

	#lastCell(buffer: XtermBuffer): SnapshotCell {
		const { cols } = this.#terminal;
		const line = buffer.lines.get(buffer.ybase + buffer.y);
		if (!line) return { x: cols - 1, text: " " };
		const cell = this.#cell;
		const x = line.loadCell(cols - 1, cell).getWidth() === 0 ? cols - 2 : cols - 1;
		return { x, text: cellsText(this.#core, line, x, cols, cell).text || " " };
	}

	#modes(): Map<string, boolean> {
		const { coreService, coreMouseService } = this.#core;
		const { decPrivateModes: dec } = coreService;
		const on: [string | undefined, boolean][] = [
			["4", coreService.modes.insertMode],
			["20", this.#terminal.options.convertEol === true],
			["?1", dec.applicationCursorKeys],
			["?45", dec.reverseWraparound],
			["?66", dec.applicationKeypad],
			[MOUSE_PROTOCOLS[coreMouseService.activeProtocol], true],
			[MOUSE_ENCODINGS[coreMouseService.activeEncoding], true],
			["?1004", dec.sendFocus],
			["?2004", dec.bracketedPasteMode],
			["?2026", dec.synchronizedOutput],
		];
		const modes = new Map<string, boolean>();
		for (const [mode, set] of on) if (mode !== undefined && set) modes.set(mode, true);
		if (!dec.wraparound) modes.set("?7", false);
		if (coreService.isCursorHidden) modes.set("?25", false);
		return modes;
	}

	#cursorStyle(): number {
		const { cursorStyle, cursorBlink } = this.#core.coreService.decPrivateModes;
		return cursorStyle === undefined ? 0 : decscusr(CursorShape[cursorStyle], cursorBlink === true);
	}

	color(target: ColorTarget): Rgb {
		return (
			this.#colors.get(target) ?? (typeof target === "number" ? defaultColor(target) : DEFAULT_COLORS[target])
		);
	}

	setting(name: string): string | null {
		const { active } = this.#core.buffers;
		const pen = this.#core._inputHandler._curAttrData;
		return settingOf(name, {
			pen: penOf(this.#core, pen),
			protected: pen.isProtected() !== 0,
			cursorStyle: this.#cursorStyle(),
			vertical: { top: active.scrollTop, bottom: active.scrollBottom },
			horizontal: { left: 0, right: this.#terminal.cols - 1 },
		});
	}
}

function colorName(target: ColorTarget): string {
	return typeof target === "number"
		? `4;${target}`
		: { foreground: "10", background: "11", cursor: "12" }[target];
}

/** xterm.js keeps only the tables; DEC's line drawing and the British set are the ones in use (`q` and `#` tell them). */
function designation(slot: string, charset: XtermCharset): string {
	if (!charset) return "";
	if (charset.q === "─") return `\x1b${slot}0`;
	if (charset["#"] === "£") return `\x1b${slot}A`;
	return "";
}

function textOf(buffer: XtermBuffer, y: number): string {
	return (buffer.lines.get(y)?.translateToString(true) ?? "").trimEnd();
}
