/** Screens in tests: opened with what they report collected, and taken apart into facts that can be compared across engines. */
import type { Screen, ScreenEngine, ScreenState } from "../../src/holder/screen/engine.ts";

export interface Reported {
	replies: string;
	titles: string[];
	bells: number;
}

export interface OpenScreen {
	screen: Screen;
	reported: Reported;
	/** Text as UTF-8, in one write. */
	write(text: string | Uint8Array): void;
}

const decoder = new TextDecoder();

export function openScreen(
	engine: ScreenEngine,
	{
		cols = 20,
		rows = 6,
		scrollbackLines = 1000,
	}: { cols?: number; rows?: number; scrollbackLines?: number } = {},
): OpenScreen {
	const reported: Reported = { replies: "", titles: [], bells: 0 };
	const screen = engine.open({
		cols,
		rows,
		scrollbackLines,
		onTitle: (title) => reported.titles.push(title),
		onBell: () => {
			reported.bells++;
		},
		onReply: (bytes) => {
			reported.replies += decoder.decode(bytes);
		},
	});
	const write = (text: string | Uint8Array) =>
		screen.write(typeof text === "string" ? Buffer.from(text) : text);
	return { screen, reported, write };
}

/** A cell that shows something: its text with style and link. Blank cells without style are a space. */
type Cell = string;

/** Rows of `ansi()` as cells, so that two ways of writing the same cells are equal. Trailing plain blanks are left out. */
export function cellsOf(ansi: string): Cell[][] {
	return ansi.split("\r\n").map((row) => {
		const cells: Cell[] = [];
		let style = "";
		let link = "";
		for (const [, params, final, target, text] of row.matchAll(
			/\x1b\[([\d;:]*)([A-Za-z])|\x1b\]8;[^;]*;(.*?)\x1b\\|([^\x1b])/gsu,
		)) {
			if (text !== undefined)
				cells.push(text === " " && style === "" && link === "" ? " " : `${text}${style}${link}`);
			else if (target !== undefined) link = target === "" ? "" : ` <${target}>`;
			else if (final === "m") style = params === "0" || params === "" ? "" : `${style} ${params}`;
			else if (final === "C") for (let i = 0; i < Number(params || 1); i++) cells.push(" ");
			else if (final === "G") while (cells.length < Number(params) - 1) cells.push(" ");
		}
		while (cells.at(-1) === " ") cells.pop();
		return cells;
	});
}

export interface Facts {
	state: ScreenState;
	lines: string[];
	all: { text: string; lines: number; complete: boolean };
	cells: Cell[][];
}

export function factsOf(screen: Screen): Facts {
	return {
		state: screen.state(),
		lines: screen.lines(),
		all: screen.lastLines(100_000),
		cells: cellsOf(screen.ansi()),
	};
}
