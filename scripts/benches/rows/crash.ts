/**
 * The daemon is killed with -9, again and again, while many sessions print and end. Every session's output and exit are known
 * beforehand and compared at the end; each time it is measured how long it takes until `berth ls` lists all of them again.
 */
import { join } from "node:path";
import { inParallel } from "../../in-parallel.ts";
import { endLeftovers, signalProcess } from "../../leftovers.ts";
import type { Row } from "../bench.ts";
import { BerthContestant } from "../contestants/berth.ts";
import { END_LIMIT_MS, run, until } from "../lab.ts";
import { generator } from "../material.ts";
import type { Metric } from "../metric.ts";

const KILLS = { full: 10, quick: 2 } as const;
/** Lines that a session prints, and how many between two pauses of 50 ms: a few flood, most trickle. */
const LINES = { trickle: 60, flood: 60_000 } as const;
const BURST = { trickle: 1, flood: 1000 } as const;
const FLOODS_EVERY = 10;
const PAUSE_MS = { least: 100, most: 600 } as const;

const program = join(import.meta.dir, "../programs/counter.sh");

interface Listed {
	name: string;
	workers: { state: string; generation: number; exit: { code: number | null } | null }[];
}

export const crash: Row = {
	name: "crash",
	about: "the daemon killed with -9 under load",
	async measure(bench) {
		const metrics: Metric[] = [];
		const serving: Metric = {
			row: "crash",
			title: `daemon killed under load, ${bench.sessions} sessions: until all are listed again`,
			unit: "ms",
			better: "lower",
			series: [],
			goals: [{ statistic: "max", bound: { kind: "limit", value: 1000 } }],
			note: "the clock includes the command that finds nobody and starts a new daemon",
		};
		const lost: Metric = {
			row: "crash",
			title: "sessions, outputs or exits lost by it",
			unit: "lost",
			better: "lower",
			series: [],
			goals: [{ statistic: "max", bound: { kind: "limit", value: 0 } }],
		};
		for (const berth of bench.berths) {
			const own = await BerthContestant.of(bench.lab, `${berth.name} crash`, berth.program);
			const { times, faults } = await once(own, bench.sessions, bench.quick ? KILLS.quick : KILLS.full);
			for (const fault of faults) bench.say(`crash: ${fault}`);
			serving.series.push({ subject: berth.name, values: times });
			lost.series.push({ subject: berth.name, values: [faults.length] });
			await endLeftovers(own.folder, END_LIMIT_MS);
		}
		metrics.push(serving, lost);
		return metrics;
	},
};

async function once(
	berth: BerthContestant,
	sessions: number,
	kills: number,
): Promise<{ times: number[]; faults: string[] }> {
	const fifo = join(berth.folder, "nobody-writes");
	await run(["mkfifo", fifo], berth.env);
	await berth.prepare();
	const planned = Array.from({ length: sessions }, (_, i) => {
		const kind = i % FLOODS_EVERY === 0 ? "flood" : "trickle";
		return { name: `crash-${i}`, lines: LINES[kind] + i, burst: BURST[kind], status: i % 7 };
	});
	await inParallel(planned.length, navigator.hardwareConcurrency, (n) => {
		const { name, lines, burst, status } = planned[n]!;
		return berth.start(name, ["bash", program, fifo, String(lines), String(burst), String(status)]);
	});
	const random = generator(17);
	const times: number[] = [];
	for (let i = 0; i < kills; i++) {
		await Bun.sleep(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
		const { pid } = JSON.parse(await berth.command("daemon", "status", "--json")) as { pid: number };
		const started = performance.now();
		signalProcess(pid, "SIGKILL");
		const listed = (await berth.command("ls", "--all", "--quiet")).trim().split("\n");
		times.push(performance.now() - started);
		if (listed.length !== sessions) throw new Error(`${listed.length} of ${sessions} sessions are listed`);
	}
	const faults = await check(berth, planned);
	return { times, faults };
}

async function check(
	berth: BerthContestant,
	planned: { name: string; lines: number; status: number }[],
): Promise<string[]> {
	const all = async () => JSON.parse(await berth.command("ls", "--all", "--json")) as Listed[];
	await until(
		async () => (await all()).every(({ workers }) => workers[0]!.exit !== null),
		"all sessions have ended",
		120_000,
	);
	const sessions = new Map((await all()).map((session) => [session.name, session]));
	const faults: string[] = [];
	await inParallel(planned.length, navigator.hardwareConcurrency, async (n) => {
		const { name, lines, status } = planned[n]!;
		const worker = sessions.get(name)?.workers[0];
		if (worker === undefined) faults.push(`${name} is not listed`);
		else if (worker.generation !== 1 || worker.state !== "exited" || worker.exit?.code !== status) {
			faults.push(`${name} should have exited with ${status}: ${JSON.stringify(worker)}`);
		}
		const output = await berth.command("logs", name);
		if (output !== expected(lines))
			faults.push(`${name} printed ${expected(lines).length} bytes, ${output.length} are kept`);
	});
	return faults;
}

/** What counter.sh prints, as a terminal gives it on. */
function expected(lines: number): string {
	let text = "";
	for (let i = 1; i <= lines; i++) {
		text += `${String(i).padStart(8, "0")} the quick brown fox jumps over the lazy dog\r\n`;
	}
	return text;
}
