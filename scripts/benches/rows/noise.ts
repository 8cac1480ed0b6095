/**
 * Echo in a quiet session while another one floods, watched by 20 terminals of which 10 are stopped. The watchers are read by a process
 * of their own; on a machine with few processors they and the flood compete with the echo for time, whoever is measured.
 */
import { join } from "node:path";
import { signalProcess } from "../../leftovers.ts";
import { type Bench, type Row, rounds } from "../bench.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { processesOf, until } from "../lab.ts";
import { generator, writeStream } from "../material.ts";
import { echoing, Typist } from "./echo.ts";

const VIEWERS = { all: 20, stalled: 10 } as const;
const KEYS = { full: 400, quick: 100 } as const;
const ROUNDS = { full: 3, quick: 1 } as const;
const PAUSE_MS = { least: 2, most: 10 } as const;
const FLOOD_BYTES = 8e6;
/** A key that takes longer counts as this much. */
const LIMIT_MS = 2000;
/** Milliseconds for all viewers to show something: some contestants let them wait. */
const WATCHING_MS = 20_000;

const viewers = join(import.meta.dir, "../programs/viewers.ts");
const program = join(import.meta.dir, "../programs/noise.sh");

export const noise: Row = {
	name: "noise",
	about: "echo while another session floods 20 viewers, 10 of them stalled",
	async measure(bench) {
		const file = bench.lab.path("noise");
		writeStream(file, "coloured", FLOOD_BYTES);
		const samples = new Map<string, number[]>(bench.contestants.map(({ name }) => [name, []]));
		for (const contestant of rounds(bench.quick ? ROUNDS.quick : ROUNDS.full, bench.contestants)) {
			const values = await once(bench, contestant, file);
			samples.get(contestant.name)!.push(...values);
			bench.say(`noise: ${contestant.name}`);
		}
		return [
			{
				row: "noise",
				title: "echo while another session floods 20 viewers, 10 stalled",
				unit: "ms",
				better: "lower",
				series: [...samples].map(([subject, values]) => ({ subject, values })),
				goals: [{ statistic: "p99", bound: { kind: "limit", value: 10 } }],
				note: `a key that was not shown within ${LIMIT_MS / 1000} s counts as ${LIMIT_MS} ms`,
			},
		];
	},
};

async function once(bench: Bench, contestant: Contestant, file: string): Promise<number[]> {
	await using typist = new Typist(await echoing(bench, contestant.name, "quiet"), contestant.name);
	await typist.ready();
	await contestant.start("loud", ["bash", program, file]);
	const watching = Bun.spawn(
		[process.execPath, viewers, String(VIEWERS.all), String(VIEWERS.stalled), ...contestant.attach("loud")],
		{
			env: { ...contestant.env, BENCH_VIEWERS: bench.lab.path("viewers") },
			cwd: contestant.folder,
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	const values: number[] = [];
	try {
		await saying(watching.stdout);
		const random = generator(13);
		for (let i = 0; i < (bench.quick ? KEYS.quick : KEYS.full); i++) {
			await Bun.sleep(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
			values.push(Math.min(LIMIT_MS, await typist.key(LIMIT_MS)));
		}
	} finally {
		watching.kill("SIGTERM");
		await watching.exited;
		// A multiplexer that is busy with its viewers may not take the command that ends the flood: the flood itself is ended.
		for (const pid of processesOf(file)) signalProcess(pid, "SIGKILL");
		await until(() => processesOf(bench.lab.path("viewers")).length === 0, "the viewers are gone");
		await contestant.end("quiet");
	}
	await gone(contestant);
	return values;
}

/** The flood's session ends with its program; where an ended one is kept, it is forgotten. */
async function gone(contestant: Contestant): Promise<void> {
	try {
		await contestant.end("loud");
	} catch {
		// It is gone already, which is what was wanted.
	}
}

async function saying(stdout: ReadableStream<Uint8Array>): Promise<void> {
	const reader = stdout.getReader();
	const late = Bun.sleep(WATCHING_MS).then(() => null);
	await Promise.race([reader.read(), late]);
}
