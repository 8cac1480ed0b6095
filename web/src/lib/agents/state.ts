/** An agent's state for people: a word, and how much it wants somebody. */
import type { AgentState } from "../../../../src/contract/words.ts";
import type { Agent, AgentWorker, Session, Worker } from "../types.ts";

/** `calling`: it waits for a person. */
export type Urgency = "calling" | "working" | "resting" | "gone";

const words: Record<AgentState, string> = {
	starting: "starting",
	busy: "working",
	idle: "idle",
	"needs-input": "needs input",
	"needs-permission": "needs permission",
	exited: "ended",
	unknown: "unknown",
};

const urgencies: Record<AgentState, Urgency> = {
	starting: "working",
	busy: "working",
	idle: "resting",
	"needs-input": "calling",
	"needs-permission": "calling",
	exited: "gone",
	unknown: "resting",
};

export const stateWord = (state: AgentState): string => words[state];
export const urgency = (state: AgentState): Urgency => urgencies[state];

/** The agents of a session that run or ran in it, in its order. */
export function agentsOf(session: Session): { workerId: string; name: string; agent: Agent }[] {
	return session.workers.flatMap((worker) =>
		worker.kind === "agent" ? [{ workerId: worker.id, name: worker.name, agent: worker.agent }] : [],
	);
}

/** Its messages are known one by one; else it is a program in a terminal. */
export function isStructured(worker: Worker): worker is AgentWorker {
	return worker.kind === "agent" && worker.agent.driver !== "pty";
}

/** Why it is believed, for a tooltip. */
export function evidenceText({ status }: Agent): string {
	const { kind, rule, text } = status.evidence;
	return text === null ? `${kind}: ${rule}` : `${kind}: ${rule} — “${text}”`;
}
