/** What the library's formatter is asked for, as the struct that it takes. */
import type { Pointer } from "bun:ffi";
import { Format, Layout } from "./library.ts";

export interface FormatRequest {
	format: keyof typeof Format;
	/** First and last cell, both included, in lines counted from the start of scrollback. */
	from: { x: number; y: number };
	to: { x: number; y: number };
	/** One kind of state, written as sequences after the cells. */
	extra?: Extra;
}

/** Where the formatter's option for each kind of state lies. */
const EXTRAS = {
	style: screenField("style"),
	hyperlink: screenField("hyperlink"),
	protection: screenField("protection"),
	charsets: screenField("charsets"),
	scrollingRegion: terminalField("scrolling_region"),
	tabStops: terminalField("tabstops"),
	keyboard: terminalField("keyboard"),
} as const;
export type Extra = keyof typeof EXTRAS;

function terminalField(name: keyof typeof Layout.GhosttyFormatterTerminalExtra): number {
	return Layout.GhosttyFormatterTerminalOptions.extra + Layout.GhosttyFormatterTerminalExtra[name];
}

function screenField(name: keyof typeof Layout.GhosttyFormatterScreenExtra): number {
	return terminalField("screen") + Layout.GhosttyFormatterScreenExtra[name];
}

/** The struct's bytes; `selection` is the address of the range. */
export function formatterOptions(request: FormatRequest, selection: Pointer): Uint8Array {
	const outer = Layout.GhosttyFormatterTerminalOptions;
	const extra = Layout.GhosttyFormatterTerminalExtra;
	const screen = Layout.GhosttyFormatterScreenExtra;
	const bytes = new Uint8Array(outer.size);
	const view = new DataView(bytes.buffer);
	view.setBigUint64(0, BigInt(outer.size), true);
	view.setInt32(outer.emit, Format[request.format], true);
	view.setBigUint64(outer.selection, BigInt(selection), true);
	view.setBigUint64(outer.extra, BigInt(extra.size), true);
	view.setBigUint64(outer.extra + extra.screen, BigInt(screen.size), true);
	if (request.extra) bytes[EXTRAS[request.extra]] = 1;
	return bytes;
}
