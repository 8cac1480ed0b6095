/** The holder's own log: standard error, which the daemon pointed at the worker's `holder.log`. For failures that end nothing. */
import { writeSync } from "node:fs";

/** Different messages counted; more than this many kinds of failure are one mess. */
const KINDS_LIMIT = 100;

/**
 * Returns a function that logs. A failure that repeats with every chunk of output is written at its 1st, 2nd, 4th, 8th … time, so
 * that the log stays small whatever goes wrong.
 */
export function openLog(now: () => number): (failure: unknown) => void {
	const counts = new Map<string, number>();
	return (failure) => {
		const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
		const kind = failure instanceof Error ? failure.message : text;
		if (!counts.has(kind) && counts.size >= KINDS_LIMIT) return;
		const count = (counts.get(kind) ?? 0) + 1;
		counts.set(kind, count);
		if ((count & (count - 1)) !== 0) return;
		const times = count > 1 ? ` (${count} times)` : "";
		try {
			writeSync(2, `${new Date(now()).toISOString()} ${text}${times}\n`);
		} catch {
			// The log's disk is full or its pipe is closed: there is nobody left to tell.
		}
	};
}
