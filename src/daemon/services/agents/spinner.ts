/**
 * Whether what changed from one picture to the next is a spinner, and nothing else: a glyph that turns, with numbers beside it that may
 * count. Typing changes other cells, and a clock changes numbers alone, so that neither is one.
 */
import type { Picture } from "./screen-rules.ts";

/** Glyphs of one spinner each; a glyph turns into another of its own set. ASCII's are taken for one where blanks are around them. */
const spinners = [
	/[\u2800-\u28ff]/u,
	/[·✢✳∗✶✻✽*+]/u,
	/[◐◓◑◒]/u,
	/[◴◷◶◵]/u,
	/[◜◠◝◞◡◟]/u,
	/[▖▘▝▗]/u,
	/[⣾⣽⣻⢿⡿⣟⣯⣷]/u,
	/[■⬝]/u,
	/(?<=^|\s)[|/\\-](?=\s|$)/u,
].map((set) => new RegExp(set.source, "gmu"));

const NUMBERS = /\d+(?:[.,:]\d+)*/g;

/** The line that spins, without the blanks around it; null when something else changed, or nothing. */
export function spinningLine(before: Picture, after: Picture): string | null {
	if (before.lines.length !== after.lines.length) return null;
	let spinning: string | null = null;
	for (const [row, line] of after.lines.entries()) {
		const was = before.lines[row]!;
		if (was === line) continue;
		if (spins(was, line)) spinning ??= line.trim();
		else if (was.replaceAll(NUMBERS, "0") !== line.replaceAll(NUMBERS, "0")) return null;
	}
	return spinning;
}

function spins(was: string, is: string): boolean {
	return spinners.some((set) => {
		const still = (line: string): string => line.replaceAll(set, "\0").replaceAll(NUMBERS, "0");
		return glyphs(was, set) !== glyphs(is, set) && still(was) === still(is);
	});
}

function glyphs(line: string, set: RegExp): string {
	return (line.match(set) ?? []).join("");
}
