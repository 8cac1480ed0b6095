/** Stopping the daemon and finding out about it. Who it is says its own socket, never a pid file. */
import { BerthError } from "../contract/errors.ts";
import type { Health } from "../contract/system.ts";
import type { Cli } from "./cli.ts";

/** Milliseconds that a daemon may take to end after SIGTERM: it only closes listeners and the database. */
const STOP_MS = 10_000;
/** Milliseconds between looks. */
const LOOK_MS = 5;

/** Null when no daemon runs. One that is there and does not answer is an error. */
export async function runningDaemon(cli: Cli): Promise<Health | null> {
	const api = await cli.runningApi();
	try {
		return await api.health();
	} catch (error) {
		const { cause } = error as { cause?: { code?: string } };
		const nobody = error instanceof BerthError && error.code === "daemon_unreachable";
		if (nobody && (cause?.code === "ENOENT" || cause?.code === "ECONNREFUSED")) return null;
		throw error;
	}
}

/** Ends it and waits until it is gone; sessions carry on in their holders. */
export async function stopDaemon({ pid }: Health): Promise<void> {
	process.kill(pid, "SIGTERM");
	const deadline = performance.now() + STOP_MS;
	while (isAlive(pid)) {
		if (performance.now() > deadline) {
			throw new BerthError(
				"stop_failed",
				`the daemon (pid ${pid}) does not end; kill -9 ${pid} ends it, sessions keep running`,
			);
		}
		await Bun.sleep(LOOK_MS);
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
