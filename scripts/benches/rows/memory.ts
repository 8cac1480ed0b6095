/**
 * Private memory with many idle sessions, all of them alive: pages that several processes share are not private to any. Once
 * per process that keeps sessions (a holder, SCREEN, dtach), and once for what serves all of them.
 */
import { readFileSync } from "node:fs";
import type { Row } from "../bench.ts";
import { BerthContestant } from "../contestants/berth.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { processesOf } from "../lab.ts";
import type { Metric, Series } from "../metric.ts";

export const memory: Row = {
	name: "memory",
	about: "private memory with many idle sessions",
	async measure(bench) {
		await bench.crowd();
		const sessions: Series[] = [];
		const servers: Series[] = [];
		for (const contestant of bench.contestants) {
			const { each, server } = split(contestant);
			if (each.length > 0) sessions.push({ subject: contestant.name, values: each });
			else sessions.push({ subject: contestant.name, values: [server / bench.sessions] });
			if (server > 0) servers.push({ subject: contestant.name, values: [server] });
		}
		const common = { row: "memory", unit: "MB", better: "lower" } as const;
		const metrics: Metric[] = [
			{
				...common,
				title: "private memory per idle session",
				series: sessions,
				goals: [{ statistic: "median", bound: { kind: "limit", value: 5 } }],
				note: `berth: one holder with screen, journal and port; tmux: its server's memory divided by ${bench.sessions}`,
			},
			{
				...common,
				title: `private memory of the server with ${bench.sessions} sessions`,
				series: servers,
				goals: [{ statistic: "median", bound: { kind: "limit", value: 40 } }],
			},
		];
		return metrics;
	},
};

/** The contestant's own processes, without the sessions' programs. */
export function ownProcesses({ folder, program }: Contestant): number[] {
	return processesOf(folder, program);
}

function split(contestant: Contestant): { each: number[]; server: number } {
	const each: number[] = [];
	let server = 0;
	for (const pid of ownProcesses(contestant)) {
		const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
		const serves = contestant instanceof BerthContestant ? words[1] === "daemon" : contestant.name === "tmux";
		if (serves) server += privateMegabytes(pid);
		else each.push(privateMegabytes(pid));
	}
	return { each, server };
}

function privateMegabytes(pid: number): number {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
	let kilobytes = 0;
	for (const [, value] of text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)) kilobytes += Number(value);
	return (kilobytes * 1024) / 1e6;
}
