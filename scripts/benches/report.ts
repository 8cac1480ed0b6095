/** What a run found out. */
import { type Metric, SUBJECT, seriesOf, verdictOf } from "./metric.ts";
import { summarize } from "./statistics.ts";

export interface Report {
	at: string;
	quick: boolean;
	/** By contestant. */
	versions: Record<string, string>;
	machine: { processor: string; processors: number; memoryGigabytes: number; system: string; bun: string };
	metrics: Metric[];
}

/** Everything, samples included, so that a later run can be held against it. */
export function asJson(report: Report): string {
	const metrics = report.metrics.map((metric) => ({
		...metric,
		series: metric.series.map((series) => ({ ...series, summary: summarize(series.values) })),
		verdicts: metric.goals.map((goal) => verdictOf(metric, goal)).filter((verdict) => verdict !== null),
	}));
	return JSON.stringify(
		{ ...report, metrics },
		(_, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value),
		1,
	);
}

/** A number with the digits that mean something. */
export function figure(value: number): string {
	if (!Number.isFinite(value)) return "never";
	const size = Math.abs(value);
	return value.toFixed(size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export { SUBJECT, seriesOf };
