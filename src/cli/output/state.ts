/** How a worker's state and end are told. */
import type { AgentStatus, Evidence } from "../../contract/agent.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { type Exit, isLive } from "../../contract/state.ts";
import type { AgentState } from "../../contract/words.ts";
import { printable } from "../text/printable.ts";
import { formatSpan } from "../text/time.ts";
import type { Style } from "./style.ts";

/** `exited 7`, `killed`, `exited SEGV`, `lost`: what somebody wants to know in one or two words. */
export function exitText({ state, exit }: Pick<Worker, "state" | "exit">): string {
	if (exit === null) return state;
	if (exit.reason === "exited") return `exited ${exitValue(exit)}`;
	return exit.reason;
}

export function exitValue(exit: Exit): string {
	if (exit.code !== null) return String(exit.code);
	return exit.signal ?? "?";
}

export function stateColour(worker: Worker, style: Style): (text: string) => string {
	if (worker.kind === "agent" && isLive(worker.state)) return agentColour(worker.agent.status.state, style);
	if (worker.state === "running") return style.green;
	if (isLive(worker.state)) return style.yellow;
	if (worker.state === "lost" || (worker.exit?.reason === "exited" && worker.exit.code !== 0))
		return style.red;
	return style.dim;
}

/** The more somebody has to do about it, the earlier. */
const urgency: readonly AgentState[] = [
	"needs-permission",
	"needs-input",
	"unknown",
	"busy",
	"starting",
	"idle",
	"exited",
];

/** Cyan works, green is free, yellow waits for somebody. */
function agentColour(state: AgentState, style: Style): (text: string) => string {
	if (state === "needs-permission" || state === "needs-input") return style.yellow;
	if (state === "busy") return style.cyan;
	return state === "idle" ? style.green : style.dim;
}

/** One worker's state: an agent's is what it does, with the time since when; of one that has ended, how. */
export function workerStateText(worker: Worker, now: number): string {
	if (!isLive(worker.state)) return exitText(worker);
	return worker.kind === "agent" ? agentStateText(worker.agent.status, now) : worker.state;
}

export function agentStateText({ state, since }: AgentStatus, now: number): string {
	return `${state} ${formatSpan(now - since)}`;
}

/** `hook PreToolUse, 12s ago: Bash` */
export function evidenceText({ kind, rule, text, at }: Evidence, now: number): string {
	const what = kind === "none" ? rule : `${kind} ${rule}`;
	const quoted = text === null ? "" : `: ${printable(text)}`;
	return `${what}, ${formatSpan(now - at)} ago${quoted}`;
}

/** The worker that a session's state is told by: the agent that wants most, else its first worker. */
export function tellingWorker({ workers }: Pick<Session, "workers">): Worker | undefined {
	const agents = workers.filter((worker) => worker.kind === "agent" && isLive(worker.state));
	const rank = (worker: Worker): number =>
		worker.kind === "agent" ? urgency.indexOf(worker.agent.status.state) : urgency.length;
	return agents.sort((a, b) => rank(a) - rank(b))[0] ?? workers[0];
}

/** A few words for a whole session: what its agent does, else its primary worker's state, or how it ended. */
export function stateText(session: Pick<Session, "workers" | "pausedAt">, now: number): string {
	const worker = tellingWorker(session);
	if (!worker) return "";
	if (session.pausedAt !== undefined) return "paused";
	return workerStateText(worker, now);
}
