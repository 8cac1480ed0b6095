/**
 * libghostty-vt's C interface through bun:ffi.
 *
 * Berth calls the library itself instead of through the npm package's TypeScript: that costs 110 KB of script and all of its
 * symbols at every holder's start, and leaves out what a snapshot needs (pending wrap, selections, colours). The package's
 * exact version pins the library; layouts.test.ts holds the layouts below against what the library itself reports.
 *
 * The library stays loaded for the life of the process.
 */
import { dlopen, FFIType } from "bun:ffi";

const { ptr, i32, u16, u32, u64, bool } = FFIType;

const SYMBOLS = {
	ghostty_terminal_free: { args: [ptr], returns: FFIType.void },
	ghostty_terminal_vt_write: { args: [ptr, ptr, u64], returns: FFIType.void },
	ghostty_terminal_resize: { args: [ptr, u16, u16, u32, u32], returns: i32 },
	ghostty_terminal_mode_get: { args: [ptr, u16, ptr], returns: i32 },
	ghostty_terminal_mode_set: { args: [ptr, u16, bool], returns: i32 },
	ghostty_terminal_get: { args: [ptr, i32, ptr], returns: i32 },
	ghostty_terminal_set: { args: [ptr, i32, ptr], returns: i32 },
	ghostty_grid_ref_row: { args: [ptr, ptr], returns: i32 },
	ghostty_grid_ref_cell: { args: [ptr, ptr], returns: i32 },
	ghostty_grid_ref_hyperlink_uri: { args: [ptr, ptr, u64, ptr], returns: i32 },
	ghostty_row_get: { args: [u64, i32, ptr], returns: i32 },
	ghostty_cell_get: { args: [u64, i32, ptr], returns: i32 },
	ghostty_formatter_format_alloc: { args: [ptr, ptr, ptr, ptr], returns: i32 },
	ghostty_formatter_free: { args: [ptr], returns: FFIType.void },
	ghostty_free: { args: [ptr, ptr, u64], returns: FFIType.void },
	ghostty_render_state_new: { args: [ptr, ptr], returns: i32 },
	ghostty_render_state_free: { args: [ptr], returns: FFIType.void },
	ghostty_render_state_update: { args: [ptr, ptr], returns: i32 },
	ghostty_render_state_get: { args: [ptr, i32, ptr], returns: i32 },
	ghostty_type_json: { args: [], returns: FFIType.cstring },
} as const;

/** The shim turns functions that take a struct by value, which bun:ffi cannot pass, into functions that take its address. */
const SHIM_SYMBOLS = {
	ghostty_terminal_new_p: { args: [ptr, ptr, ptr], returns: i32 },
	ghostty_formatter_terminal_new_p: { args: [ptr, ptr, ptr, ptr], returns: i32 },
	ghostty_terminal_grid_ref_p: { args: [ptr, ptr, ptr], returns: i32 },
} as const;

function load(library: string, shim: string) {
	// The shim needs the library by its soname: loaded first, it is found whatever the file is called.
	const main = dlopen(library, SYMBOLS).symbols;
	return { ...main, ...dlopen(shim, SHIM_SYMBOLS).symbols };
}

export type GhosttyLibrary = ReturnType<typeof load>;

let loaded: GhosttyLibrary | null = null;

/** Loads the library once per process. Throws what the loader says when a file or a symbol is missing. */
export function loadGhostty(files: { library: string; shim: string }): GhosttyLibrary {
	loaded ??= load(files.library, files.shim);
	return loaded;
}

/** GhosttyTerminalData: what `ghostty_terminal_get` reads. */
export const Data = {
	cols: 1,
	rows: 2,
	cursorX: 3,
	cursorY: 4,
	pendingWrap: 5,
	activeScreen: 6,
	cursorVisible: 7,
	kittyFlags: 8,
	cursorStyle: 10,
	mouseTracking: 11,
	title: 12,
	pwd: 13,
	scrollbackRows: 15,
	colorForeground: 18,
	colorBackground: 19,
	colorCursor: 20,
	colorPalette: 21,
	paletteDefault: 25,
} as const;

/** GhosttyTerminalOption: what `ghostty_terminal_set` writes. */
export const Option = {
	writePty: 1,
	bell: 2,
	titleChanged: 5,
	size: 6,
	colorForeground: 11,
	colorBackground: 12,
	colorCursor: 13,
	colorPalette: 14,
	kittyImageStorageLimit: 15,
	apcMaxBytes: 19,
	apcMaxBytesKitty: 20,
} as const;

/** GhosttyFormatterFormat. */
export const Format = { plain: 0, vt: 1, html: 2 } as const;

/** GhosttyPointTag: the visible screen, and everything from the first line of scrollback on. */
export const PointTag = { active: 0, screen: 2 } as const;

/** GhosttyRowData and GhosttyCellData, as far as they are read. */
export const RowData = { wrap: 1, continues: 2, hyperlink: 5 } as const;
export const CellData = {
	contentTag: 2,
	wide: 3,
	hasText: 4,
	hasStyling: 5,
	hasHyperlink: 7,
	palette: 10,
	rgb: 11,
} as const;
export const CellContent = { backgroundPalette: 2, backgroundRgb: 3 } as const;
export const CellWide = { narrow: 0, wide: 1, spacerTail: 2, spacerHead: 3 } as const;
export const RenderData = { cursorVisualStyle: 10 } as const;

/** Bytes of the structs that cross the border, and the offsets of their fields. */
export const Layout = {
	GhosttyTerminalOptions: { size: 16, cols: 0, rows: 2, max_scrollback: 8 },
	GhosttyFormatterTerminalOptions: { size: 56, emit: 8, unwrap: 12, trim: 13, extra: 16, selection: 48 },
	GhosttyFormatterTerminalExtra: {
		size: 32,
		palette: 8,
		modes: 9,
		scrolling_region: 10,
		tabstops: 11,
		pwd: 12,
		keyboard: 13,
		screen: 16,
	},
	GhosttyFormatterScreenExtra: {
		size: 16,
		cursor: 8,
		style: 9,
		hyperlink: 10,
		protection: 11,
		kitty_keyboard: 12,
		charsets: 13,
	},
	GhosttyGridRef: { size: 24, node: 8, x: 16, y: 18 },
	GhosttyPoint: { size: 24, tag: 0, value: 8 },
	/** Two grid references by value: not in the library's own report. */
	GhosttySelection: { size: 64, start: 8, end: 32, rectangle: 56 },
	GhosttySizeReportSize: { size: 12, rows: 0, columns: 2, cell_width: 4, cell_height: 8 },
} as const;
