/**
 * What the output has done to the user's terminal that cannot be undone blindly: undoing it when it was not done would do harm itself.
 * Everything else is reset unconditionally on the way out (restore.ts).
 */

/** Private modes, the keyboard stack (CSI > u, CSI < u), full reset, tab stops. */
const SEQUENCE = /\x1b(?:\[\?([0-9;]*)([hl])|\[([<>])([0-9;]*)u|(c)|(?:H|\[[03]?g))/g;

/** A tail that may become one of them. */
const UNFINISHED = /\x1b(?:\[[?<>]?[0-9;]{0,64})?$/;

/** DEC private modes that show the alternate screen. */
const ALTERNATE = new Set(["47", "1047", "1049"]);
const ORIGIN = "6";

export class OutputTracker {
	alternate = false;
	origin = false;
	tabStops = false;
	/** Entries that programs pushed on the kitty keyboard stack of each screen; below zero they took one that was not theirs. */
	keyboard = { primary: 0, alternate: 0 };
	#tail = "";

	push(bytes: Uint8Array): void {
		if (this.#tail === "" && bytes.indexOf(0x1b) === -1) return;
		const text =
			this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
		for (const [, modes, set, stack, count, reset] of text.matchAll(SEQUENCE)) {
			if (modes !== undefined) this.#modes(modes.split(";"), set === "h");
			else if (stack !== undefined) this.#stack(stack, count!);
			else if (reset !== undefined) this.reset();
			else this.tabStops = true;
		}
		this.#tail = UNFINISHED.exec(text)?.[0] ?? "";
	}

	/** The terminal is in its initial state again. */
	reset(): void {
		this.alternate = false;
		this.origin = false;
		this.tabStops = false;
		this.keyboard = { primary: 0, alternate: 0 };
	}

	#modes(modes: readonly string[], on: boolean): void {
		for (const mode of modes) {
			if (ALTERNATE.has(mode)) {
				this.alternate = on;
				if (on) this.keyboard.alternate = 0;
			} else if (mode === ORIGIN) this.origin = on;
		}
	}

	#stack(direction: string, count: string): void {
		const change = direction === ">" ? 1 : -(Number(count) || 1);
		this.keyboard[this.alternate ? "alternate" : "primary"] += change;
	}
}
