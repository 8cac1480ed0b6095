/** What a person set for this browser. */
import { isRecord, remember, remembered } from "./persisted.ts";

export type ThemeChoice = "system" | "light" | "dark";

interface Stored {
	theme: ThemeChoice;
	/** CSS pixels. */
	fontSize: number;
	screenReader: boolean;
	confirmPaste: boolean;
	/** `auto` draws with the graphics card where that works; `dom` is for cards that draw badly. */
	renderer: "auto" | "dom";
	bell: boolean;
	cursorBlink: boolean;
	/** `~` in paths stands for this; learnt from the daemon. */
	home: string | null;
}

/** CSS pixels: below it nobody can read, above it no line fits. */
export const FONT_SIZES = { smallest: 8, largest: 28, initial: 13 } as const;

const initial: Stored = {
	theme: "system",
	fontSize: FONT_SIZES.initial,
	screenReader: false,
	confirmPaste: true,
	renderer: "auto",
	bell: true,
	cursorBlink: true,
	home: null,
};

class Settings {
	#stored = $state<Stored>({ ...initial, ...remembered("settings", {}, isRecord) });
	#systemDark = $state(false);

	constructor() {
		const query = matchMedia("(prefers-color-scheme: dark)");
		this.#systemDark = query.matches;
		query.addEventListener("change", () => {
			this.#systemDark = query.matches;
		});
	}

	get<K extends keyof Stored>(name: K): Stored[K] {
		return this.#stored[name];
	}

	set<K extends keyof Stored>(name: K, value: Stored[K]): void {
		this.#stored[name] = value;
		remember("settings", this.#stored);
	}

	/** The theme that is shown. */
	get theme(): "light" | "dark" {
		const { theme } = this.#stored;
		return theme === "system" ? (this.#systemDark ? "dark" : "light") : theme;
	}

	changeFontSize(by: number): void {
		const { smallest, largest } = FONT_SIZES;
		this.set("fontSize", Math.min(largest, Math.max(smallest, this.#stored.fontSize + by)));
	}
}

export const settings = new Settings();
