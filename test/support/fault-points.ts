/**
 * Preloaded into the daemon (BUN_OPTIONS=--preload), so that the executable under test is the one that is shipped: every durable step that
 * it takes is a fault point, at which it can be made to die as by `kill -9`. Points lie before each write, rename, removal, folder,
 * process started and signal sent, and before, inside (before the commit) and after each transaction.
 *
 * The file BERTH_FAULT_FILE arms it while it exists: it holds the number of the point to die at, counted from the arming. Every
 * point that is met is added to the file with `.met` behind its name.
 */
import type { Database as SqliteDatabase } from "bun:sqlite";

// Their functions are replaced in place, which an import's bindings do not allow.
const fs = require("node:fs") as typeof import("node:fs");
const sqlite = require("bun:sqlite") as typeof import("bun:sqlite");

const file = process.env.BERTH_FAULT_FILE;
const isDaemon = process.argv.includes("serve");

if (file !== undefined && isDaemon) {
	const { existsSync, readFileSync, appendFileSync } = fs;
	const kill = process.kill.bind(process);
	let count = 0;
	/** Reading the fault's own file is no point. */
	let looking = false;
	const point = (name: string): void => {
		if (looking) return;
		looking = true;
		try {
			if (!existsSync(file)) {
				count = 0;
				return;
			}
			count++;
			appendFileSync(`${file}.met`, `${name}\n`);
			if (count === Number(readFileSync(file, "utf8"))) kill(process.pid, "SIGKILL");
		} finally {
			looking = false;
		}
	};

	const guard = (owner: object, name: string): void => {
		const methods = owner as Record<string, (...args: unknown[]) => unknown>;
		const original = methods[name]!;
		methods[name] = function (this: unknown, ...args: unknown[]) {
			point(typeof args[0] === "string" ? `${name} ${args[0].slice(0, 60)}` : name);
			return original.apply(this, args);
		};
	};
	for (const name of ["writeSync", "renameSync", "rmSync", "unlinkSync", "mkdirSync"]) guard(fs, name);
	guard(Bun, "spawn");
	guard(process, "kill");
	guard(sqlite.Database.prototype, "run");

	const prototype = sqlite.Database.prototype as unknown as {
		transaction: (work: (...args: unknown[]) => unknown) => Record<string, (...args: unknown[]) => unknown>;
	};
	const begin = prototype.transaction;
	prototype.transaction = function (this: SqliteDatabase, work) {
		const whole = begin.call(this, (...args) => {
			const result = work(...args);
			point("before the commit");
			return result;
		});
		for (const behavior of ["deferred", "immediate", "exclusive"]) {
			const run = whole[behavior]!;
			whole[behavior] = (...args) => {
				point("before the transaction");
				const result = run(...args);
				point("after the commit");
				return result;
			};
		}
		return whole;
	};
}
