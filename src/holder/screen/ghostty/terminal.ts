/**
 * One terminal of libghostty-vt: the C calls with their buffers, and nothing about what they are used for.
 *
 * Owns native memory and three callbacks; `close` frees them and must be called exactly once, outside of a callback.
 */
import { FFIType, JSCallback, type Pointer, ptr, toArrayBuffer } from "bun:ffi";
import { BerthError } from "../../../contract/errors.ts";
import { CELL_PIXELS, type Rgb } from "../identity.ts";
import { type FormatRequest, formatterOptions } from "./formatting.ts";
import { eachErasure } from "./full-rows.ts";
import {
	CellContent,
	CellData,
	Data,
	type GhosttyLibrary,
	Layout,
	Option,
	PointTag,
	RenderData,
	RowData,
} from "./library.ts";
import { Mode } from "./modes.ts";

/** Something the terminal reported while it read output; given out after the native call has returned. */
export type TerminalEvent =
	| { kind: "reply"; bytes: Uint8Array }
	| { kind: "title"; title: string }
	| { kind: "bell" };

const SUCCESS = 0;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class GhosttyTerminal {
	readonly #lib: GhosttyLibrary;
	#handle: Pointer | null;
	readonly #callbacks: JSCallback[] = [];
	#events: TerminalEvent[] = [];
	#cols: number;
	#rows: number;
	readonly #scratch = new DataView(new ArrayBuffer(1024));
	readonly #scratchBytes = new Uint8Array(this.#scratch.buffer);
	readonly #ref = new Uint8Array(Layout.GhosttyGridRef.size);
	readonly #refFields = new DataView(this.#ref.buffer);
	readonly #cell = new BigUint64Array(1);
	readonly #cellHalves = new Uint32Array(this.#cell.buffer);

	constructor(lib: GhosttyLibrary, cols: number, rows: number, maxScrollbackBytes: number) {
		this.#lib = lib;
		this.#cols = cols;
		this.#rows = rows;
		const options = new DataView(new ArrayBuffer(Layout.GhosttyTerminalOptions.size));
		options.setUint16(Layout.GhosttyTerminalOptions.cols, cols, true);
		options.setUint16(Layout.GhosttyTerminalOptions.rows, rows, true);
		options.setBigUint64(Layout.GhosttyTerminalOptions.max_scrollback, BigInt(maxScrollbackBytes), true);
		const out = new BigUint64Array(1);
		check(lib.ghostty_terminal_new_p(null, ptr(out), ptr(options)), "terminal_new");
		this.#handle = Number(out[0]) as Pointer;
		this.#refFields.setBigUint64(0, BigInt(Layout.GhosttyGridRef.size), true);
		// No images are kept: nobody can see them here, and they are the one thing a program could fill memory with.
		this.#setSize(Option.kittyImageStorageLimit, 0);
		this.#setSize(Option.apcMaxBytesKitty, 0);
		this.joinClusters();
		this.#listen();
	}

	#listen(): void {
		this.#callback(Option.size, [FFIType.ptr, FFIType.ptr, FFIType.ptr], FFIType.bool, (_t, _u, out) => {
			const size = new DataView(toArrayBuffer(out as Pointer, 0, Layout.GhosttySizeReportSize.size));
			size.setUint16(Layout.GhosttySizeReportSize.rows, this.#rows, true);
			size.setUint16(Layout.GhosttySizeReportSize.columns, this.#cols, true);
			size.setUint32(Layout.GhosttySizeReportSize.cell_width, CELL_PIXELS.width, true);
			size.setUint32(Layout.GhosttySizeReportSize.cell_height, CELL_PIXELS.height, true);
			return true;
		});
		this.#callback(
			Option.writePty,
			[FFIType.ptr, FFIType.ptr, FFIType.ptr, FFIType.u64],
			FFIType.void,
			(_t, _u, data, length) => {
				const bytes = new Uint8Array(toArrayBuffer(data as Pointer, 0, Number(length))).slice();
				this.#events.push({ kind: "reply", bytes });
			},
		);
		this.#callback(Option.bell, [FFIType.ptr, FFIType.ptr], FFIType.void, () => {
			// A stream of bells is one bell: the events of one write stay few whatever the program prints.
			if (this.#events.at(-1)?.kind !== "bell") this.#events.push({ kind: "bell" });
		});
		this.#callback(Option.titleChanged, [FFIType.ptr, FFIType.ptr], FFIType.void, () => {
			// The library allows reading inside a callback; a second title in the same write would replace this one.
			this.#events.push({ kind: "title", title: this.string(Data.title) });
		});
	}

	#callback(
		option: number,
		args: FFIType[],
		returns: FFIType,
		listener: (...values: unknown[]) => unknown,
	): void {
		const callback = new JSCallback(listener, { args, returns });
		this.#callbacks.push(callback);
		check(this.#lib.ghostty_terminal_set(this.#handle, option, callback.ptr), "terminal_set");
	}

	/** Feeds output, of whole sequences, and returns what the terminal reported meanwhile, in order. */
	write(bytes: Uint8Array): TerminalEvent[] {
		if (bytes.length > 0) this.#parseAll(bytes);
		if (this.#events.length === 0) return NO_EVENTS;
		const events = this.#events;
		this.#events = [];
		return events;
	}

	/** Feeds sequences of our own: nothing in them reports anything. */
	send(sequences: string): void {
		this.write(encoder.encode(sequences));
	}

	#parseAll(bytes: Uint8Array): void {
		const start = ptr(bytes);
		let fed = 0;
		eachErasure(bytes, (at, end) => {
			this.#parse(start, fed, at);
			fed = this.bool(Data.pendingWrap) ? end : at;
		});
		this.#parse(start, fed, bytes.length);
	}

	#parse(start: Pointer, from: number, to: number): void {
		if (to > from) this.#lib.ghostty_terminal_vt_write(this.#open(), (start + from) as Pointer, to - from);
	}

	resize(cols: number, rows: number): TerminalEvent[] {
		this.#cols = cols;
		this.#rows = rows;
		const { width, height } = CELL_PIXELS;
		check(this.#lib.ghostty_terminal_resize(this.#open(), cols, rows, width, height), "terminal_resize");
		return this.write(NO_BYTES);
	}

	u8(data: number): number {
		this.#get(data);
		return this.#scratch.getUint8(0);
	}

	u16(data: number): number {
		this.#get(data);
		return this.#scratch.getUint16(0, true);
	}

	bool(data: number): boolean {
		this.#get(data);
		return this.#scratch.getUint8(0) !== 0;
	}

	i32(data: number): number {
		this.#get(data);
		return this.#scratch.getInt32(0, true);
	}

	size(data: number): number {
		this.#get(data);
		return Number(this.#scratch.getBigUint64(0, true));
	}

	string(data: number): string {
		this.#get(data);
		const address = Number(this.#scratch.getBigUint64(0, true)) as Pointer;
		const length = Number(this.#scratch.getBigUint64(8, true));
		return length === 0 ? "" : decoder.decode(new Uint8Array(toArrayBuffer(address, 0, length)));
	}

	/** A colour, or null when neither the program nor a default gives one. */
	color(data: number): Rgb | null {
		if (this.#lib.ghostty_terminal_get(this.#open(), data, this.#scratchBytes) !== SUCCESS) return null;
		return { r: this.#scratchBytes[0]!, g: this.#scratchBytes[1]!, b: this.#scratchBytes[2]! };
	}

	/** 256 colours of three bytes each. */
	palette(data: number): Uint8Array {
		this.#get(data);
		return this.#scratchBytes.slice(0, 256 * 3);
	}

	setColor(option: number, color: Rgb): void {
		const bytes = new Uint8Array([color.r, color.g, color.b]);
		check(this.#lib.ghostty_terminal_set(this.#open(), option, bytes), "terminal_set");
	}

	setPalette(colors: Uint8Array): void {
		check(this.#lib.ghostty_terminal_set(this.#open(), Option.colorPalette, colors), "terminal_set");
	}

	#setSize(option: number, value: number): void {
		const bytes = new BigUint64Array([BigInt(value)]);
		check(this.#lib.ghostty_terminal_set(this.#open(), option, bytes), "terminal_set");
	}

	/** A mode by its packed number: the mode's own, plus 0x8000 for an ANSI mode (without `?`). */
	mode(tag: number): boolean {
		check(this.#lib.ghostty_terminal_mode_get(this.#open(), tag, this.#scratchBytes), "terminal_mode_get");
		return this.#scratchBytes[0] !== 0;
	}

	/** Characters join to grapheme clusters from now on: the library's initial state counts each for itself. */
	joinClusters(): void {
		this.setModeFlag(Mode.graphemeClusters, true);
	}

	/** Sets the mode's flag without doing what setting the mode does. */
	setModeFlag(tag: number, on: boolean): void {
		check(this.#lib.ghostty_terminal_mode_set(this.#open(), tag, on), "terminal_mode_set");
	}

	/** Whether the line (from the start of scrollback) continues in the next one, and whether it may hold hyperlinks. */
	row(y: number): { wrapped: boolean; linked: boolean } {
		const row = this.#row(y);
		return { wrapped: this.#rowFlag(row, RowData.wrap), linked: this.#rowFlag(row, RowData.hyperlink) };
	}

	/** Whether the line was written as the continuation of the one before it. */
	continues(y: number): boolean {
		return this.#rowFlag(this.#row(y), RowData.continues);
	}

	#row(y: number): bigint {
		this.#locate(0, y);
		check(this.#lib.ghostty_grid_ref_row(this.#ref, this.#cell), "grid_ref_row");
		return this.#cell[0]!;
	}

	#rowFlag(row: bigint, data: number): boolean {
		check(this.#lib.ghostty_row_get(row, data, this.#scratchBytes), "row_get");
		return this.#scratchBytes[0] !== 0;
	}

	/** Calls for the cells of a line in these columns, as two halves of 32 bits; both are 0 in a cell that nothing was written to. */
	eachCell(
		y: number,
		columns: readonly number[],
		visit: (x: number, low: number, high: number) => void,
	): void {
		this.#locate(0, y);
		for (const x of columns) {
			this.#refFields.setUint16(Layout.GhosttyGridRef.x, x, true);
			check(this.#lib.ghostty_grid_ref_cell(this.#ref, this.#cell), "grid_ref_cell");
			visit(x, this.#cellHalves[0]!, this.#cellHalves[1]!);
		}
	}

	cell(x: number, y: number): bigint {
		this.#locate(x, y);
		check(this.#lib.ghostty_grid_ref_cell(this.#ref, this.#cell), "grid_ref_cell");
		return this.#cell[0]!;
	}

	cellWide(cell: bigint): number {
		check(this.#lib.ghostty_cell_get(cell, CellData.wide, this.#scratchBytes), "cell_get");
		return this.#scratch.getInt32(0, true);
	}

	cellFlag(cell: bigint, data: number): boolean {
		check(this.#lib.ghostty_cell_get(cell, data, this.#scratchBytes), "cell_get");
		return this.#scratchBytes[0] !== 0;
	}

	/** SGR for the background of a cell that has no text; empty without one. */
	cellBackground(cell: bigint): string {
		check(this.#lib.ghostty_cell_get(cell, CellData.contentTag, this.#scratchBytes), "cell_get");
		const tag = this.#scratch.getInt32(0, true);
		if (tag === CellContent.backgroundPalette) {
			check(this.#lib.ghostty_cell_get(cell, CellData.palette, this.#scratchBytes), "cell_get");
			return `\x1b[48;5;${this.#scratchBytes[0]}m`;
		}
		if (tag !== CellContent.backgroundRgb) return "";
		check(this.#lib.ghostty_cell_get(cell, CellData.rgb, this.#scratchBytes), "cell_get");
		return `\x1b[48;2;${this.#scratchBytes.subarray(0, 3).join(";")}m`;
	}

	/** The hyperlink of a cell; empty without one. */
	link(x: number, y: number): string {
		this.#locate(x, y);
		const length = new BigUint64Array(1);
		let buffer = new Uint8Array(1024);
		let result = this.#lib.ghostty_grid_ref_hyperlink_uri(this.#ref, buffer, buffer.length, length);
		if (result === OUT_OF_SPACE) {
			buffer = new Uint8Array(Number(length[0]));
			result = this.#lib.ghostty_grid_ref_hyperlink_uri(this.#ref, buffer, buffer.length, length);
		}
		check(result, "grid_ref_hyperlink_uri");
		return decoder.decode(buffer.subarray(0, Number(length[0])));
	}

	#locate(x: number, y: number): void {
		const point = this.#scratch;
		point.setInt32(Layout.GhosttyPoint.tag, PointTag.screen, true);
		point.setUint16(Layout.GhosttyPoint.value, x, true);
		point.setUint32(Layout.GhosttyPoint.value + 4, y, true);
		check(this.#lib.ghostty_terminal_grid_ref_p(this.#open(), this.#scratchBytes, this.#ref), "grid_ref");
	}

	format(request: FormatRequest): Uint8Array {
		const selection = new DataView(new ArrayBuffer(Layout.GhosttySelection.size));
		selection.setBigUint64(0, BigInt(Layout.GhosttySelection.size), true);
		const bytes = new Uint8Array(selection.buffer);
		this.#locate(request.from.x, request.from.y);
		bytes.set(this.#ref, Layout.GhosttySelection.start);
		this.#locate(request.to.x, request.to.y);
		bytes.set(this.#ref, Layout.GhosttySelection.end);
		const options = formatterOptions(request, ptr(selection));
		const handle = new BigUint64Array(1);
		check(
			this.#lib.ghostty_formatter_terminal_new_p(null, handle, this.#open(), options),
			"formatter_terminal_new",
		);
		const formatter = Number(handle[0]) as Pointer;
		try {
			const address = new BigUint64Array(1);
			const length = new BigUint64Array(1);
			check(this.#lib.ghostty_formatter_format_alloc(formatter, null, address, length), "formatter_format");
			const at = Number(address[0]) as Pointer;
			const size = Number(length[0]);
			if (size === 0) return NO_BYTES;
			const copy = new Uint8Array(toArrayBuffer(at, 0, size)).slice();
			this.#lib.ghostty_free(null, at, size);
			return copy;
		} finally {
			this.#lib.ghostty_formatter_free(formatter);
		}
	}

	/** GhosttyRenderStateCursorVisualStyle: 0 bar, 1 block, 2 underline. Only the render state knows it. */
	cursorShape(): number {
		const out = new BigUint64Array(1);
		check(this.#lib.ghostty_render_state_new(null, out), "render_state_new");
		const state = Number(out[0]) as Pointer;
		try {
			check(this.#lib.ghostty_render_state_update(state, this.#open()), "render_state_update");
			check(
				this.#lib.ghostty_render_state_get(state, RenderData.cursorVisualStyle, this.#scratchBytes),
				"render_state_get",
			);
			return this.#scratch.getInt32(0, true);
		} finally {
			this.#lib.ghostty_render_state_free(state);
		}
	}

	close(): void {
		const handle = this.#open();
		this.#handle = null;
		this.#lib.ghostty_terminal_free(handle);
		for (const callback of this.#callbacks) callback.close();
	}

	#get(data: number): void {
		check(this.#lib.ghostty_terminal_get(this.#open(), data, this.#scratchBytes), "terminal_get");
	}

	#open(): Pointer {
		if (this.#handle === null) throw new BerthError("internal", "the screen is closed");
		return this.#handle;
	}
}

const OUT_OF_SPACE = -3;
const NO_BYTES = new Uint8Array(0);
const NO_EVENTS: TerminalEvent[] = [];

function check(result: number, call: string): void {
	if (result !== SUCCESS) {
		throw new BerthError("internal", `libghostty-vt: ghostty_${call} failed with ${result}`);
	}
}
