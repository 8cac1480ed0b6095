/**
 * `wait` across the end of a process. The holder answers as long as it lives; what it cannot answer any more, because the worker had
 * ended before or because the holder was killed with it, is answered from the record.
 */
import { BerthError } from "../../contract/errors.ts";
import type { WaitRequest, WaitResult } from "../../contract/io.ts";
import type { Worker } from "../../contract/session.ts";
import { signalNumber } from "../../contract/signals.ts";
import { isLive, shellStatus } from "../../contract/state.ts";
import type { SessionsService } from "./sessions-service.ts";

/** Milliseconds for the daemon to record the end of a worker whose holder went without an answer, and between looks. */
const RECORDED_MS = { limit: 3000, look: 10 } as const;

/** Throws what the holder throws, and `session_ended` for anything but an exit of a worker that has ended. */
export async function waitFor(
	sessions: SessionsService,
	{ ref, wid }: { ref: string; wid?: string },
	request: WaitRequest,
	signal: AbortSignal,
): Promise<WaitResult> {
	const { id, sessionId, generation, ...before } = sessions.worker(ref, wid);
	if (!isLive(before.state) && request.exit) return exitOf(before);
	try {
		return await sessions.holder(sessionId, id).call("wait", request, null, signal);
	} catch (error) {
		if (!isAboutTheEnd(error)) throw error;
		const after = await ended(() => sessions.worker(sessionId, id), generation);
		if (after === null || (!request.exit && !isLive(before.state))) throw error;
		return exitOf(after);
	}
}

function isAboutTheEnd(error: unknown): boolean {
	return (
		error instanceof BerthError && (error.code === "holder_unreachable" || error.code === "session_ended")
	);
}

/** The worker once this start of it is over; null when it goes on, and only its holder did not answer. */
async function ended(look: () => Worker, generation: number): Promise<Worker | null> {
	for (let waited = 0; waited <= RECORDED_MS.limit; waited += RECORDED_MS.look) {
		const worker = look();
		if (worker.generation !== generation) return { ...worker, exit: null };
		if (!isLive(worker.state)) return worker;
		await Bun.sleep(RECORDED_MS.look);
	}
	return null;
}

/** The code is null when a newer start has taken the place of the one that was waited for, or when nobody can know. */
function exitOf({ exit, offset }: Pick<Worker, "exit" | "offset">): WaitResult {
	const known = exit !== null && exit.reason !== "lost";
	return {
		status: "exit",
		match: null,
		groups: [],
		offset,
		exitCode: known ? shellStatus(exit, signalNumber) : null,
	};
}
