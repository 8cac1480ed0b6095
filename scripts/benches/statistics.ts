/** What is made of samples. Ratios are made of pairs measured one right after the other, so that a busy moment touches both. */

export interface Summary {
	count: number;
	median: number;
	p99: number;
	min: number;
	max: number;
}

export function summarize(values: readonly number[]): Summary {
	const sorted = values.toSorted((a, b) => a - b);
	return {
		count: sorted.length,
		median: quantile(sorted, 0.5),
		p99: quantile(sorted, 0.99),
		min: sorted[0] ?? Number.NaN,
		max: sorted.at(-1) ?? Number.NaN,
	};
}

export function median(values: readonly number[]): number {
	return quantile(
		values.toSorted((a, b) => a - b),
		0.5,
	);
}

/** Nearest rank; the middle of two for a median of an even count. */
function quantile(sorted: readonly number[], q: number): number {
	if (sorted.length === 0) return Number.NaN;
	if (q === 0.5 && sorted.length % 2 === 0) {
		return (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
	}
	return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!;
}

/** Median of `a[i] / b[i]`; of the medians where the samples are no pairs. */
export function pairedRatio(a: readonly number[], b: readonly number[]): number {
	if (a.length !== b.length) return median(a) / median(b);
	return median(a.map((value, i) => value / b[i]!));
}
