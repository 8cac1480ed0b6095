/** What is left of a run of tests: processes that know its folder. Linux only; elsewhere nothing is found. */
import { readdirSync, readFileSync } from "node:fs";

export interface Leftover {
	pid: number;
	command: string;
}

/** Processes whose environment or command line names the folder, but for this one. */
export function leftoverProcesses(folder: string): Leftover[] {
	if (process.platform !== "linux") return [];
	const found: Leftover[] = [];
	for (const entry of readdirSync("/proc")) {
		if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
		try {
			const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
			const environment = readFileSync(`/proc/${entry}/environ`, "utf8");
			if (command.includes(folder) || environment.includes(folder))
				found.push({ pid: Number(entry), command });
		} catch {
			// It ended while it was looked at, or belongs to somebody else.
		}
	}
	return found;
}

/** Ends them, again until there are none: one may have been starting another. Throws on one that may not be ended. */
export function endLeftovers(folder: string): void {
	for (let left = leftoverProcesses(folder); left.length > 0; left = leftoverProcesses(folder)) {
		for (const { pid } of left) {
			try {
				process.kill(pid, "SIGKILL");
			} catch (error) {
				// It ended meanwhile.
				if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
			}
		}
		Bun.sleepSync(50);
	}
}
