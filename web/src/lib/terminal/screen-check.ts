/**
 * Holds what a terminal of the page shows against its session's own screen, once neither has changed for a moment, and has it painted
 * anew where they differ. Both parse the same bytes, but by different emulators, which go their own ways where no standard decides
 * (how lines reflow, say) and each have faults of their own.
 */
import type { ScreenFacts } from "../../../../src/contract/io.ts";

/** Milliseconds without a change before the screens are compared. */
const REST_MS = 1000;

/** Milliseconds until the next look where nothing may be repainted now. */
const LATER_MS = 5000;

/** Milliseconds between two repaintings when the first did not help: twice as many each time. */
const PATIENCE_MS = { first: 2000, most: 10 * 60_000 } as const;

export interface ScreenCheckOptions {
	/** The session's own screen; null when it cannot be had. */
	read(): Promise<ScreenFacts | null>;
	/** Whether this is no moment to paint anew: a person looks at something that would go by it. */
	busy(): boolean;
	/** Asks for the session's screen to be painted. */
	repaint(): void;
}

/** What is looked at of a terminal of xterm.js. */
interface Shown {
	readonly cols: number;
	readonly rows: number;
	readonly buffer: {
		readonly active: {
			readonly baseY: number;
			readonly cursorX: number;
			readonly cursorY: number;
			getLine(y: number): { translateToString(trimRight: boolean): string } | undefined;
		};
	};
}

export class ScreenCheck {
	readonly #terminal: Shown;
	readonly #options: ScreenCheckOptions;
	#timer: ReturnType<typeof setTimeout> | null = null;
	/** The output that is shown; null while there is none. */
	#offset: number | null = null;
	#patience: number = PATIENCE_MS.first;
	/** On the clock of `performance.now`. */
	#nextRepaintAt = 0;

	constructor(terminal: Shown, options: ScreenCheckOptions) {
		this.#terminal = terminal;
		this.#options = options;
	}

	/** The terminal shows the output up to here. */
	shown(offset: number): void {
		this.#offset = offset;
		this.#lookIn(REST_MS);
	}

	resized(): void {
		if (this.#offset !== null) this.#lookIn(REST_MS);
	}

	/** What comes next is of another stream, or nothing comes any more. */
	stop(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		this.#offset = null;
	}

	#lookIn(milliseconds: number): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#timer = null;
			void this.#look();
		}, milliseconds);
	}

	async #look(): Promise<void> {
		if (this.#options.busy()) {
			this.#lookIn(LATER_MS);
			return;
		}
		const offset = this.#offset;
		const screen = await this.#options.read();
		// Whatever changed meanwhile brings the next look.
		const { cols, rows } = this.#terminal;
		if (screen === null || offset === null || offset !== this.#offset || offset !== screen.offset) return;
		if (screen.cols !== cols || screen.rows !== rows) return;
		if (shows(this.#terminal, screen)) this.#patience = PATIENCE_MS.first;
		else this.#repaint();
	}

	#repaint(): void {
		const now = performance.now();
		if (now < this.#nextRepaintAt) {
			this.#lookIn(this.#nextRepaintAt - now);
			return;
		}
		this.#nextRepaintAt = now + this.#patience;
		this.#patience = Math.min(PATIENCE_MS.most, this.#patience * 2);
		this.#options.repaint();
	}
}

/** Whether the terminal has the same text and cursor, row for row. */
function shows({ buffer: { active }, cols }: Shown, { lines, cursor }: ScreenFacts): boolean {
	// A cursor that waits behind the last column stands on it for the session.
	if (active.cursorY !== cursor.y || Math.min(active.cursorX, cols - 1) !== cursor.x) return false;
	return lines.every((line, y) => {
		const shown = active.getLine(active.baseY + y)?.translateToString(true) ?? "";
		return shown.trimEnd() === line.trimEnd();
	});
}
