/**
 * How a terminal of the session's size is shown in this window, and when the session is asked to take the window's. The terminal
 * always has the session's size, as the stream tells it; a window of another size shows it smaller, or scrolls.
 */
import type { FitAddon } from "@xterm/addon-fit";
import type { Terminal } from "@xterm/xterm";
import { type Fit, fontFor, largestThatShows, type Size, textSize } from "./scaling.ts";

/** Milliseconds that a window must keep its size before the session is asked to take it: dragging an edge is not a size. */
const SETTLE_MS = 80;

/** The largest that a session can be, in either direction. */
const MOST_CELLS = 1000;

/** Times: larger than what fits, and no more than a finger can find its way in. */
const ZOOM = { least: 1, most: 6 } as const;

export interface LayoutOptions {
	fit: Fit;
	/** CSS pixels: the font that the person wants. */
	fontSize: () => number;
	/** Whether this window's size is to be the session's. */
	drives: () => boolean;
	/** Calls back when all output that came so far is shown. */
	inOrder(callback: () => void): void;
	/** Asks the session to take a size. */
	onAsk(size: Size): void;
}

export class Layout {
	readonly #terminal: Terminal;
	readonly #fit: FitAddon;
	readonly #options: LayoutOptions;
	readonly #observer: ResizeObserver;
	#zoom = 1;
	/** The session's size; null until the stream told it. */
	#size: Size | null = null;
	#asked: Size | null = null;
	#settling: ReturnType<typeof setTimeout> | null = null;

	constructor(host: HTMLElement, terminal: Terminal, fit: FitAddon, options: LayoutOptions) {
		this.#terminal = terminal;
		this.#fit = fit;
		this.#options = options;
		this.#observer = new ResizeObserver(() => this.apply());
		this.#observer.observe(host);
		this.apply();
	}

	close(): void {
		if (this.#settling !== null) clearTimeout(this.#settling);
		this.#observer.disconnect();
	}

	/** Multiplies what fits; 1 shows all of it. */
	get zoom(): number {
		return this.#zoom;
	}

	set zoom(value: number) {
		this.#zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, value));
		this.apply();
	}

	/** The session has this size now; `onApplied` is called when everything before it is painted. */
	resized(size: Size, onApplied: () => void): void {
		this.#size = size;
		// In order with the output: what is not parsed yet was drawn for the size before.
		this.#options.inOrder(() => {
			if (this.#size !== size) return;
			if (this.#terminal.cols !== size.cols || this.#terminal.rows !== size.rows) {
				this.#terminal.resize(size.cols, size.rows);
			}
			this.apply();
			onApplied();
		});
	}

	/** What the session is asked for as it is attached or claimed; null where this window has no say, or no size. */
	request(): Size | null {
		this.#asked = this.#options.drives() ? this.#windowSize() : null;
		return this.#asked;
	}

	/** Shows the terminal as large as this window allows, and asks for the window's own size when it drives. */
	apply(): void {
		const window = this.#windowSize();
		if (window === null) return;
		const { fontSize, fit, drives, onAsk } = this.#options;
		if (this.#size !== null) {
			const wanted = fontFor(this.#size, window, fontSize(), fit);
			const font = largestThatShows(this.#size, wanted, fit, (size) => this.#cellsAt(size));
			this.#terminal.options.fontSize = textSize(font * this.#zoom);
		}
		if (!drives() || (this.#asked?.cols === window.cols && this.#asked.rows === window.rows)) return;
		if (this.#settling !== null) clearTimeout(this.#settling);
		this.#settling = setTimeout(() => {
			this.#settling = null;
			this.#asked = window;
			onAsk(window);
		}, SETTLE_MS);
	}

	/** How many cells this window holds at the person's own font size; null while it has no size. */
	#windowSize(): Size | null {
		const size = this.#cellsAt(this.#options.fontSize());
		return size && { cols: Math.min(size.cols, MOST_CELLS), rows: Math.min(size.rows, MOST_CELLS) };
	}

	/** How many cells this window holds at a font size, which the terminal has from then on; null while the window has no size. */
	#cellsAt(font: number): Size | null {
		this.#terminal.options.fontSize = font;
		const size = this.#fit.proposeDimensions();
		return size && size.cols > 1 && size.rows > 0 ? size : null;
	}
}
