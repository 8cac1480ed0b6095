/** Processes of this machine: who they are, which of them belong to a worker, and how to signal exactly those. */
import { BerthError } from "../../contract/errors.ts";
import { darwin } from "./darwin.ts";
import { linux } from "./linux.ts";
import type { ProcessEnd, ProcessIdentity, ProcessInfo, ProcessSystem } from "./process.ts";
import { windows } from "./windows.ts";

export type { ProcessEnd, ProcessIdentity, ProcessInfo } from "./process.ts";
export { sameProcess } from "./process.ts";

const systems: Partial<Record<NodeJS.Platform, ProcessSystem>> = { linux, darwin, win32: windows };

function system(): ProcessSystem {
	const found = systems[process.platform];
	if (!found) throw new BerthError("internal", `processes cannot be told apart on ${process.platform}`);
	return found;
}

/** Every process that can be seen. */
export function processTable(): ProcessInfo[] {
	return system().table();
}

/** One process; null when there is none of that pid. An ended one that nobody waited for is still there. */
export function readProcess(pid: number): ProcessInfo | null {
	return system().read(pid);
}

/** The process of this identity while it has not ended. */
export function livingProcess(identity: ProcessIdentity): ProcessInfo | null {
	const info = system().read(identity.pid);
	return info && info.startTime === identity.startTime && !info.ended ? info : null;
}

/** Pids of a process's children, zombies included, as they were at one moment; null where the system does not tell. */
export function childrenOf(pid: number): number[] | null {
	return system().children(pid);
}

/** Those among `candidates` that were started with exactly this `NAME=value` in their environment, by the same user. */
export function markedProcesses(candidates: readonly ProcessInfo[], entry: string): ProcessInfo[] {
	return system().marked(candidates, entry);
}

/** How a process ended that nobody has waited for yet; null when it runs, is gone, or cannot be told. */
export function endOfZombie(pid: number): ProcessEnd | null {
	return system().endOf(pid);
}

/** Foreground process group of the process's controlling terminal; null without one. */
export function foregroundGroupOf(pid: number): number | null {
	const group = system().read(pid)?.foregroundGroup ?? -1;
	return group > 0 ? group : null;
}

/** Names this boot. */
export function bootId(): string {
	return system().bootId();
}

export type SignalOutcome = "sent" | "gone" | "refused";

/**
 * Signals the process of this identity and no other: its start time is read again first. `refused` is a process of another user.
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): SignalOutcome {
	if (livingProcess(identity) === null) return "gone";
	try {
		process.kill(identity.pid, signal);
		return "sent";
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ESRCH") return "gone";
		if (code === "EPERM") return "refused";
		throw error;
	}
}
