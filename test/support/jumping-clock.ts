/**
 * Preloaded into the daemon (BUN_OPTIONS=--preload), and by it into the holders that it starts: a wall clock that is ahead by the milliseconds
 * that stand in the file BERTH_SKEW_FILE.
 */
const { readFileSync } = require("node:fs") as typeof import("node:fs");

const file = process.env.BERTH_SKEW_FILE;
if (file !== undefined) {
	const now = Date.now;
	Date.now = () => now() + Number(readFileSync(file, "utf8"));
	const spawn = Bun.spawn as (argv: string[], options: { env?: object }) => unknown;
	const spawnWithClock = (argv: string[], options: { env?: object }): unknown =>
		spawn(
			argv,
			argv.includes("holder")
				? { ...options, env: { ...options.env, BUN_OPTIONS: process.env.BUN_OPTIONS, BERTH_SKEW_FILE: file } }
				: options,
		);
	Object.assign(Bun, { spawn: spawnWithClock });
}

export {};
