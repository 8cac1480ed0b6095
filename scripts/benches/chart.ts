/**
 * The report as a picture: bars of medians with a line to the 99th percentile, one panel per metric. Plain SVG that follows the reader's
 * light or dark setting by itself, so that one file serves both.
 */
import { type Metric, verdictOf } from "./metric.ts";
import { figure, type Report, SUBJECT } from "./report.ts";
import { summarize } from "./statistics.ts";

const WIDTH = 880;
const COLUMNS = 2;
const GAP = 28;
const PANEL_WIDTH = (WIDTH - GAP * (COLUMNS + 1)) / COLUMNS;
const LABEL_WIDTH = 112;
const VALUE_WIDTH = 76;
const BAR_WIDTH = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;
const BAR_HEIGHT = 14;
const LINE_HEIGHT = 21;
const TITLE_HEIGHT = 44;
const HEADER_HEIGHT = 64;
const FOOTER_HEIGHT = 34;

/** Titles are cut where the panel ends; letters are about this wide. */
const LETTER_WIDTH = 6.6;

const STYLE = `
	text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
	.title { font-weight: 600; font-size: 12.5px; }
	.head { font-weight: 600; font-size: 17px; }
	.quiet { fill: #656d76; font-size: 11px; }
	.value { font-variant-numeric: tabular-nums; }
	.own { fill: #0969da; }
	.other { fill: #afb8c1; }
	.whisker { stroke: #656d76; stroke-width: 1.2; }
	.paper { fill: #ffffff; }
	@media (prefers-color-scheme: dark) {
		text { fill: #e6edf3; }
		.quiet { fill: #8d96a0; }
		.own { fill: #4493f8; }
		.other { fill: #484f58; }
		.whisker { stroke: #8d96a0; }
		.paper { fill: #0d1117; }
	}
`;

export function chart(report: Report): string {
	const panels = report.metrics.filter((metric) =>
		metric.series.some(({ values }) => values.some((value) => value > 0)),
	);
	const heights = [...Array(COLUMNS)].map(() => HEADER_HEIGHT);
	const parts: string[] = [];
	for (const metric of panels) {
		const column = heights.indexOf(Math.min(...heights));
		const x = GAP + column * (PANEL_WIDTH + GAP);
		parts.push(`<g transform="translate(${x} ${heights[column]})">${panel(metric)}</g>`);
		heights[column]! += TITLE_HEIGHT + metric.series.length * LINE_HEIGHT + GAP;
	}
	const height = Math.max(...heights) + FOOTER_HEIGHT;
	const { machine } = report;
	const foot = `${machine.processors} × ${machine.processor}, ${machine.memoryGigabytes} GiB, ${machine.system} · ${Object.values(report.versions).join(" · ")}`;
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Berth's performance beside tmux, GNU screen and dtach">
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>
<text class="head" x="${GAP}" y="34">Berth beside tmux, GNU screen and dtach</text>
<text class="quiet" x="${GAP}" y="52">One run, measured in turns. Bars: median; lines: 99th percentile.</text>
${parts.join("\n")}
<text class="quiet" x="${GAP}" y="${height - 16}">${escaped(foot)}</text>
</svg>
`;
}

function panel(metric: Metric): string {
	const summaries = metric.series.map(({ subject, values }) => ({ subject, ...summarize(values) }));
	// Far outliers run out of the panel rather than make every bar invisible.
	const most = Math.max(...summaries.map(({ median }) => median)) * 1.25;
	const goals = metric.goals.map((goal) => verdictOf(metric, goal)).filter((verdict) => verdict !== null);
	const verdicts = goals.map(({ text, reached }) => `${reached ? "✓" : "✗"} ${text}`).join("   ");
	const direction = metric.better === "lower" ? "less is better" : "more is better";
	const lines = summaries.map(({ subject, median, p99, count }, i) => {
		const y = TITLE_HEIGHT + i * LINE_HEIGHT;
		const width = Math.max(1, (median / most) * BAR_WIDTH);
		const reach = Math.min(BAR_WIDTH, (p99 / most) * BAR_WIDTH);
		const middle = y + BAR_HEIGHT / 2;
		const whisker =
			count > 1
				? `<line class="whisker" x1="${at(width)}" y1="${middle}" x2="${at(reach)}" y2="${middle}"/><line class="whisker" x1="${at(reach)}" y1="${middle - 3}" x2="${at(reach)}" y2="${middle + 3}"/>`
				: "";
		const kind = subject.includes(SUBJECT) ? "own" : "other";
		return `<text x="0" y="${y + 11}">${escaped(subject)}</text><rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>${whisker}<text class="value" x="${PANEL_WIDTH}" y="${y + 11}" text-anchor="end">${figure(median)} ${escaped(short(metric.unit))}</text>`;
	});
	const title = metric.title.slice(0, Math.floor(PANEL_WIDTH / LETTER_WIDTH));
	return `<text class="title" x="0" y="14">${escaped(title)}</text><text class="quiet" x="0" y="31">${escaped(`${direction}${verdicts ? `   ${verdicts}` : ""}`)}</text>${lines.join("")}`;
}

function at(width: number): string {
	return (LABEL_WIDTH + width).toFixed(1);
}

function short(unit: string): string {
	return unit.startsWith("%") ? "%" : unit;
}

function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
