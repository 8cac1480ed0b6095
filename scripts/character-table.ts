/**
 * Writes src/contract/character-table.ts: how many columns each character takes in libghostty-vt, asked of the library itself, and how it
 * joins others (UAX #29), asked of the runtime's tables of Unicode. To be run when the library's version changes.
 */
import { join } from "node:path";
import { Break, classNumber } from "../src/contract/characters.ts";
import type { Screen } from "../src/holder/screen/engine.ts";
import { ghosttyEngine } from "../src/holder/screen/ghostty.ts";

const LAST = 0x10ffff;
const SURROGATES = { from: 0xd800, to: 0xdfff } as const;
/** The first character that is neither ASCII nor a control. */
const FIRST = 0xa0;

/** Emoji that have a selector for how they look are those whose columns change with it. */
const EMOJI_PRESENTATION = "\ufe0f";
const TEXT_PRESENTATION = "\ufe0e";
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Characters of the kinds that the probes need. */
const PROBE = {
	closed: "각",
	open: "가",
	consonant: "क",
	linker: "\u094d",
	joiner: "\u200d",
};

function isOneCluster(text: string): boolean {
	return [...segmenter.segment(text)].length === 1;
}

function breakOf(codepoint: number): number {
	const text = String.fromCodePoint(codepoint);
	const { closed, open, consonant, linker, joiner } = PROBE;
	if (text === joiner) return Break.joiner;
	if (/^\p{Regional_Indicator}$/u.test(text)) return Break.regional;
	if (/^\p{Emoji_Modifier}$/u.test(text)) return Break.skinTone;
	if (/^\p{Emoji_Modifier_Base}$/u.test(text)) return Break.colourable;
	if (/^\p{Extended_Pictographic}$/u.test(text)) return Break.pictograph;
	if (codepoint >= 0xac00 && codepoint <= 0xd7a3)
		return isOneCluster(`${text}\u1161`) ? Break.open : Break.closed;
	if (isOneCluster(closed + text) && isOneCluster(`a${text}`)) {
		if (isOneCluster(consonant + text + consonant)) return Break.linker;
		return /^\p{Grapheme_Extend}$/u.test(text) ? Break.extend : Break.spacing;
	}
	if (isOneCluster(`${text}a`)) return Break.prepend;
	if (isOneCluster(closed + text)) return Break.trailing;
	if (isOneCluster(open + text)) return Break.vowel;
	if (isOneCluster(text + closed)) return Break.leading;
	if (isOneCluster(consonant + linker + text)) return Break.consonant;
	return Break.other;
}

/** Columns that the text takes from the left edge. The letter before ends what would count as one endless cluster (clusters.ts). */
function columnsOf(screen: Screen, text: string): number {
	screen.write(Buffer.from(`a\r\x1b[K${text}`));
	return screen.state().cursor.x;
}

function characterTable(): string {
	const engine = ghosttyEngine("/nonexistent");
	if (!engine) throw new Error("no libghostty-vt for this system");
	const ignored = () => undefined;
	const screen = engine.open({
		cols: 20,
		rows: 2,
		scrollbackLines: 0,
		onTitle: ignored,
		onBell: ignored,
		onReply: ignored,
	});
	const fields: string[] = [];
	let start = 0;
	let last = -1;
	const add = (codepoint: number, number: number) => {
		if (number === last) return;
		fields.push((codepoint - start).toString(36), number.toString(36));
		start = codepoint;
		last = number;
	};
	for (let codepoint = 0; codepoint <= LAST; codepoint++) {
		const control = codepoint < 0x20 || (codepoint >= 0x7f && codepoint < FIRST);
		if (control || (codepoint >= SURROGATES.from && codepoint <= SURROGATES.to)) continue;
		const text = String.fromCodePoint(codepoint);
		const columns = columnsOf(screen, text);
		const selector = columns === 1 ? EMOJI_PRESENTATION : TEXT_PRESENTATION;
		const presentable = columns > 0 && columnsOf(screen, text + selector) !== columns;
		add(codepoint, classNumber(columns, presentable, breakOf(codepoint)));
	}
	screen.close();
	return `/** Written by scripts/character-table.ts from libghostty-vt's tables: runs of characters, each as its distance from the run before and its class, in base 36. */\nexport const CHARACTER_TABLE =\n\t"${fields.join(" ")}";\n`;
}

await Bun.write(join(import.meta.dir, "../src/contract/character-table.ts"), characterTable());
