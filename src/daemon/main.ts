/**
 * `berth daemon serve`: the daemon as a process. Says once on standard output whether it is ready, for whoever started it; after that
 * its log is the file.
 */
import { writeSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import { loadSettings } from "../platform/config.ts";
import { ensurePrivateDir } from "../platform/files.ts";
import { pathsFrom } from "../platform/paths.ts";
import { selfArgv } from "../platform/self.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LogFile } from "./log.ts";

/** Milliseconds for a stop; what then still hangs is left to the kernel, sessions are not concerned. */
const STOP_LIMIT_MS = 5000;

export async function runDaemon(argv: readonly string[]): Promise<void> {
	let log: LogFile | null = null;
	try {
		if (argv.length > 0)
			throw new BerthError("bad_request", `daemon serve takes no arguments, not ${argv.join(" ")}`);
		const paths = pathsFrom(process.env);
		ensurePrivateDir(paths.state);
		log = new LogFile(paths.daemonLog, Date.now);
		const { write } = log;
		process.on("unhandledRejection", (reason) => write("error", `unhandled: ${stackOf(reason)}`));
		process.on("uncaughtException", (error) => {
			write("error", `the daemon ends after a fault of its own; sessions go on: ${stackOf(error)}`);
			process.exit(1);
		});
		const daemon = await startDaemon({
			paths,
			settings: loadSettings(paths, process.env),
			env: process.env,
			selfArgv,
			log: write,
			now: Date.now,
			monotonic: () => performance.now(),
		});
		write("info", "ready", {
			version: VERSION,
			pid: process.pid,
			url: daemon.url,
			socket: paths.daemonSocket,
		});
		say({ ready: true, pid: process.pid });
		stopOnSignals(daemon, log);
	} catch (thrown) {
		const error = BerthError.from(thrown);
		log?.write("error", `cannot start: ${error.code === "internal" ? stackOf(thrown) : error.message}`);
		say({ ready: false, problem: error.toProblem() });
		process.exit(1);
	}
}

function stopOnSignals(daemon: Daemon, log: LogFile): void {
	let stopping = false;
	const stop = async (signal: string): Promise<void> => {
		if (stopping) return;
		stopping = true;
		log.write("info", `stopping on ${signal}; sessions go on`);
		setTimeout(() => {
			log.write("warn", "the stop took too long and was cut short");
			process.exit(0);
		}, STOP_LIMIT_MS);
		await daemon.stop();
		log.write("info", "stopped");
		process.exit(0);
	};
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
}

/** One line for the starter, who may have gone. */
function say(line: object): void {
	try {
		writeSync(1, `${JSON.stringify(line)}\n`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
	}
}

function stackOf(thrown: unknown): string {
	return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
