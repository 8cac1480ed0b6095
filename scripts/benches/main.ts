/**
 * `scripts/bench`: measures what DESIGN §11 promises, side by side with what one would pick instead, in one run.
 *
 * Exit status 1 when a number that must be reached was not; 0 otherwise, also where a rival could not be measured.
 */
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Bench, Row } from "./bench.ts";
import { chart } from "./chart.ts";
import { BerthContestant } from "./contestants/berth.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { DtachContestant } from "./contestants/dtach.ts";
import { ScreenContestant } from "./contestants/screen.ts";
import { TmuxContestant } from "./contestants/tmux.ts";
import { Lab, PROMPT } from "./lab.ts";
import { type Metric, verdictOf } from "./metric.ts";
import { asJson, type Report } from "./report.ts";
import { attach } from "./rows/attach.ts";
import { crash } from "./rows/crash.ts";
import { create } from "./rows/create.ts";
import { echo } from "./rows/echo.ts";
import { flood } from "./rows/flood.ts";
import { idle } from "./rows/idle.ts";
import { ls } from "./rows/ls.ts";
import { memory } from "./rows/memory.ts";
import { noise } from "./rows/noise.ts";
import { pty } from "./rows/pty.ts";
import { table } from "./table.ts";

/** Quiet ones first: what a flood leaves behind in caches and clocks does not reach them, nor what a list leaves behind the idle ones. */
const rows: readonly Row[] = [echo, attach, create, pty, flood, noise, crash, memory, idle, ls];

/** Sessions at once: as many as the design speaks of. */
const SESSIONS = { full: 100, quick: 40 } as const;

/** Milliseconds for what was started to come to rest: two looks of the housekeeping in Berth's daemon, and whatever the others do. */
const REST_MS = 21_000;

const { values: flags } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		only: { type: "string", multiple: true, default: [] },
		against: { type: "string" },
		json: { type: "string" },
		svg: { type: "string" },
		help: { type: "boolean", default: false },
	},
});

if (flags.help) {
	console.log(`scripts/bench [flags]       measures dist/berth, or the build that BERTH_BINARY names

  --quick            less of everything, and ${SESSIONS.quick} sessions for ${SESSIONS.full}: under two minutes
  --only ROW         one row; may be repeated: ${rows.map(({ name }) => name).join(" ")}
  --against BINARY   a second build of berth in the same table
  --json FILE        every sample, and the machine
  --svg FILE         a chart`);
	process.exit(0);
}

const unknown = flags.only.find((name) => !rows.some((row) => row.name === name));
if (unknown !== undefined)
	throw new Error(`there is no row ${unknown}; there are ${rows.map(({ name }) => name).join(" ")}`);
const binary = realpathSync(resolve(process.env.BERTH_BINARY ?? "dist/berth"));
const against = flags.against === undefined ? null : realpathSync(resolve(flags.against));

/** Rows that could not be measured. */
const broken: string[] = [];
const report = await measureAll();
console.log(table(report));
for (const name of broken) console.error(`not measured: ${name}`);
if (flags.json !== undefined) writeFileSync(flags.json, `${asJson(report)}\n`);
if (flags.svg !== undefined) writeFileSync(flags.svg, chart(report));
const missed = report.metrics.some((metric) =>
	metric.goals.some((goal) => {
		const verdict = verdictOf(metric, goal);
		return verdict !== null && !verdict.reached && !verdict.stretch;
	}),
);
process.exit(missed || broken.length > 0 ? 1 : 0);

async function measureAll(): Promise<Report> {
	await using lab = new Lab();
	// A run that is broken off leaves no process behind either.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.once(signal, () => void lab[Symbol.asyncDispose]().then(() => process.exit(130)));
	}
	writeFileSync(lab.path(".bashrc"), `PS1='${PROMPT}'\n`);
	mkdirSync(lab.path("cache"));
	const berths = [await BerthContestant.of(lab, "berth", binary)];
	if (against !== null) berths.push(await BerthContestant.of(lab, "other berth", against));
	const contestants: Contestant[] = [
		...berths,
		new TmuxContestant(lab),
		new ScreenContestant(lab),
		new DtachContestant(lab),
	];
	const versions: Record<string, string> = {};
	for (const contestant of contestants) {
		if (!existsSync(contestant.program)) throw new Error(`${contestant.program} does not exist`);
		versions[contestant.name] = await contestant.version();
		await contestant.prepare();
	}
	const say = (line: string) => void process.stderr.write(`  ${line}\n`);
	const sessions = flags.quick ? SESSIONS.quick : SESSIONS.full;
	let crowd: Promise<void> | null = null;
	const bench: Bench = {
		lab,
		contestants,
		berths,
		quick: flags.quick,
		say,
		sessions,
		crowd: () => {
			crowd ??= startCrowd(sessions, contestants, say);
			return crowd;
		},
	};
	const started = new Date();
	const metrics: Metric[] = [];
	for (const row of rows) {
		if (flags.only.length > 0 && !flags.only.includes(row.name)) continue;
		say(`${row.name}: ${row.about}`);
		try {
			metrics.push(...(await row.measure(bench)));
		} catch (error) {
			// What the other rows took minutes to measure is not lost with it.
			say(`${row.name}: ${error instanceof Error ? error.message : error}`);
			broken.push(row.name);
		}
	}
	return {
		at: started.toISOString(),
		quick: flags.quick,
		versions,
		machine: {
			processor: cpus()[0]?.model ?? "unknown",
			processors: cpus().length,
			memoryGigabytes: Math.round(totalmem() / 2 ** 30),
			system: `${process.platform} ${release()}`,
			bun: Bun.version,
		},
		metrics,
	};
}

async function startCrowd(
	sessions: number,
	contestants: readonly Contestant[],
	say: (line: string) => void,
): Promise<void> {
	for (const contestant of contestants) {
		say(`${sessions} sessions of ${contestant.name}`);
		for (let i = 1; i <= sessions; i++) {
			await contestant.start(`idle-${String(i).padStart(3, "0")}`, ["bash"]);
		}
	}
	await Bun.sleep(REST_MS);
}
