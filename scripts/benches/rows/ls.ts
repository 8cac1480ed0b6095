/** The whole process that lists many sessions, from its start to its end. */
import { type Row, rounds } from "../bench.ts";

const RUNS = { full: 100, quick: 20 } as const;

export const ls: Row = {
	name: "ls",
	about: "list many sessions",
	async measure(bench) {
		await bench.crowd();
		const contestants = bench.contestants.filter((contestant) => contestant.list() !== null);
		const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
		for (const contestant of rounds(bench.quick ? RUNS.quick : RUNS.full, contestants)) {
			const started = performance.now();
			const child = Bun.spawn(contestant.list()!, {
				env: contestant.env,
				stdio: ["ignore", "pipe", "ignore"],
			});
			const text = await new Response(child.stdout).text();
			await child.exited;
			times.get(contestant.name)!.push(performance.now() - started);
			if (text.split("\n").length < bench.sessions)
				throw new Error(`${contestant.name} does not list all: ${text}`);
		}
		return [
			{
				row: "ls",
				title: `list ${bench.sessions} sessions, whole process`,
				unit: "ms",
				better: "lower",
				series: [...times].map(([subject, values]) => ({ subject, values })),
				goals: [{ statistic: "median", bound: { kind: "limit", value: 20 } }],
				note: "dtach has no such command",
			},
		];
	},
};
