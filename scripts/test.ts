/**
 * Runs every check and test and ends with one line, `N passed, N failed`.
 *
 * All tests share one private folder as TMPDIR. At the end nothing may be left of the run: no file in that folder, no process whose
 * environment or command line names it, no socket below it. That check counts as a test itself.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Case, casesOf } from "./junit.ts";
import { closeScratch, leftoverProcesses, openScratch } from "./leftovers.ts";
import { Troubles } from "./troubles.ts";

/** Test files run at once. More than the cores: most tests wait for a process most of the time. */
const WORKERS = Math.max(2, navigator.hardwareConcurrency + 1);

/** Milliseconds that processes which are ending get before they count as left behind. */
const LEFTOVER_GRACE_MS = 10_000;

/** Milliseconds for one test: most wait for real processes on a busy machine. It only matters when something is wrong. */
const TEST_LIMIT_MS = 300_000;

/**
 * On a CI machine, whose load nobody here knows, a test may try twice; the output says `(attempt 2)`, and that test wants mending. At a
 * desk none does: there a failure should be seen.
 */
const SECOND_ATTEMPT = process.env.CI ? ["--retry=1"] : [];

/**
 * Groups of test files by name, in runs of groups that run together: a file that takes long, mostly waiting, has others beside it until the
 * end. The storms and the browsers keep all processors busy by themselves.
 */
const runs: Record<string, string[]>[] = [
	{
		unit: ["src/", "web/src/", "scripts/"],
		holder: ["test/holder/"],
		api: ["test/api/"],
		cli: ["test/cli/"],
		readme: ["test/readme/"],
		build: ["test/build/"],
	},
	{ torture: ["test/torture/"] },
	{ e2e: ["test/e2e/"] },
];

const root = join(import.meta.dir, "..");

const checks: Record<string, string[]> = {
	types: ["bunx", "tsc", "--noEmit"],
	"web-types": [
		"node",
		"scripts/check-web.cjs",
		"--workspace",
		"web",
		"--tsconfig",
		"./tsconfig.json",
		"--fail-on-warnings",
	],
	lint: ["bunx", "biome", "check", "."],
	layers: [process.execPath, "scripts/check-layers.ts"],
	docs: [process.execPath, "scripts/settings-table.ts", "--check"],
};

const only = namesFrom(process.argv.slice(2));
const scratch = openScratch();
const totals = { passed: 0, failed: 0 };
const failures: string[] = [];
/** What was printed of tests that failed, or that passed at their second attempt only. */
const troubles: string[] = [];

function count(name: string, passed: boolean): void {
	if (passed) totals.passed++;
	else {
		totals.failed++;
		failures.push(name);
	}
}

function say(text: string): void {
	console.log(`\x1b[1m==>\x1b[0m ${text}`);
}

function wanted(name: string): boolean {
	return only.length === 0 || only.includes(name);
}

/** Each uses one processor: together they take as long as the longest. What each says is told when it is done, in one piece. */
async function check(name: string, argv: string[]): Promise<void> {
	const child = Bun.spawn(argv, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
	const [status, ...said] = await Promise.all([
		child.exited,
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	say(`${name}: ${argv.join(" ")}`);
	for (const text of said) if (text.trim() !== "") console.log(text.trimEnd());
	count(name, status === 0);
}

async function checkAll(): Promise<void> {
	const names = Object.keys(checks).filter(wanted);
	if (names.length === 0) return;
	say(`at the same time: ${names.join(", ")}`);
	await Promise.all(names.map((name) => check(name, checks[name]!)));
}

async function suite(groups: Record<string, string[]>): Promise<void> {
	const names = Object.keys(groups).filter(wanted);
	const paths = names.flatMap((name) => groups[name]!);
	const files = paths.flatMap((path) => [...new Bun.Glob(`${path}**/*.test.ts`).scanSync(root)]);
	if (files.length === 0) return;
	say(`${names.join(", ")}: ${files.length} test files`);
	const began = performance.now();
	const report = join(scratch, "report.xml");
	const child = Bun.spawn(
		[
			process.execPath,
			"test",
			`--parallel=${WORKERS}`,
			`--timeout=${TEST_LIMIT_MS}`,
			...SECOND_ATTEMPT,
			"--reporter=junit",
			`--reporter-outfile=${report}`,
			...files.map((file) => `./${file}`),
		],
		{
			cwd: root,
			stdio: ["ignore", "inherit", "pipe"],
			env: {
				...process.env,
				TMPDIR: scratch,
				BERTH_BINARY: join(root, "dist/berth"),
				BERTH_HOME: join(scratch, "unset"),
				NO_COLOR: "1",
			},
		},
	);
	const { found } = await follow(child.stderr);
	troubles.push(...found);
	const status = await child.exited;
	const cases = readReport(report);
	say(`${names.join(", ")}: ${cases.length} tests in ${Math.round((performance.now() - began) / 1000)} s`);
	for (const result of cases) count(result.name, result.passed);
	if (status !== 0 && cases.every((result) => result.passed))
		count(`${names.join(", ")}: the runner ended with ${status}`, false);
	rmSync(report, { force: true });
}

/** Passes on what a run prints while it does. */
async function follow(output: ReadableStream<Uint8Array>): Promise<Troubles> {
	const found = new Troubles();
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of output) {
		process.stderr.write(chunk);
		const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
		rest = lines.pop()!;
		for (const line of lines) found.line(line);
	}
	return found;
}

/** Test cases of a report; none when the runner died before it wrote one. */
function readReport(file: string): Case[] {
	try {
		return casesOf(readFileSync(file, "utf8"));
	} catch (error) {
		console.error(`no report was written: ${(error as Error).message}`);
		return [];
	}
}

async function checkLeftovers(): Promise<void> {
	if (process.platform !== "linux") return;
	say("nothing is left behind");
	const until = Date.now() + LEFTOVER_GRACE_MS;
	while (leftoverProcesses(scratch).length > 0 && Date.now() < until) await Bun.sleep(200);
	const processes = leftoverProcesses(scratch);
	for (const { pid, command } of processes) console.error(`left behind: process ${pid} ${command}`);
	count("no process is left behind", processes.length === 0);
	const files = readdirSync(scratch, { recursive: true });
	for (const file of files.slice(0, 50)) console.error(`left behind: file ${file}`);
	count("no file or socket is left behind", files.length === 0);
}

/** The checks and groups to run; none for all. Ends the process when it was asked for help, or cannot tell what is wanted. */
function namesFrom(args: string[]): string[] {
	const known = [checks, ...runs].flatMap(Object.keys);
	const usage = `usage: scripts/test [--only NAME…]\nNAME: ${known.join(" ")}`;
	const [flag, ...names] = args;
	if (flag === "--help") {
		console.log(usage);
		process.exit(0);
	}
	const fits = flag === "--only" && names.length > 0 && names.every((name) => known.includes(name));
	if (flag === undefined || fits) return names;
	console.error(usage);
	process.exit(2);
}

await checkAll();
for (const groups of runs) await suite(groups);
await checkLeftovers();
closeScratch(scratch);

// Once more at the end, where a log that was cut short still has it.
if (troubles.length > 0) say("what failed, or passed at its second attempt only");
for (const trouble of troubles) console.error(`${trouble}\n`);
for (const failure of failures) console.error(`failed: ${failure}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
