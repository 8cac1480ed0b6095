/** The folder of a run of tests, and what is left of the run: processes that know that folder (Linux only; elsewhere none are found). */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { environOf, linux } from "../src/platform/processes/linux.ts";

/** Milliseconds between two looks at what was killed. */
const KILL_AGAIN_MS = 20;

/** Signals by which a person or a machine ends a run. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Makes the run's folder. The caller owes it a `closeScratch`; a signal that ends the run pays that debt as well, since the runner's children
 * may be gone by then without having ended what they started.
 */
export function openScratch(): string {
	// Short, because unix socket paths are short.
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "bt-")));
	for (const name of ENDINGS) {
		process.on(name, () => {
			closeScratch(folder);
			process.exit(128 + constants.signals[name]);
		});
	}
	return folder;
}

/** Ends every process of the run and removes its folder. Without a limit and without the event loop: a signal may be ending the run. */
export function closeScratch(folder: string): void {
	while (killLeftovers(folder).length > 0) Bun.sleepSync(KILL_AGAIN_MS);
	rmSync(folder, { recursive: true, force: true });
}

export interface Leftover {
	pid: number;
	command: string;
}

/** Processes whose environment or command line names the folder, but for this one. */
export function leftoverProcesses(folder: string): Leftover[] {
	if (process.platform !== "linux") return [];
	const found: Leftover[] = [];
	for (const { pid } of linux.table()) {
		if (pid === process.pid) continue;
		const environment = environOf(pid);
		const command = commandOf(pid);
		if (command.includes(folder) || environment.includes(folder)) found.push({ pid, command });
	}
	return found;
}

/** The words of its command line; "" for one that has ended or belongs to somebody else. */
function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
	} catch {
		return "";
	}
}

/** Ends them, again until there are none: one may have been starting another. Throws past the limit, and on one that may not be ended. */
export async function endLeftovers(folder: string, limitMs: number): Promise<void> {
	const deadline = performance.now() + limitMs;
	for (let left = killLeftovers(folder); left.length > 0; left = killLeftovers(folder)) {
		if (performance.now() > deadline) {
			throw new Error(
				`these processes do not end: ${left.map(({ pid, command }) => `${pid} ${command}`).join("; ")}`,
			);
		}
		await Bun.sleep(KILL_AGAIN_MS);
	}
}

/** Kills what is left, and says what that was. */
function killLeftovers(folder: string): Leftover[] {
	const left = leftoverProcesses(folder);
	for (const { pid } of left) signalProcess(pid, "SIGKILL");
	return left;
}

/** Nothing when it has ended already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}
