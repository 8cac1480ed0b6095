/**
 * What the output has done to the user's terminal that cannot be undone blindly: undoing it when it was not done would do harm itself.
 * Everything else is reset unconditionally on the way out.
 */
import type { TerminalMarks } from "../contract/lending.ts";

/** Private modes, the keyboard stack (CSI > u, CSI < u), full reset, tab stops. */
const SEQUENCE = /\x1b(?:\[\?([0-9;]*)([hl])|\[([<>])([0-9;]*)u|(c)|(?:H|\[[03]?g))/g;

/** A tail that may become one of them. */
const UNFINISHED = /\x1b(?:\[[?<>]?[0-9;]{0,64})?$/;

/** DEC private modes that show the alternate screen. */
const ALTERNATE = new Set(["47", "1047", "1049"]);
const ORIGIN = "6";

/** The terminal in its initial state. */
export const NO_MARKS: TerminalMarks = {
	alternate: false,
	origin: false,
	tabStops: false,
	keyboard: { primary: 0, alternate: 0 },
	tail: "",
};

export class OutputTracker {
	#marks: TerminalMarks;

	constructor(marks: TerminalMarks = NO_MARKS) {
		this.#marks = marks;
	}

	/** Another object when, and only when, something has changed. */
	get marks(): TerminalMarks {
		return this.#marks;
	}

	push(bytes: Uint8Array): void {
		const { tail } = this.#marks;
		if (tail === "" && bytes.indexOf(0x1b) === -1) return;
		const text = tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
		for (const [, modes, set, stack, count, reset] of text.matchAll(SEQUENCE)) {
			if (modes !== undefined) this.#modes(modes.split(";"), set === "h");
			else if (stack !== undefined) this.#stack(stack, count!);
			else if (reset !== undefined) this.reset();
			else this.#set({ tabStops: true });
		}
		this.#set({ tail: UNFINISHED.exec(text)?.[0] ?? "" });
	}

	/** The terminal is in its initial state again. */
	reset(): void {
		this.#marks = NO_MARKS;
	}

	#modes(modes: readonly string[], on: boolean): void {
		for (const mode of modes) {
			if (ALTERNATE.has(mode)) {
				const { primary, alternate } = this.#marks.keyboard;
				this.#set({ alternate: on, keyboard: { primary, alternate: on ? 0 : alternate } });
			} else if (mode === ORIGIN) this.#set({ origin: on });
		}
	}

	#stack(direction: string, count: string): void {
		const change = direction === ">" ? 1 : -(Number(count) || 1);
		const { alternate, keyboard } = this.#marks;
		const screen = alternate ? "alternate" : "primary";
		this.#set({ keyboard: { ...keyboard, [screen]: keyboard[screen] + change } });
	}

	#set(change: Partial<TerminalMarks>): void {
		const marks = { ...this.#marks, ...change };
		if (!Bun.deepEquals(marks, this.#marks)) this.#marks = marks;
	}
}
