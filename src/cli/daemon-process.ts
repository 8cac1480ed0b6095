/** Stopping the daemon and finding out about it. Who it is says its own socket or, when it hangs, the kernel; never a pid file. */
import { readFileSync, statSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import type { Health } from "../contract/system.ts";
import type { Cli } from "./cli.ts";

/** Milliseconds that a daemon may take to end after SIGTERM, whatever it is doing; then it is killed. */
const STOP_MS = 6000;
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
	const pid = await daemonPid(cli);
	if (pid === null) return false;
	process.kill(pid, "SIGTERM");
	if (await isGone(pid, STOP_MS)) return true;
	process.kill(pid, "SIGKILL");
	if (await isGone(pid, KILL_MS)) return true;
	throw new BerthError(
		"stop_failed",
		`the daemon (pid ${pid}) cannot be ended; its system call does not return`,
	);
}

async function daemonPid(cli: Cli): Promise<number | null> {
	try {
		return (await runningDaemon(cli))?.pid ?? null;
	} catch (error) {
		const holder = lockHolder(cli.paths.daemonLock);
		if (holder === null) throw error;
		return holder;
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

async function isGone(pid: number, limitMs: number): Promise<boolean> {
	const deadline = performance.now() + limitMs;
	while (exists(pid)) {
		if (performance.now() > deadline) return false;
		await Bun.sleep(LOOK_MS);
	}
	return true;
}

function exists(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
