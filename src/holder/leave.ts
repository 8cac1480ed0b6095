/**
 * The holder's own end. While its worker is being stopped it stays until everything below it has ended: what daemonises is adopted by
 * it and is found among its descendants by whoever stops the worker. Were it gone, such a process would be init's and nobody's.
 */
import { readFileSync } from "node:fs";
import type { Worker } from "./worker.ts";

/** Milliseconds after which it goes all the same: longer than the longest stop takes. */
const LIMIT_MS = 15_000;

/** Milliseconds that answers to calls under way are given: a wait for the exit, a run whose shell has ended. */
const ANSWERS_MS = 2000;
/** Milliseconds between looks whether they have been taken. */
const LOOK_MS = 5;

/** Call when the worker has ended and its clients have gone. A process that ended by itself may leave others running. */
export async function leave(worker: Worker, answered: () => boolean): Promise<void> {
	for (let waited = 0; !answered() && waited < ANSWERS_MS; waited += LOOK_MS) await Bun.sleep(LOOK_MS);
	if (worker.exit?.reason === "exited") process.exit(0);
	const goWhenAlone = (): void => {
		if (!hasChildren()) process.exit(0);
	};
	goWhenAlone();
	process.on("SIGCHLD", goWhenAlone);
	setTimeout(() => process.exit(0), LIMIT_MS);
}

/** Adopted ones included: the kernel gives them to the first thread. False where the system does not tell. */
function hasChildren(): boolean {
	try {
		return readFileSync(`/proc/self/task/${process.pid}/children`, "latin1") !== "";
	} catch {
		return false;
	}
}
