/**
 * Ends a set of processes, step by step, and tells truly whether it is gone. The set may grow while it is being ended: it is looked
 * at again until a look finds nothing.
 */
import { livingProcess, type ProcessIdentity, type ProcessInfo, signalProcess } from "./index.ts";

export interface EndingStep {
	/** Sent in this order to each process, once per step. */
	signals: readonly NodeJS.Signals[];
	/** Milliseconds until the next step. */
	withinMs: number;
}

export interface Looking {
	/** Takes a full look: the processes that have not ended. */
	look(): ProcessInfo[];
	/** Takes a look that costs little and need not find all. */
	glance(): ProcessInfo[];
}

export interface EndingClock {
	/** Milliseconds that only grow. */
	now(): number;
	sleep(ms: number): Promise<void>;
}

/** Milliseconds between checks whether what was signalled has ended: short at first, because a healthy shell ends in a few. */
const CHECK_FIRST_MS = 1;
const CHECK_LONGEST_MS = 20;

/** Milliseconds between full looks while known processes are still ending; what they start meanwhile is signalled then. */
const LOOK_EVERY_MS = 100;

/** Looks, and glances between two of them, that a kill takes to stand a tree still. A tree that grows faster than this is killed as far as it is known, and again. */
const FREEZE_LOOKS = 20;
const FREEZE_GLANCES = 100;

/**
 * Takes the steps until no process is left; `overtaken` skips to the end at once. Returns what is left after the last step: empty
 * when the tree is gone.
 */
export async function endProcesses(
	tree: Looking,
	steps: readonly EndingStep[],
	clock: EndingClock,
	overtaken: () => boolean = () => false,
): Promise<ProcessInfo[]> {
	let left = tree.look();
	for (const step of steps) {
		const deadline = clock.now() + step.withinMs;
		const signalled = new Set<string>();
		while (left.length > 0) {
			left = signalAll(tree, left, step, signalled);
			if (clock.now() >= deadline || overtaken()) break;
			await waitForEnd(left, Math.min(deadline, clock.now() + LOOK_EVERY_MS), clock, overtaken);
			left = tree.look();
		}
		if (left.length === 0 || overtaken()) break;
	}
	return left;
}

/** Signals those of this step that were not yet; returns the tree as it is then known. */
function signalAll(
	tree: Looking,
	found: ProcessInfo[],
	step: EndingStep,
	signalled: Set<string>,
): ProcessInfo[] {
	const members = step.signals.includes("SIGKILL") ? freeze(tree, found) : found;
	for (const member of members) {
		const key = keyOf(member);
		if (signalled.has(key)) continue;
		signalled.add(key);
		for (const signal of step.signals) signalProcess(member, signal);
	}
	return members;
}

/**
 * Stops every process before the first is killed. A killed parent's child goes to init, where nothing may tell whose it was; a
 * stopped parent keeps its children and starts no more. Glances catch what has left its parent again by the end of a look.
 */
function freeze(tree: Looking, found: ProcessInfo[]): ProcessInfo[] {
	const stopped = new Map<string, ProcessInfo>();
	const stopNew = (members: ProcessInfo[]): boolean => {
		const fresh = members.filter((member) => !stopped.has(keyOf(member)));
		for (const member of fresh) {
			signalProcess(member, "SIGSTOP");
			stopped.set(keyOf(member), member);
		}
		return fresh.length > 0;
	};
	stopNew(found);
	for (let look = 0; look < FREEZE_LOOKS; look++) {
		for (let glance = 0; glance < FREEZE_GLANCES && stopNew(tree.glance()); glance++);
		if (!stopNew(tree.look())) break;
	}
	return [...stopped.values()];
}

function keyOf({ pid, startTime }: ProcessIdentity): string {
	return `${pid}:${startTime}`;
}

/** Resolves when all have ended, or at the deadline. */
async function waitForEnd(
	members: readonly ProcessIdentity[],
	deadline: number,
	clock: EndingClock,
	overtaken: () => boolean,
): Promise<void> {
	let pause = CHECK_FIRST_MS;
	let waiting = members;
	while (!overtaken()) {
		waiting = waiting.filter((member) => livingProcess(member) !== null);
		const rest = deadline - clock.now();
		if (waiting.length === 0 || rest <= 0) return;
		await clock.sleep(Math.min(pause, rest));
		pause = Math.min(pause * 2, CHECK_LONGEST_MS);
	}
}
