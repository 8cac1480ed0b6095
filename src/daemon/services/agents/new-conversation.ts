/**
 * Conversations whose id Berth chooses: an agent that takes one at its start (`{{newConversation}}`) need not tell which it has. It can be
 * gone on with as soon as something was said in it, and not before.
 */
import type { Event } from "../../../contract/system.ts";
import { agentOf, updateAgent } from "../../../store/agents.ts";
import type { Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";

/** The id for a worker's start: a UUID (version 8), always the same one for the same start. */
export function newConversation(workerId: string, generation: number): string {
	const digest = new Bun.CryptoHasher("sha256").update(`${workerId} ${generation}`).digest("hex");
	const parts = [
		digest.slice(0, 8),
		digest.slice(8, 12),
		`8${digest.slice(12, 15)}`,
		`8${digest.slice(15, 18)}`,
	];
	return [...parts, digest.slice(18, 30)].join("-");
}

/** Whether the agent has begun to work, or has finished a prompt: then something was said. */
export function hasSpoken({ type, workerId, data }: Event): boolean {
	if (workerId === null) return false;
	return (
		(type === "agent.state" && data.state === "busy") ||
		(type === "prompt.ended" && data.state === "completed")
	);
}

/** Something was said to the agent: keeps the id that it was started with, if it was started with one. */
export function noteBegun(store: Store, workerId: string): void {
	const worker = workerById(store.read, workerId);
	const agent = agentOf(store.read, workerId);
	if (!worker || agent?.driver !== "pty" || agent.conversation !== null) return;
	const conversation = newConversation(workerId, worker.generation);
	if (!worker.command.includes(conversation)) return;
	store.change((change) => updateAgent(change, workerId, { conversation }));
}
