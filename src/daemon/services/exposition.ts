/** The Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */

export interface Sample {
	labels?: Record<string, string>;
	value: number;
}

export interface Metric {
	name: string;
	help: string;
	type: "counter" | "gauge";
	samples: Sample[];
}

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function exposition(metrics: readonly Metric[]): string {
	return metrics.map(block).join("");
}

function block({ name, help, type, samples }: Metric): string {
	const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`);
	return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Record<string, string> | undefined): string {
	if (labels === undefined) return "";
	const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
	return `{${pairs.join(",")}}`;
}

function escapeValue(value: string): string {
	return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
