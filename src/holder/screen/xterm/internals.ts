/**
 * What Berth uses of xterm.js beyond its public interface. The version is exact in package.json, and the conformance suite runs on
 * every change of it; `coreOf` refuses a terminal that is not built as described here.
 */
import type { Terminal } from "@xterm/headless";
import { BerthError } from "../../../contract/errors.ts";

/** What the input handler does as often as a parameter says. */
export type RepeatedMethod =
	| "scrollUp"
	| "scrollDown"
	| "insertLines"
	| "deleteLines"
	| "cursorForwardTab"
	| "cursorBackwardTab"
	| "repeatPrecedingCharacter";

/** Attributes of a cell or of what is written next (AttributeData). */
export interface XtermAttributes {
	fg: number;
	bg: number;
	extended: { urlId: number; underlineColor: number; _ext: number };
	isBold(): number;
	isDim(): number;
	isItalic(): number;
	isBlink(): number;
	isInverse(): number;
	isInvisible(): number;
	isStrikethrough(): number;
	isOverline(): number;
	isProtected(): number;
	hasExtendedAttrs(): number;
}

export interface XtermCell extends XtermAttributes {
	getChars(): string;
	getWidth(): number;
}

export interface XtermLine {
	isWrapped: boolean;
	loadCell(x: number, cell: XtermCell): XtermCell;
	translateToString(trimRight: boolean): string;
}

/** A charset maps what is printed; undefined is US-ASCII. */
export type XtermCharset = Record<string, string> | undefined;

export interface XtermBuffer {
	lines: { length: number; get(y: number): XtermLine | undefined };
	ybase: number;
	x: number;
	y: number;
	scrollTop: number;
	scrollBottom: number;
	tabs: Record<number, boolean | undefined>;
	savedX: number;
	savedY: number;
	savedCurAttrData: XtermAttributes;
	savedCharset: XtermCharset;
}

export interface XtermColorEvent {
	/** 0 report, 1 set, 2 restore. */
	type: 0 | 1 | 2;
	/** 256 foreground, 257 background, 258 cursor; undefined restores the whole palette. */
	index?: number;
	color?: [number, number, number];
}

export interface XtermCore {
	writeSync(data: Uint8Array): void;
	buffers: { active: XtermBuffer; normal: XtermBuffer; alt: XtermBuffer };
	coreService: {
		isCursorHidden: boolean;
		modes: { insertMode: boolean };
		decPrivateModes: {
			applicationCursorKeys: boolean;
			applicationKeypad: boolean;
			bracketedPasteMode: boolean;
			cursorBlink: boolean | undefined;
			cursorStyle: "block" | "underline" | "bar" | undefined;
			origin: boolean;
			reverseWraparound: boolean;
			sendFocus: boolean;
			synchronizedOutput: boolean;
			wraparound: boolean;
		};
	};
	coreMouseService: { activeProtocol: string; activeEncoding: string };
	_charsetService: { charset: XtermCharset; glevel: number; _charsets: XtermCharset[] };
	_oscLinkService: { getLinkData(id: number): { uri: string } | undefined };
	_inputHandler: {
		_curAttrData: XtermAttributes;
		eraseInDisplay(params: { length: number; params: number[] }, respectProtection: boolean): boolean;
		onColor(listener: (events: XtermColorEvent[]) => void): unknown;
	} & Record<RepeatedMethod, (params: { length: number; params: number[] }) => boolean>;
}

/** A cell of our own to read others into: a buffer's null cell is what it erases with. */
export function newCell(terminal: Terminal): XtermCell {
	return terminal.buffer.active.getNullCell() as unknown as XtermCell;
}

export function coreOf(terminal: Terminal): XtermCore {
	const core = (terminal as unknown as { _core?: Partial<XtermCore> })._core;
	if (
		!core?.writeSync ||
		!core.buffers ||
		!core.coreService ||
		!core.coreMouseService ||
		!core._charsetService?._charsets ||
		!core._oscLinkService ||
		!core._inputHandler?._curAttrData
	) {
		throw new BerthError("internal", "this version of @xterm/headless is built differently");
	}
	return core as XtermCore;
}
