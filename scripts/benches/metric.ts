/** What a row of the table is made of. */
import { pairedRatio, type Summary, summarize } from "./statistics.ts";

export interface Series {
	/** "berth", "tmux", … */
	subject: string;
	/** In the order they were measured in; the n-th of all subjects were measured one after the other. */
	values: readonly number[];
}

/** A number to reach (DESIGN §11): `statistic` of berth against a limit, or against the same statistic of another subject. */
export interface Goal {
	statistic: "median" | "p99" | "max";
	bound:
		| { kind: "limit"; value: number }
		/** Berth must be at least `factor` times as good. */
		| { kind: "ratio"; subject: string; factor: number };
	/** Not reached is no fault: a next step after the goal proper. */
	stretch?: boolean;
}

export interface Metric {
	/** Name of the row it belongs to, for `--only`. */
	row: string;
	title: string;
	unit: string;
	better: "lower" | "higher";
	series: Series[];
	goals: Goal[];
	/** What a reader must know to read the numbers right. */
	note?: string;
}

export interface Verdict {
	text: string;
	reached: boolean;
	stretch: boolean;
	/** How much better than asked: 1 is exactly the goal, 2 twice as good. */
	margin: number;
}

export const SUBJECT = "berth";

export function seriesOf(metric: Metric, subject: string): Series | null {
	return metric.series.find((series) => series.subject === subject) ?? null;
}

/** How good `a` is in relation to `b`: above 1 it is better, whichever way the unit runs. */
export function advantage(metric: Metric, a: Series, b: Series, statistic: Goal["statistic"]): number {
	const ratio =
		statistic === "median"
			? pairedRatio(a.values, b.values)
			: summarize(a.values)[statistic] / summarize(b.values)[statistic];
	return metric.better === "higher" ? ratio : 1 / ratio;
}

/** Null when berth, or whom it is held against, was not measured. */
export function verdictOf(metric: Metric, goal: Goal): Verdict | null {
	const own = seriesOf(metric, SUBJECT);
	if (own === null || own.values.length === 0) return null;
	const { statistic, bound, stretch = false } = goal;
	const sign = metric.better === "higher" ? "≥" : "≤";
	if (bound.kind === "limit") {
		const value = summarize(own.values)[statistic];
		// Nothing lost where nothing may be lost.
		const margin =
			value === bound.value ? 1 : metric.better === "higher" ? value / bound.value : bound.value / value;
		return {
			text: `${statistic} ${sign} ${bound.value} ${metric.unit}`,
			reached: margin >= 1,
			stretch,
			margin,
		};
	}
	const other = seriesOf(metric, bound.subject);
	if (other === null || other.values.length === 0) return null;
	const margin = advantage(metric, own, other, statistic) / bound.factor;
	const times = bound.factor === 1 ? "" : `${bound.factor} × `;
	return { text: `${statistic} ${sign} ${times}${bound.subject}`, reached: margin >= 1, stretch, margin };
}

export type { Summary };
