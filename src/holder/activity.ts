/**
 * Tells subscribers that there was output: how much by now, and when. A status a second at most, and none while the process is quiet,
 * so that a list of sessions is fresh without anybody asking a hundred holders.
 */
import { statusOf } from "./status.ts";
import type { Worker } from "./worker.ts";

/** Milliseconds from the first output to the status that tells of it and of what came after. */
const INTERVAL_MS = 1000;

export function tellActivity(worker: Worker): void {
	let timer: Timer | null = null;
	const stopListening = worker.onOutput(() => {
		timer ??= setTimeout(() => {
			timer = null;
			worker.notices.tell({ kind: "status", status: statusOf(worker) });
		}, INTERVAL_MS);
	});
	worker.onExit(() => {
		stopListening();
		if (timer) clearTimeout(timer);
	});
}
