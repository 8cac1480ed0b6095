/**
 * The one interface to a terminal emulator that keeps what a terminal would show. Two engines stand behind it;
 * conformance.test.ts holds both to it.
 *
 * Ownership: the holder owns one engine per worker for as long as it runs and closes it at the end; native memory is not freed
 * by the garbage collector.
 */
import type { ScreenEngineName } from "../../contract/link.ts";

export interface ScreenOptions {
	cols: number;
	rows: number;
	/** Lines kept above the screen. */
	scrollbackLines: number;
	/** The title changed (OSC 0, OSC 2). */
	onTitle: (title: string) => void;
	onBell: () => void;
	/**
	 * The emulator's answer to a query of the program (DA, DSR, CPR, DECRQM, OSC 10/11 colours, kitty keyboard, XTVERSION).
	 * Called inside `write`. Whether it reaches the program is the holder's to decide: exactly one terminal answers.
	 */
	onReply: (bytes: Uint8Array) => void;
}

export interface ScreenCursor {
	/** Column and row from 0. */
	x: number;
	y: number;
	visible: boolean;
}

export interface ScreenState {
	cols: number;
	rows: number;
	cursor: ScreenCursor;
	title: string;
	/** Directory from OSC 7; null when the program told none. */
	pwd: string | null;
	alternate: boolean;
	scrollbackRows: number;
	/** A program asked for bracketed paste (DECSET 2004), application cursor keys (DECCKM), any mouse tracking, focus events. */
	modes: { bracketedPaste: boolean; applicationCursor: boolean; mouse: boolean; focus: boolean };
}

export interface Screen {
	readonly engine: ScreenEngineName;
	/** Rows of scrollback and screen that can be held at this width, at most: a row that more line feeds followed is gone. */
	readonly capacityRows: number;
	/**
	 * Whether text and colours would do nothing but fill and scroll it: the parser is at rest, the primary screen is shown, and it
	 * scrolls as a whole. Text, line ends and SGR do not change that.
	 */
	scrollsFreely(): boolean;
	/**
	 * Feeds output; everything is parsed and reported before it returns. A sequence or character that a chunk border cuts is held
	 * until the next chunk. The bytes are the caller's again when it returns.
	 */
	write(bytes: Uint8Array): void;
	/**
	 * Sizes the screen; the primary screen reflows as the engine does it. The size is the owner's alone: sequences that size a terminal
	 * (DECCOLM, XTWINOPS) change nothing.
	 */
	resize(cols: number, rows: number): void;
	state(): ScreenState;
	/** One string per row of the visible screen, trailing blanks left out. */
	lines(): string[];
	/**
	 * The last `count` rows of scrollback and screen as text, blank rows at the end left out; of the screen alone while the alternate one
	 * is shown. `complete`: no older line exists or existed.
	 */
	lastLines(count: number): { text: string; lines: number; complete: boolean };
	/**
	 * VT bytes that make a fresh terminal of the same size equal to this one: scrollback, both screens when the alternate one
	 * is shown, styles, hyperlinks, cursor with a pending wrap, saved cursors, modes, scroll region, tab stops, charsets, keyboard
	 * state, title, directory, colours, and the beginning of a sequence that the output has not finished. The frame and the reset it
	 * starts with: contract/snapshot.ts. `scrollbackLines` bounds the lines above the screen; without it all are written.
	 */
	snapshot(scrollbackLines?: number): Uint8Array;
	/** The visible screen as VT bytes, for a person's eyes (no modes). */
	ansi(): string;
	/** The visible screen as HTML: one `<pre>` with inline styles. */
	html(): string;
	close(): void;
}

export interface ScreenEngine {
	readonly name: ScreenEngineName;
	open(options: ScreenOptions): Screen;
}
