/** What an edit changes, as lines for the eye. */
import { diffLines } from "diff";

export interface DiffLine {
	kind: "same" | "added" | "removed";
	text: string;
}

/** A stretch of lines that belong together; `skipped` is how many unchanged lines were left out before it. */
export interface Hunk {
	skipped: number;
	lines: DiffLine[];
}

/** Unchanged lines that are kept around a change. */
const CONTEXT = 3;

/** Lines of both texts together above which no difference is worked out: both are shown whole then. */
const COMPARED_LINES = 20_000;

/** An `oldText` of null is a new file. */
export function diffHunks(oldText: string | null, newText: string): Hunk[] {
	return hunksOf(linesOf(oldText, newText));
}

function linesOf(oldText: string | null, newText: string): DiffLine[] {
	const old = oldText ?? "";
	if (split(old).length + split(newText).length > COMPARED_LINES)
		return [...as("removed", split(old)), ...as("added", split(newText))];
	return diffLines(old, newText).flatMap(({ added, removed, value }) =>
		as(added ? "added" : removed ? "removed" : "same", split(value)),
	);
}

function hunksOf(lines: readonly DiffLine[]): Hunk[] {
	const near = new Set<number>();
	lines.forEach(({ kind }, index) => {
		if (kind === "same") return;
		for (let at = index - CONTEXT; at <= index + CONTEXT; at++) near.add(at);
	});
	const hunks: Hunk[] = [];
	let skipped = 0;
	let current: Hunk | null = null;
	lines.forEach((line, index) => {
		if (!near.has(index)) {
			skipped++;
			current = null;
			return;
		}
		if (current === null) {
			current = { skipped, lines: [] };
			hunks.push(current);
			skipped = 0;
		}
		current.lines.push(line);
	});
	return hunks;
}

function split(text: string): string[] {
	if (text === "") return [];
	return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function as(kind: DiffLine["kind"], texts: readonly string[]): DiffLine[] {
	return texts.map((text) => ({ kind, text }));
}
