/**
 * What signals to the holder itself mean.
 *
 * SIGHUP, SIGINT and SIGQUIT are meant for whatever runs in the terminal of the person who started us; they end nothing here.
 * SIGTERM is how a service manager or a logout ends what a user left running: the process is hung up as if its terminal had gone,
 * then terminated, then killed, and its exit record says `stopped`.
 */
import { CLOSE_STEPS_MS } from "../contract/limits.ts";
import type { Worker } from "./worker.ts";

export function hangUpOnTerm(worker: Worker): void {
	for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});
	process.once("SIGTERM", () => {
		process.on("SIGTERM", () => {});
		hangUp(worker);
	});
}

function hangUp(worker: Worker): void {
	worker.intend("stopped");
	// A stopped job acts on a signal only when it continues.
	send(worker, ["SIGHUP", "SIGCONT"]);
	setTimeout(() => send(worker, ["SIGTERM", "SIGCONT"]), CLOSE_STEPS_MS.hangUp);
	setTimeout(() => send(worker, ["SIGKILL"]), CLOSE_STEPS_MS.hangUp + CLOSE_STEPS_MS.terminate);
}

/** To the worker's own process group and to the one in the terminal's foreground, as the kernel does at a hang-up. */
function send(worker: Worker, signals: NodeJS.Signals[]): void {
	if (worker.exit !== null) return;
	const groups = new Set([worker.pid, worker.foregroundGroup() ?? worker.pid]);
	for (const group of groups) {
		for (const signal of signals) {
			try {
				process.kill(-group, signal);
			} catch (error) {
				// ESRCH: it ended meanwhile. EPERM: a job of another user (sudo), which the terminal's hang-up ends.
				const { code } = error as NodeJS.ErrnoException;
				if (code !== "ESRCH" && code !== "EPERM") throw error;
			}
		}
	}
}
