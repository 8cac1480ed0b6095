/** Finding by a few letters. Pure. */

/** What a letter is worth: at a word's beginning, next to the letter before; and what each skipped letter costs, up to a limit. */
const WORTH = { beginning: 8, adjacent: 4, gapLimit: 3, unbroken: 6, length: 0.02 } as const;

const startsWord = (text: string, at: number): boolean => at === 0 || /[\s/._-]/.test(text[at - 1]!);

/** How well the letters of `query` are found in order in `text`; null when they are not. Beginnings of words count most. */
export function score(query: string, text: string): number | null {
	const wanted = query.toLowerCase().replace(/\s+/g, "");
	const lower = text.toLowerCase();
	const apart = scattered(wanted, lower);
	if (apart === null) return null;
	return Math.max(apart, unbroken(wanted, lower)) - text.length * WORTH.length;
}

function scattered(wanted: string, text: string): number | null {
	let total = 0;
	let from = 0;
	for (const letter of wanted) {
		const at = text.indexOf(letter, from);
		if (at < 0) return null;
		if (startsWord(text, at)) total += WORTH.beginning;
		else if (at === from) total += WORTH.adjacent;
		else total -= Math.min(WORTH.gapLimit, at - from);
		from = at + 1;
	}
	return total;
}

/** All letters side by side, at the best place. */
function unbroken(wanted: string, text: string): number {
	let best = Number.NEGATIVE_INFINITY;
	for (let at = text.indexOf(wanted); at >= 0 && wanted !== ""; at = text.indexOf(wanted, at + 1)) {
		const beginning = startsWord(text, at) ? WORTH.beginning : 0;
		best = Math.max(best, WORTH.unbroken + beginning + wanted.length * WORTH.adjacent);
	}
	return best;
}
