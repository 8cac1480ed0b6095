/**
 * Changing an agent's configuration. A structured agent that runs is told of another model or mode at once, and only what it took is
 * stored; arguments and environment wait for its next start. What is refused changes nothing.
 */
import type { AgentPatch } from "../../../contract/agent.ts";
import { BerthError } from "../../../contract/errors.ts";
import { isLive } from "../../../contract/state.ts";
import type { HolderClient } from "../../../link/client.ts";
import { type AgentChange, agentOf } from "../../../store/agents.ts";
import type { AgentRow, WorkerRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";
import { changeOf, checkChange } from "./planning.ts";

/** Milliseconds that an agent may take to change its model or mode. */
const CONFIGURE_MS = 30_000;

/**
 * What is to be stored, after the agent has taken what it has to take; null when nothing changes. Throws `not_an_agent`, `bad_request`,
 * `agent_refused`, and what the holder says. `holderOf` throws when the holder cannot be reached.
 */
export async function configureAgent(
	context: ControlContext,
	worker: WorkerRow,
	patch: AgentPatch,
	holderOf: (workerId: string) => HolderClient,
): Promise<AgentChange | null> {
	const before = agentOf(context.store.read, worker.id);
	if (!before)
		throw new BerthError("not_an_agent", `${worker.name} is a terminal: it has neither a model nor a mode`);
	const change = changeOf(before, patch);
	if (change === null) return null;
	checkChange(context, before, change);
	if (!isLive(worker.state)) return change;
	const choice = {
		...(change.model ? { model: change.model } : {}),
		...(change.mode ? { mode: change.mode } : {}),
	};
	if (Object.keys(choice).length === 0) return change;
	checkStructured(worker, before);
	const taken = await holderOf(worker.id).call("agentConfigure", choice, CONFIGURE_MS);
	// The agent's log may have told it by now; then it is stored, and told, already.
	return changeOf(agentOf(context.store.read, worker.id) ?? before, {
		...patch,
		...(choice.model ? { model: taken.model ?? choice.model } : {}),
		...(choice.mode ? { mode: taken.mode ?? choice.mode } : {}),
	});
}

function checkStructured({ name }: WorkerRow, { driver }: AgentRow): void {
	if (driver !== "pty") return;
	throw new BerthError(
		"agent_refused",
		`${name} runs in a screen of its own: change it there, or start it again with the change (berth restart --model, --mode)`,
	);
}
