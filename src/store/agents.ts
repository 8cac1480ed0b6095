/** Queries of agents: what a worker of that kind has besides its row in `workers`. */
import { eq } from "drizzle-orm";
import type { AgentStatus } from "../contract/agent.ts";
import { BerthError } from "../contract/errors.ts";
import { rowBy } from "./prepared.ts";
import { type AgentRow, agents } from "./schema.ts";
import type { Bookkeeping, Change, Reader } from "./store.ts";
import { workerById } from "./workers.ts";

/** How far the agent's log has been read, and how many items that made. */
export type AgentNote = Partial<Pick<AgentRow, "logGeneration" | "logOffset" | "logRecords" | "items">>;

/** What people follow of an agent; its state goes through {@link moveAgent}. */
export type AgentChange = Partial<Omit<AgentRow, "workerId" | "status" | keyof AgentNote>>;

export const agentOf = rowBy(agents, agents.workerId);

export function allAgents(read: Reader): AgentRow[] {
	return read.select().from(agents).all();
}

/** Stored in the change that makes its worker. */
export function createAgent(change: Change, row: AgentRow): void {
	change.tx.insert(agents).values(row).run();
}

/** Changes the configuration, or what the agent tells of itself. The environment is stored and never told. */
export function updateAgent(change: Change, workerId: string, patch: AgentChange): AgentRow {
	const row = found(
		change.tx.update(agents).set(patch).where(eq(agents.workerId, workerId)).returning().get(),
		workerId,
	);
	const { env: _env, ...data } = patch;
	change.record({ type: "agent.configured", ...whose(change, workerId), data });
	return row;
}

/** Gives the agent another state, with its evidence. */
export function moveAgent(change: Change, workerId: string, status: AgentStatus): void {
	const before = found(agentOf(change.tx, workerId), workerId).status;
	change.tx.update(agents).set({ status }).where(eq(agents.workerId, workerId)).run();
	const data = { ...status, from: before.state };
	change.record({ type: "agent.state", ...whose(change, workerId), data });
}

/** Newer evidence for the state that it has. */
export function noteEvidence({ tx }: Bookkeeping, workerId: string, status: AgentStatus): void {
	tx.update(agents).set({ status }).where(eq(agents.workerId, workerId)).run();
}

export function noteAgent({ tx }: Bookkeeping, workerId: string, note: AgentNote): void {
	tx.update(agents).set(note).where(eq(agents.workerId, workerId)).run();
}

function whose({ tx }: Change, workerId: string): { sessionId: string | null; workerId: string } {
	return { sessionId: workerById(tx, workerId)?.sessionId ?? null, workerId };
}

function found(row: AgentRow | undefined, workerId: string): AgentRow {
	if (!row) throw new BerthError("not_an_agent", `${workerId} is no agent`);
	return row;
}
