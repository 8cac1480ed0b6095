/** The report as text. */
import { advantage, type Metric, verdictOf } from "./metric.ts";
import { figure, type Report, SUBJECT, seriesOf } from "./report.ts";
import { summarize } from "./statistics.ts";

const COLUMNS = [18, 10, 10, 20, 7, 10] as const;

export function table(report: Report): string {
	const { machine } = report;
	const lines = [
		`${report.at.slice(0, 16).replace("T", " ")} UTC · ${machine.processors} × ${machine.processor} · ${machine.memoryGigabytes} GiB · ${machine.system} · Bun ${machine.bun}${report.quick ? " · quick" : ""}`,
		Object.values(report.versions).join(" · "),
	];
	for (const metric of report.metrics) lines.push("", ...block(metric));
	return lines.join("\n");
}

function block(metric: Metric): string[] {
	const lines = [
		row([`${metric.title} [${metric.unit}]`]),
		row(["", "median", "p99", "min – max", "n", "× tmux"]),
	];
	const rival = seriesOf(metric, "tmux");
	for (const series of metric.series) {
		const { median, p99, min, max, count } = summarize(series.values);
		const ratio =
			rival === null || series === rival ? "" : figure(advantage(metric, series, rival, "median"));
		lines.push(
			row([
				`  ${series.subject}`,
				figure(median),
				figure(p99),
				`${figure(min)} – ${figure(max)}`,
				String(count),
				ratio,
			]),
		);
	}
	for (const goal of metric.goals) {
		const verdict = verdictOf(metric, goal);
		if (verdict === null) continue;
		const word = verdict.reached ? "reached" : verdict.stretch ? "not yet" : "NOT REACHED";
		lines.push(`  ${SUBJECT} ${verdict.text}: ${word} (${figure(verdict.margin)} of it)`);
	}
	if (metric.note !== undefined) lines.push(`  ${metric.note}`);
	return lines;
}

function row(cells: readonly string[]): string {
	if (cells.length === 1) return cells[0]!;
	return cells
		.map((cell, i) => (i === 0 ? cell.padEnd(COLUMNS[i]!) : cell.padStart(COLUMNS[i]!)))
		.join("")
		.trimEnd();
}
