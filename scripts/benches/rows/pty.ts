/** The two PTY drivers against each other, without anything of Berth around them: each measurement is a process of its own. */
import { join } from "node:path";
import { type Row, rounds } from "../bench.ts";
import { run } from "../lab.ts";
import type { Metric } from "../metric.ts";

const drivers = { "Bun's terminal": "bun", "bun-pty": "bun-pty" } as const;
const ROUNDS = { full: 5, quick: 2 } as const;
const KEYS = { full: 300, quick: 100 } as const;
const BYTES = { full: 50_000_000, quick: 10_000_000 } as const;

const program = join(import.meta.dir, "../programs/pty.ts");

export const pty: Row = {
	name: "pty",
	about: "bun-pty against Bun's own terminal",
	async measure(bench) {
		const size = bench.quick ? "quick" : "full";
		const names = Object.keys(drivers) as (keyof typeof drivers)[];
		const echoes = new Map<string, number[]>(names.map((name) => [name, []]));
		const speeds = new Map<string, number[]>(names.map((name) => [name, []]));
		for (const name of rounds(ROUNDS[size], names)) {
			const argv = [
				process.execPath,
				program,
				drivers[name],
				bench.lab.path("cache"),
				String(KEYS[size]),
				String(BYTES[size]),
			];
			const { echo, megabytesPerSecond } = JSON.parse(await run(argv, bench.lab.env(bench.lab.dir))) as {
				echo: number[];
				megabytesPerSecond: number;
			};
			echoes.get(name)!.push(...echo);
			speeds.get(name)!.push(megabytesPerSecond);
		}
		const common = { row: "pty", goals: [] };
		const metrics: Metric[] = [
			{
				...common,
				title: "PTY driver alone: echo",
				unit: "ms",
				better: "lower",
				series: [...echoes].map(([subject, values]) => ({ subject, values })),
			},
			{
				...common,
				title: "PTY driver alone: drain",
				unit: "MB/s",
				better: "higher",
				series: [...speeds].map(([subject, values]) => ({ subject, values })),
			},
		];
		return metrics;
	},
};
