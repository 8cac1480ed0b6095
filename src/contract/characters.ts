/**
 * How many columns text takes and which characters share a cell, by the rules that libghostty-vt draws a holder's screen by: for
 * terminals by xterm.js, so that they show every row as the holder has it.
 *
 * Characters join to grapheme clusters (UAX #29), as terminals do by now. A cluster is wide when one of its characters is, when several
 * of them take columns, and when it is asked to look like an emoji (U+FE0F).
 */
import { CHARACTER_TABLE } from "./character-table.ts";

/** Grapheme_Cluster_Break of UAX #29, and what its rules 9c and 11 need besides. Skin tones join what they can colour, nothing else. */
export const Break = {
	other: 0,
	extend: 1,
	joiner: 2,
	spacing: 3,
	prepend: 4,
	regional: 5,
	leading: 6,
	vowel: 7,
	trailing: 8,
	/** Syllables of Hangul: leading consonant and vowel, and the same with a trailing consonant. */
	open: 9,
	closed: 10,
	pictograph: 11,
	colourable: 12,
	skinTone: 13,
	consonant: 14,
	linker: 15,
} as const;

/** A character's class as a number: its columns, whether it can be asked to look like an emoji, and its `Break`. */
export function classNumber(columns: number, presentable: boolean, kind: number): number {
	return columns | (presentable ? PRESENTABLE : 0) | (kind << KIND_SHIFT);
}

const COLUMNS = 3;
const PRESENTABLE = 4;
const KIND_SHIFT = 3;
const KIND = 31;

/** First characters of runs of one class, and the classes. The table has the distance from each run to the next, and its class. */
const starts: number[] = [];
const classes: number[] = [];
let reached = 0;
for (const [at, field] of CHARACTER_TABLE.split(" ").entries()) {
	const value = Number.parseInt(field, 36);
	if (at % 2 === 1) classes.push(value);
	else {
		reached += value;
		starts.push(reached);
	}
}

/** The first two planes, which all text is in but rare ideographs, looked up at once: a search for each character halves a page's speed. */
const COMMON = 0x20000;
const common = new Uint8Array(COMMON);
for (const [run, start] of starts.entries()) {
	if (start < COMMON) common.fill(classes[run]!, start, Math.min(starts[run + 1] ?? COMMON, COMMON));
}

export function classOf(codepoint: number): number {
	if (codepoint < COMMON) return common[codepoint]!;
	return classes[starts.findLastIndex((start) => start <= codepoint)]!;
}

/** What a cluster is so far, for the characters that come: the last one's `Break` in its lowest bits. */
const CLUSTER_PRESENTABLE = 1 << 5;
const PICTOGRAPH = 1 << 6;
const PICTOGRAPH_JOINED = 1 << 7;
const LONE_REGIONAL = 1 << 8;
const CONSONANT = 1 << 9;
const CONSONANT_LINKED = 1 << 10;

/** xterm.js's properties of a character (UnicodeService): joins the cell before, columns of the cell, and what is ours, above. */
const JOINS = 1;
const CELL_SHIFT = 1;
const CLUSTER_SHIFT = 3;

/** What joins without making a cluster wide, whatever columns it takes alone. */
const KEEPS_COLUMNS: ReadonlySet<number> = new Set([Break.skinTone, Break.prepend]);

const EMOJI_PRESENTATION = 0xfe0f;
/** Below, nothing ever joins. */
const FIRST_JOINING = 0x100;

/** Widths of characters for xterm.js (IUnicodeVersionProvider). */
export const graphemeClusters = {
	version: "clusters",

	wcwidth(codepoint: number): 0 | 1 | 2 {
		return (classOf(codepoint) & COLUMNS) as 0 | 1 | 2;
	},

	/** `preceding`: what this gave for the character before; 0 when something else than a character came before. */
	charProperties(codepoint: number, preceding: number): number {
		const kind = classOf(codepoint);
		const columns = kind & COLUMNS;
		if (codepoint < FIRST_JOINING) return (clusterWith(0, kind) << CLUSTER_SHIFT) | (columns << CELL_SHIFT);
		const cluster = preceding >> CLUSTER_SHIFT;
		const before = (preceding >> CELL_SHIFT) & COLUMNS;
		const joins = preceding !== 0 && belongsTogether(cluster, kind >> KIND_SHIFT);
		const asksInVain = codepoint === EMOJI_PRESENTATION && (cluster & CLUSTER_PRESENTABLE) === 0;
		// What takes no columns shows nothing where it joins nothing.
		if (asksInVain || (!joins && columns === 0)) return preceding | JOINS;
		if (!joins) return (clusterWith(0, kind) << CLUSTER_SHIFT) | (columns << CELL_SHIFT);
		const widens =
			codepoint === EMOJI_PRESENTATION || (columns > 0 && !KEEPS_COLUMNS.has(kind >> KIND_SHIFT));
		return (clusterWith(cluster, kind) << CLUSTER_SHIFT) | ((widens ? 2 : before) << CELL_SHIFT) | JOINS;
	},
};

/** UAX #29, GB6 to GB13: no break between the cluster so far and this one. */
function belongsTogether(cluster: number, kind: number): boolean {
	const last = cluster & KIND;
	if (last === Break.prepend) return true;
	switch (kind) {
		case Break.extend:
		case Break.linker:
		case Break.joiner:
		case Break.spacing:
			return true;
		case Break.skinTone:
			return last === Break.colourable;
		case Break.leading:
		case Break.open:
		case Break.closed:
			return last === Break.leading;
		case Break.vowel:
			return last === Break.leading || last === Break.open || last === Break.vowel;
		case Break.trailing:
			return last >= Break.vowel && last <= Break.closed;
		case Break.pictograph:
		case Break.colourable:
			return (cluster & PICTOGRAPH_JOINED) !== 0;
		case Break.regional:
			return (cluster & LONE_REGIONAL) !== 0;
		case Break.consonant:
			return (cluster & CONSONANT_LINKED) !== 0;
		default:
			return false;
	}
}

/** The cluster with one more character of this class; a cluster that begins when it was 0. */
function clusterWith(cluster: number, kindAndMore: number): number {
	const kind = kindAndMore >> KIND_SHIFT;
	const begins = cluster === 0;
	let next = kind | (cluster & CLUSTER_PRESENTABLE);
	if (begins && kindAndMore & PRESENTABLE) next |= CLUSTER_PRESENTABLE;
	switch (kind) {
		case Break.pictograph:
		case Break.colourable:
			return next | PICTOGRAPH;
		case Break.regional:
			return cluster & LONE_REGIONAL ? next : next | LONE_REGIONAL;
		case Break.consonant:
			return next | CONSONANT;
		case Break.extend:
		case Break.skinTone:
			return next | (cluster & (PICTOGRAPH | CONSONANT | CONSONANT_LINKED));
		case Break.linker:
			next |= cluster & (PICTOGRAPH | CONSONANT | CONSONANT_LINKED);
			return cluster & (CONSONANT | CONSONANT_LINKED) ? next | CONSONANT_LINKED : next;
		case Break.joiner:
			next |= cluster & (CONSONANT | CONSONANT_LINKED);
			return cluster & PICTOGRAPH ? next | PICTOGRAPH_JOINED : next;
	}
	return next;
}
