/**
 * Looks for a pattern in the output that comes, and on the screen.
 *
 * The output finds what was printed and has scrolled away since; the screen finds what was drawn with cursor movements, which no
 * sequence of bytes spells. Text that stood on the screen before may be left out: `fresh` then counts only lines that were not there.
 */
import { OutputText } from "./output-text.ts";
import type { Pattern, PatternMatch } from "./pattern.ts";
import type { WorkerTerminal } from "./terminal.ts";

/** Characters of earlier output that a match may reach back into. */
const OVERLAP = 64 * 1024;

/** Bytes of new output after which it is searched at once, and milliseconds after which it is searched anyway. */
const SEARCH_BYTES = 64 * 1024;
const SEARCH_MS = 10;

/** Milliseconds without output after which the screen is looked at, and between looks while output keeps coming. */
const SETTLED_MS = 30;
const LOOK_MS = 250;

export interface WatchOptions {
	pattern: Pattern;
	/** Only what is new counts, since the screen may show the pattern from before. */
	fresh: boolean;
	onMatch: (match: PatternMatch) => void;
	onError: (error: unknown) => void;
}

export class OutputWatch {
	readonly #terminal: WorkerTerminal;
	readonly #options: WatchOptions;
	readonly #text = new OutputText();
	readonly #before: ReadonlySet<string>;
	readonly #unlisten: () => void;
	#searched = "";
	#unsearched = "";
	#search: Timer | null = null;
	#look: Timer | null = null;
	#lookedAt: number;
	#closed = false;

	/** Listens from now on. Its owner closes it. */
	constructor(terminal: WorkerTerminal, options: WatchOptions) {
		this.#terminal = terminal;
		this.#options = options;
		this.#before = new Set(options.fresh ? terminal.screenLines() : []);
		this.#lookedAt = terminal.ticks();
		this.#unlisten = terminal.onOutput((bytes) => this.#received(bytes));
		if (!options.fresh) this.#searchScreen();
	}

	/** Looks at everything that has come, at once: nothing more will. */
	finish(): void {
		this.#searchOutput();
		this.#searchScreen();
	}

	close(): void {
		this.#closed = true;
		this.#unlisten();
		if (this.#search) clearTimeout(this.#search);
		if (this.#look) clearTimeout(this.#look);
	}

	#received(bytes: Uint8Array): void {
		this.#unsearched += this.#text.push(bytes);
		if (this.#unsearched.length >= SEARCH_BYTES) this.#searchOutput();
		else this.#search ??= setTimeout(() => this.#searchOutput(), SEARCH_MS);
		if (this.#look) clearTimeout(this.#look);
		const due = this.#lookedAt + LOOK_MS - this.#terminal.ticks();
		this.#look = setTimeout(() => this.#searchScreen(), Math.max(0, Math.min(SETTLED_MS, due)));
	}

	#searchOutput(): void {
		if (this.#search) clearTimeout(this.#search);
		this.#search = null;
		if (this.#unsearched === "") return;
		const text = this.#searched + this.#unsearched;
		this.#unsearched = "";
		this.#searched = text.slice(-OVERLAP);
		this.#find(text);
	}

	#searchScreen(): void {
		this.#lookedAt = this.#terminal.ticks();
		const lines = this.#terminal.screenLines();
		this.#find(lines.filter((line) => !this.#before.has(line)).join("\n"));
	}

	#find(text: string): void {
		if (this.#closed) return;
		try {
			const match = this.#options.pattern.find(text);
			if (match) this.#options.onMatch(match);
		} catch (error) {
			this.#options.onError(error);
		}
	}
}
