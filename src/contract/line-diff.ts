/** What a change of a file changed, as lines: a patch is short where the texts differ in one place, as an agent's edits do. */

export interface DiffLine {
	sign: " " | "-" | "+";
	text: string;
}

/** Unchanged lines that are shown on either side. */
const CONTEXT = 2;

/** Everything between the first and the last line that differ counts as changed. `oldText` is null for a new file. */
export function diffLines(oldText: string | null, newText: string): DiffLine[] {
	const before = oldText === null ? [] : linesOf(oldText);
	const after = linesOf(newText);
	let start = 0;
	while (start < before.length && start < after.length && before[start] === after[start]) start++;
	let end = 0;
	while (
		end < before.length - start &&
		end < after.length - start &&
		before[before.length - 1 - end] === after[after.length - 1 - end]
	)
		end++;
	const lines = (sign: DiffLine["sign"], texts: string[]) => texts.map((text) => ({ sign, text }));
	return [
		...lines(" ", before.slice(Math.max(0, start - CONTEXT), start)),
		...lines("-", before.slice(start, before.length - end)),
		...lines("+", after.slice(start, after.length - end)),
		...lines(" ", after.slice(after.length - end, after.length - end + CONTEXT)),
	];
}

function linesOf(text: string): string[] {
	const lines = text.split("\n");
	if (lines.at(-1) === "") lines.pop();
	return lines;
}
