/** Processor time of many idle sessions: everything that the contestant started, the shells included. */
import { readdirSync, readFileSync } from "node:fs";
import type { Row } from "../bench.ts";
import { processesOf } from "../lab.ts";

/** Milliseconds until what is done once after a start is over, a last collection 75 s later among it. */
const SETTLE_MS = { full: 90_000, quick: 0 } as const;
const WATCH_MS = { full: 20_000, quick: 5000 } as const;
const WATCHES = { full: 3, quick: 1 } as const;

export const idle: Row = {
	name: "idle",
	about: "processor time of many idle sessions",
	async measure(bench) {
		await bench.crowd();
		await Bun.sleep(bench.quick ? SETTLE_MS.quick : SETTLE_MS.full);
		const values = new Map<string, number[]>(bench.contestants.map(({ name }) => [name, []]));
		for (let watch = 0; watch < (bench.quick ? WATCHES.quick : WATCHES.full); watch++) {
			const before = bench.contestants.map(({ folder }) => nanoseconds(folder));
			const started = performance.now();
			await Bun.sleep(bench.quick ? WATCH_MS.quick : WATCH_MS.full);
			const took = performance.now() - started;
			for (const [i, { name, folder }] of bench.contestants.entries()) {
				let spent = 0;
				for (const [thread, total] of nanoseconds(folder)) spent += total - (before[i]!.get(thread) ?? 0);
				values.get(name)!.push(((spent / 1e6) * 100) / took);
			}
		}
		return [
			{
				row: "idle",
				title: `processor time of ${bench.sessions} idle sessions, all processes`,
				unit: "% of a core",
				better: "lower",
				series: [...values].map(([subject, list]) => ({ subject, values: list })),
				goals: [{ statistic: "median", bound: { kind: "limit", value: 0.2 } }],
			},
		];
	},
};

/** Time on a processor by thread, whose ids are the system's: one that ends takes its time with it, out of its process's sum. */
function nanoseconds(folder: string): Map<string, number> {
	const spent = new Map<string, number>();
	for (const pid of processesOf(folder)) {
		try {
			for (const thread of readdirSync(`/proc/${pid}/task`)) {
				const [time] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
				spent.set(thread, Number(time));
			}
		} catch {
			// It ended while it was looked at.
		}
	}
	return spent;
}
