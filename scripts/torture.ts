/**
 * Rounds of the torture tests at their large size until the minutes are over. Each round has a seed of its own, one more than the last one's;
 * the first failure ends it and says how to replay the choices (the machine's timing it cannot). A round takes about ten minutes on two
 * idle cores, and the one that is under way is finished. However it ends, nothing of it is left.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closeScratch, openScratch } from "./leftovers.ts";

/** Milliseconds for one test of a round; only what hangs takes so long. */
const TEST_LIMIT_MS = 60 * 60_000;

const root = join(import.meta.dir, "..");
const { values } = parseArgs({
	options: { minutes: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
});
const minutes = Number(values.minutes ?? 10);
const first = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
if (values.help || !(minutes > 0) || !Number.isSafeInteger(first)) {
	console.error(
		"usage: scripts/torture [--minutes N] [--seed S]     10 minutes and a seed by chance unless given",
	);
	process.exit(values.help ? 0 : 2);
}

const files = [...new Bun.Glob("test/torture/*.test.ts").scanSync(root)].sort();
const end = performance.now() + minutes * 60_000;
const scratch = openScratch();
let rounds = 0;

function leave(status: number): never {
	closeScratch(scratch);
	process.exit(status);
}

do {
	const seed = first + rounds;
	rounds++;
	console.log(`==> round ${rounds}, seed ${seed}`);
	const child = Bun.spawn(
		[process.execPath, "test", `--timeout=${TEST_LIMIT_MS}`, ...files.map((file) => `./${file}`)],
		{
			cwd: root,
			stdio: ["ignore", "inherit", "inherit"],
			env: {
				...process.env,
				TMPDIR: scratch,
				BERTH_BINARY: process.env.BERTH_BINARY ?? join(root, "dist/berth"),
				BERTH_TORTURE: "long",
				BERTH_TORTURE_SEED: String(seed),
			},
		},
	);
	if ((await child.exited) !== 0) {
		console.error(`round ${rounds} failed; replay it with: scripts/torture --minutes 1 --seed ${seed}`);
		leave(1);
	}
} while (performance.now() < end);
console.log(`${rounds} rounds of torture passed, seeds ${first} to ${first + rounds - 1}`);
leave(0);
