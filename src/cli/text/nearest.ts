/** The known word that a mistyped one most likely meant. */

/** Edits (Damerau-Levenshtein, adjacent swaps included) from one word to the other. */
function distance(a: string, b: string): number {
	let before: number[] = [];
	let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const current = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
				best = Math.min(best, before[j - 2]! + 1);
			}
			current.push(best);
		}
		before = previous;
		previous = current;
	}
	return previous[b.length]!;
}

/** Null when nothing is near: a wild guess helps nobody. */
export function nearest(word: string, known: Iterable<string>): string | null {
	let best: string | null = null;
	let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
	for (const candidate of known) {
		const edits = distance(word, candidate);
		if (edits < bestDistance) {
			best = candidate;
			bestDistance = edits;
		}
	}
	return best;
}
