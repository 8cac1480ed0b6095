/**
 * A detached session floods: from the command's start until its end is on the screen and in the history. The clock stands inside the
 * session (programs/flood.sh), so that looking costs nothing; that the last line is on the screen is checked afterwards.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { signalProcess } from "../../leftovers.ts";
import { type Bench, type Row, rounds } from "../bench.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { processesOf, run, until } from "../lab.ts";
import { LAST_LINE, type Stream, streams, writeStream } from "../material.ts";
import type { Goal, Metric, Series } from "../metric.ts";

const MEGABYTE = 1e6;
const SIZES = { full: 200 * MEGABYTE, quick: 20 * MEGABYTE } as const;
const ROUNDS = { full: 3, quick: 2 } as const;

/** The terminal alone: nothing is parsed, kept or sent. */
const RAW = "raw drain";

const program = join(import.meta.dir, "../programs/flood.sh");
const drain = join(import.meta.dir, "../programs/drain.ts");

const goals: Goal[] = [
	{ statistic: "median", bound: { kind: "ratio", subject: "tmux", factor: 1 } },
	{ statistic: "median", bound: { kind: "ratio", subject: RAW, factor: 0.9 }, stretch: true },
];

export const flood: Row = {
	name: "flood",
	about: "detached flood of plain, coloured and redrawn output",
	async measure(bench) {
		const folder = bench.lab.path("flood");
		mkdirSync(folder);
		const metrics: Metric[] = [];
		for (const stream of streams) metrics.push(await floodOf(bench, folder, stream));
		rmSync(folder, { recursive: true });
		return metrics;
	},
};

async function floodOf(bench: Bench, folder: string, stream: Stream): Promise<Metric> {
	const bytes = bench.quick ? SIZES.quick : SIZES.full;
	const file = join(folder, stream);
	writeStream(file, stream, bytes);
	const speeds = new Map<string, number[]>(
		[...bench.contestants.map(({ name }) => name), RAW].map((name) => [name, []]),
	);
	const subjects: (Contestant | null)[] = [...bench.contestants, null];
	let number = 0;
	for (const subject of rounds(bench.quick ? ROUNDS.quick : ROUNDS.full, subjects)) {
		const name = subject?.name ?? RAW;
		const seconds = await once(bench, folder, file, subject, `flood-${stream}-${number++}`);
		const speed = statSync(file).size / MEGABYTE / seconds;
		bench.say(`flood ${stream}: ${name} ${speed.toFixed(0)} MB/s`);
		speeds.get(name)!.push(speed);
	}
	rmSync(file);
	const series: Series[] = [...speeds].map(([subject, values]) => ({ subject, values }));
	return {
		row: "flood",
		title: `detached flood, ${stream}, ${bytes / MEGABYTE} MB`,
		unit: "MB/s",
		better: "higher",
		series,
		goals,
		note: "dtach keeps neither screen nor history; raw drain reads the terminal and throws away",
	};
}

async function once(
	bench: Bench,
	folder: string,
	file: string,
	subject: Contestant | null,
	name: string,
): Promise<number> {
	const go = join(folder, `${name}.go`);
	const result = join(folder, `${name}.result`);
	await run(["mkfifo", go], bench.lab.env(folder));
	const argv = ["bash", program, go, file, subject === null || subject.keepsScreen ? "ask" : "drain", result];
	let reader: Bun.Subprocess | null = null;
	if (subject === null) {
		reader = Bun.spawn([process.execPath, drain, ...argv], {
			env: bench.lab.env(folder),
			stdio: ["ignore", "ignore", "inherit"],
		});
	} else await subject.start(name, argv);
	// Opening waits for the reader: the session is there when it returns.
	await run(["bash", "-c", 'echo go >"$1"', "bash", go], bench.lab.env(folder));
	await until(() => existsSync(result), `${name} of ${subject?.name ?? RAW} has ended`, 300_000);
	const [began, ended] = readFileSync(result, "utf8").split(" ").map(Number) as [number, number];
	if (subject !== null) {
		const screen = await subject.screen(name);
		if (screen !== null && !screen.includes(LAST_LINE))
			throw new Error(`${subject.name} lost the flood's end: ${screen}`);
		await subject.end(name);
	}
	for (const pid of processesOf(go)) signalProcess(pid, "SIGKILL");
	await reader?.exited;
	return ended - began;
}
