/** Signals a process group, and says truly what became of it. */
import { BerthError } from "../contract/errors.ts";
import type { SignalName } from "../contract/signals.ts";

/** Returns the group. Throws `session_ended` when there is none (any more), `stop_failed` when it is another user's. */
export function signalGroup(group: number | null, signal: SignalName): number {
	if (group === null)
		throw new BerthError("session_ended", "the process has ended; there is nothing to signal");
	try {
		process.kill(-group, `SIG${signal}`);
	} catch (error) {
		const gone = (error as NodeJS.ErrnoException).code === "ESRCH";
		const why = gone ? "ended meanwhile" : `does not take signals from us: ${(error as Error).message}`;
		throw new BerthError(gone ? "session_ended" : "stop_failed", `process group ${group} ${why}`);
	}
	return group;
}
