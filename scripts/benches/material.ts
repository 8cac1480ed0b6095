/** What floods a terminal: three kinds of output, the same bytes in every run. */
import { closeSync, openSync, writeSync } from "node:fs";

export const streams = ["plain", "coloured", "redraws"] as const;
export type Stream = (typeof streams)[number];

/** The last line of every stream. */
export const LAST_LINE = "this is the end of the flood";

/** Distinct text before it repeats: more than any cache keeps, less than generating takes long. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Colours that a syntax highlighter's theme has besides the terminal's own. */
const THEME_COLOURS = 16;

const WORDS =
	"error warning info session terminal offset journal holder daemon attach resize kernel buffer socket frame parser cursor line of the in at to from with".split(
		" ",
	);

export function writeStream(file: string, stream: Stream, bytes: number): void {
	const block = Buffer.from(makers[stream](generator(7)));
	const fd = openSync(file, "w");
	try {
		for (let written = 0; written < bytes; written += block.length) {
			writeSync(fd, block.subarray(0, Math.min(block.length, bytes - written)));
		}
		// The cut may have been inside a sequence or the alternate screen; both are left.
		writeSync(fd, `\x1b\\\x1b[0m\x1b[?1049l\r\n${LAST_LINE}\r\n`);
	} finally {
		closeSync(fd);
	}
}

const makers: Record<Stream, (random: () => number) => string> = {
	plain(random) {
		let text = "";
		while (text.length < BLOCK_BYTES) text += `${sentence(random, 4 + random() * 12)}\n`;
		return text;
	},
	/** As a compiler, a test runner, `git log --color` or a syntax highlighter prints: a theme's worth of colours. */
	coloured(random) {
		const theme = Array.from({ length: THEME_COLOURS }, () => 16 + Math.floor(random() * 240));
		let text = "";
		while (text.length < BLOCK_BYTES) {
			const colour = 31 + Math.floor(random() * 6);
			const path = `src/${word(random)}/${word(random)}.ts`;
			text += `\x1b[1;${colour}m${word(random)}\x1b[0m \x1b[38;5;${theme[Math.floor(random() * THEME_COLOURS)]}m${path}\x1b[0m:${Math.floor(random() * 999)} ${sentence(random, 3 + random() * 6)} \x1b[2m${Math.floor(random() * 1e4)} ms\x1b[22m\n`;
		}
		return text;
	},
	/** As htop or an agent's interface: every cell of the alternate screen, again and again. */
	redraws(random) {
		let text = "\x1b[?1049h";
		while (text.length < BLOCK_BYTES) {
			text += "\x1b[H";
			for (let row = 1; row <= 24; row++) {
				const bar = "|".repeat(Math.floor(random() * 30)).padEnd(30);
				text += `\x1b[${row};1H\x1b[${30 + Math.floor(random() * 8)};4${Math.floor(random() * 8)}m${String(Math.floor(random() * 99999)).padStart(6)}\x1b[0m \x1b[32m[${bar}]\x1b[0m ${sentence(random, 3)}\x1b[K`;
			}
		}
		return text;
	},
};

function sentence(random: () => number, words: number): string {
	let text = word(random);
	for (let i = 1; i < words; i++) text += ` ${word(random)}`;
	return text;
}

function word(random: () => number): string {
	return WORDS[Math.floor(random() * WORDS.length)]!;
}

/** mulberry32: the same numbers everywhere. */
export function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
