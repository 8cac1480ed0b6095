import { afterAll, beforeAll, expect, test } from "bun:test";
import { exposition } from "../services/exposition.ts";
import { type TestDaemon, testDaemon } from "../testing.ts";

let daemon: TestDaemon;
beforeAll(() => {
	daemon = testDaemon();
});
afterAll(() => daemon.dispose());

/** The grammar of the text format, line by line. */
const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\\n]|\\\\|\\n)*$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/;
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"`;
const SAMPLE = new RegExp(
	String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{${LABEL}(?:,${LABEL})*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$`,
);

/** Checks the text; the samples by name and labels. */
function parse(text: string): Map<string, number> {
	expect(text).toEndWith("\n");
	const samples = new Map<string, number>();
	const typed = new Set<string>();
	let current = "";
	for (const line of text.slice(0, -1).split("\n")) {
		const help = HELP.exec(line);
		const type = TYPE.exec(line);
		const sample = SAMPLE.exec(line);
		if (help) current = help[1]!;
		else if (type) {
			expect(type[1]).toBe(current);
			expect(typed.has(current), `${current} is typed once`).toBe(false);
			typed.add(current);
			if (type[2] === "counter") expect(current).toEndWith("_total");
		} else {
			expect(sample, line).not.toBeNull();
			expect(sample![1]).toBe(current);
			const key = sample![1]! + (sample![2] ?? "");
			expect(samples.has(key), `${key} stands once`).toBe(false);
			samples.set(key, Number(sample![3]));
		}
	}
	return samples;
}

test("/metrics keeps to the exposition grammar and counts what it says", async () => {
	await daemon.ask("unix", "/health");
	await daemon.ask("unix", "/no-such-path");
	const response = await daemon.ask("unix", "/metrics");
	expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
	const samples = parse(await response.text());
	expect(samples.get('berth_http_requests_total{status="2xx"}')).toBe(1);
	expect(samples.get('berth_http_requests_total{status="4xx"}')).toBe(1);
	expect(samples.get('berth_workers{state="running"}')).toBe(0);
	expect(samples.get("berth_events_total")).toBe(0);
	expect(samples.get("berth_resident_memory_bytes")).toBeGreaterThan(1e6);
});

test("labels and help are escaped", () => {
	const text = exposition([
		{ name: "a", help: "one\ntwo \\", type: "gauge", samples: [{ labels: { l: 'q"\\\n' }, value: 1.5e-9 }] },
	]);
	expect(text).toBe('# HELP a one\\ntwo \\\\\n# TYPE a gauge\na{l="q\\"\\\\\\n"} 1.5e-9\n');
	parse(text);
});
