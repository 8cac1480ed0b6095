/** What a screen shows, in the words of the API. For live workers and for ended ones alike. */
import type { OutputText, ScreenFormat, ScreenView } from "../contract/io.ts";
import { LINES_LIMIT } from "./params.ts";
import type { Screen } from "./screen/engine.ts";

/** `offset` is the end of the output that the screen was fed. */
export function screenOf(screen: Screen, offset: number, format: ScreenFormat): ScreenView {
	const { cols, rows, cursor, title, alternate } = screen.state();
	const lines = screen.lines();
	const facts = { cols, rows, cursor, title, alternate, offset, lines };
	switch (format) {
		case "text":
			return { ...facts, rendering: lines.map((line) => `${line}\n`).join("") };
		case "ansi":
			return { ...facts, rendering: screen.ansi() };
		case "html":
			return { ...facts, rendering: screen.html() };
		case "json":
			return { ...facts, rendering: null };
	}
}

/** The last `lines` lines; all that the screen has when absent. */
export function outputOf(screen: Screen, offset: number, lines = LINES_LIMIT): OutputText {
	return { ...screen.lastLines(lines), offset };
}
