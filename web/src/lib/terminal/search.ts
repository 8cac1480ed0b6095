/** Search in a terminal's scrollback, in the colours of the theme. */
import type { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";

const colors = {
	dark: { match: "#4a3a14", active: "#e0ae56" },
	light: { match: "#f6e2b0", active: "#b87400" },
} as const;

export interface Found {
	resultIndex: number;
	resultCount: number;
}

export class ScrollbackSearch {
	readonly #terminal: Terminal;
	readonly #addon: SearchAddon;
	readonly #theme: () => "light" | "dark";

	constructor(terminal: Terminal, addon: SearchAddon, theme: () => "light" | "dark") {
		this.#terminal = terminal;
		this.#addon = addon;
		this.#theme = theme;
	}

	/** Shows the match; whether there was one. `incremental` keeps the one that is shown while it still fits. */
	find(text: string, direction: "next" | "previous", incremental: boolean): boolean {
		const { match, active } = colors[this.#theme()];
		const options = {
			incremental,
			decorations: {
				matchBackground: match,
				matchOverviewRuler: active,
				activeMatchBackground: active,
				activeMatchColorOverviewRuler: active,
			},
		};
		return direction === "next"
			? this.#addon.findNext(text, options)
			: this.#addon.findPrevious(text, options);
	}

	/** Returns the removal. */
	onFound(listener: (found: Found) => void): () => void {
		const subscription = this.#addon.onDidChangeResults(listener);
		return () => subscription.dispose();
	}

	end(): void {
		this.#addon.clearDecorations();
		this.#terminal.clearSelection();
	}
}
