/** Stopping the daemon and finding out about it. Who it is says its own socket or, when it hangs, the kernel; never a pid file. */
import { readFileSync, statSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import type { Health } from "../contract/system.ts";
import {
	livingProcess,
	type ProcessIdentity,
	readProcess,
	signalProcess,
} from "../platform/processes/index.ts";
import type { Cli } from "./cli.ts";

/** Milliseconds that a daemon may take to end after SIGTERM; then it is killed. One that hangs will hardly do it by itself. */
const STOP_MS = { answering: 6000, hung: 1500 } as const;
/** Milliseconds for the kernel to clear away what was killed. */
const KILL_MS = 5000;
/** Milliseconds between looks. */
const LOOK_MS = 5;

/** Null when no daemon runs. One that is there and does not answer is an error, `daemon_unreachable`. */
export async function runningDaemon(cli: Cli): Promise<Health | null> {
	const api = await cli.runningApi();
	try {
		return await api.health();
	} catch (error) {
		if (isAbsent(error)) return null;
		throw error;
	}
}

function isAbsent(error: unknown): boolean {
	if (!(error instanceof BerthError) || error.code !== "daemon_unreachable") return false;
	const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
	return code === "ENOENT" || code === "ECONNREFUSED";
}

/**
 * Ends the daemon, also one that hangs, and waits until it is gone; false when there was none. Sessions carry on in their holders.
 */
export async function stopDaemon(cli: Cli): Promise<boolean> {
	const found = await findDaemon(cli);
	if (found === null) return false;
	const daemon = readProcess(found.pid);
	if (daemon === null) return true;
	signalProcess(daemon, "SIGTERM");
	if (await isGone(daemon, found.answers ? STOP_MS.answering : STOP_MS.hung)) return true;
	signalProcess(daemon, "SIGKILL");
	if (await isGone(daemon, KILL_MS)) return true;
	throw new BerthError(
		"stop_failed",
		`the daemon (pid ${found.pid}) cannot be ended; its system call does not return`,
	);
}

async function findDaemon(cli: Cli): Promise<{ pid: number; answers: boolean } | null> {
	try {
		const health = await runningDaemon(cli);
		return health && { pid: health.pid, answers: true };
	} catch (error) {
		const pid = lockHolder(cli.paths.daemonLock);
		if (pid === null) throw error;
		return { pid, answers: false };
	}
}

/** The process that holds the daemon's lock, by the kernel's own table (proc(5), Linux). */
function lockHolder(file: string): number | null {
	if (process.platform !== "linux") return null;
	const { ino } = statSync(file);
	for (const line of readFileSync("/proc/locks", "utf8").split("\n")) {
		// 1: FLOCK  ADVISORY  WRITE 4242 fe:00:2188822 0 EOF
		const [, kind, , , pid, device] = line.split(/\s+/);
		if (kind === "FLOCK" && device?.split(":")[2] === String(ino)) return Number(pid);
	}
	return null;
}

/** Ended, although nobody may have waited for it yet. */
async function isGone(daemon: ProcessIdentity, limitMs: number): Promise<boolean> {
	const deadline = performance.now() + limitMs;
	while (livingProcess(daemon) !== null) {
		if (performance.now() > deadline) return false;
		await Bun.sleep(LOOK_MS);
	}
	return true;
}
