/** Which worker is meant where an agent is asked for: the one that is named, else the session's agent. */
import { BerthError } from "../../../contract/errors.ts";
import { agentOf } from "../../../store/agents.ts";
import type { AgentRow, SessionRow, WorkerRow } from "../../../store/schema.ts";
import type { Reader } from "../../../store/store.ts";
import { workersOf } from "../../../store/workers.ts";
import { findSession, findWorker } from "../references.ts";

export interface AgentTarget {
	session: SessionRow;
	worker: WorkerRow;
	agent: AgentRow;
}

/**
 * The worker that is named, else the primary worker if it is an agent, else the session's only agent. Throws `not_an_agent`, or
 * `ambiguous_reference` when several could be meant.
 */
export function findAgent(read: Reader, ref: string, workerRef?: string): AgentTarget {
	const session = findSession(read, ref);
	const worker = workerRef === undefined ? agentIn(read, session) : findWorker(read, session, workerRef);
	const agent = agentOf(read, worker.id);
	if (!agent) {
		const detail = `${session.name}/${worker.name} is a terminal; see the agents of a session with berth info`;
		throw new BerthError("not_an_agent", detail);
	}
	return { session, worker, agent };
}

/** As {@link findAgent}, of an agent whose messages are known one by one; `not_an_agent` for one in a terminal. */
export function findStructuredAgent(read: Reader, ref: string, workerRef?: string): AgentTarget {
	const target = findAgent(read, ref, workerRef);
	if (target.agent.driver !== "pty") return target;
	const name = `${target.session.name}/${target.worker.name}`;
	const detail = `${name} has a screen and no list of messages: berth output ${name} shows what it said`;
	throw new BerthError("not_an_agent", detail);
}

function agentIn(read: Reader, session: SessionRow): WorkerRow {
	const workers = workersOf(read, session.id);
	const agents = workers.filter(({ kind }) => kind === "agent");
	const primary = agents.find(({ position }) => position === 0);
	if (primary) return primary;
	const [only, another] = agents;
	if (!only) {
		const advice = `berth worker add ${session.name} --agent claude`;
		throw new BerthError("not_an_agent", `${session.name} has no agent; add one: ${advice}`);
	}
	if (!another) return only;
	const names = agents.map(({ name }) => `${session.name}/${name}`).join(", ");
	throw new BerthError("ambiguous_reference", `${session.name} has several agents; name one: ${names}`);
}
