/**
 * `wait` for an agent's state, alone or together with what its terminal's holder waits for: the first that comes counts. The state is listened
 * to before the input is written, and looked at only after that, so that nothing in between is missed.
 */
import { BerthError } from "../../../contract/errors.ts";
import type { DaemonWaitRequest, WaitRequest, WaitResult } from "../../../contract/io.ts";
import { WAIT_LIMITS_MS } from "../../../contract/limits.ts";
import type { Worker } from "../../../contract/session.ts";
import { signalNumber } from "../../../contract/signals.ts";
import { isLive, shellStatus } from "../../../contract/state.ts";
import type { AgentState } from "../../../contract/words.ts";
import { agentOf } from "../../../store/agents.ts";
import type { Store } from "../../../store/store.ts";
import { HOLDER_ANSWER_MS } from "../reading.ts";
import type { SessionsService } from "../sessions-service.ts";
import { waitFor } from "../wait-for-exit.ts";
import { findAgent } from "./target.ts";

interface Parts {
	store: Store;
	sessions: SessionsService;
}

/**
 * Throws what the holder throws, `not_an_agent` for a state of a terminal, and `session_ended` for a state that an agent which has ended
 * cannot come into.
 */
export async function waitForAny(
	{ store, sessions }: Parts,
	target: { ref: string; wid?: string },
	{ state, ...request }: DaemonWaitRequest,
	signal: AbortSignal,
): Promise<WaitResult> {
	if (state === undefined) return await waitFor(sessions, target, request, signal);
	const { session, worker } = findAgent(store.read, target.ref, target.wid);
	const given = new AbortController();
	const patience = AbortSignal.any([signal, given.signal]);
	const place = { ref: session.id, wid: worker.id };
	const { input, timeoutMs = WAIT_LIMITS_MS.wait } = request;
	if (input !== undefined) checkLive(sessions, place);
	const waits = [
		forState({ store, sessions }, place, { state, fresh: input !== undefined, timeoutMs }, patience),
	];
	try {
		if (forHolder(request)) waits.push(waitFor(sessions, place, { ...request, timeoutMs: 0 }, patience));
		else if (input !== undefined) await type(sessions, place, input);
		return await Promise.race(waits);
	} finally {
		given.abort();
		// The one that came second has nobody to tell.
		for (const wait of waits) wait.catch(() => {});
	}
}

interface StateWait {
	state: readonly AgentState[];
	/** Only a state that it comes into from now on counts. */
	fresh: boolean;
	timeoutMs: number;
}

function forState(
	{ store, sessions }: Parts,
	{ ref, wid }: { ref: string; wid: string },
	{ state, fresh, timeoutMs }: StateWait,
	signal: AbortSignal,
): Promise<WaitResult> {
	const { promise, resolve, reject } = Promise.withResolvers<WaitResult>();
	const look = (): void => {
		try {
			const status = agentOf(store.read, wid)?.status.state;
			const worker = sessions.worker(ref, wid);
			if (status !== undefined && state.includes(status))
				resolve({ ...ended("state", worker), state: status });
			else if (!isLive(worker.state) && status === "exited") resolve(ended("exit", worker));
		} catch (error) {
			reject(error);
		}
	};
	const stopListening = store.onEvents((events) => {
		if (
			events.some(
				({ type, workerId }) => workerId === wid && (type === "agent.state" || type === "worker.updated"),
			)
		)
			look();
		else if (events.some(({ type, sessionId }) => sessionId === ref && type === "session.deleted")) look();
	});
	const giveUp = (): void => resolve(ended("timeout", sessions.worker(ref, wid)));
	const timer = timeoutMs > 0 ? setTimeout(giveUp, timeoutMs) : null;
	signal.addEventListener("abort", giveUp, { once: true });
	if (!fresh) look();
	return promise.finally(() => {
		if (timer) clearTimeout(timer);
		signal.removeEventListener("abort", giveUp);
		stopListening();
	});
}

function ended(status: WaitResult["status"], { exit, offset }: Worker): WaitResult {
	const code =
		status === "exit" && exit !== null && exit.reason !== "lost" ? shellStatus(exit, signalNumber) : null;
	return { status, match: null, groups: [], offset, exitCode: code };
}

/** Whether there is anything in it that a holder waits for. */
function forHolder({ text, regex, idleMs, prompt, exit }: WaitRequest): boolean {
	return (
		text !== undefined || regex !== undefined || idleMs !== undefined || prompt === true || exit === true
	);
}

function checkLive(sessions: SessionsService, { ref, wid }: { ref: string; wid: string }): void {
	const { name, state } = sessions.worker(ref, wid);
	if (!isLive(state)) throw new BerthError("session_ended", `${name} has ended; restart it to go on`);
}

async function type(
	sessions: SessionsService,
	{ ref, wid }: { ref: string; wid: string },
	input: string,
): Promise<void> {
	const data = Buffer.from(input).toString("base64");
	await sessions.holder(ref, wid).call("input", { data }, HOLDER_ANSWER_MS);
}
