/**
 * Changing an agent's configuration. An agent that runs is told of another model or mode at once, and only what it took is stored;
 * arguments and environment wait for its next start. What is refused changes nothing.
 */
import type { AgentPatch } from "../../../contract/agent-start.ts";
import { BerthError } from "../../../contract/errors.ts";
import { isLive } from "../../../contract/state.ts";
import type { HolderClient } from "../../../link/client.ts";
import { type AgentChange, agentOf } from "../../../store/agents.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";
import type { AgentReach, Wanted } from "./change.ts";
import { changeOf, checkChange } from "./planning.ts";
import { changeOnScreen } from "./screen-change.ts";

/** Milliseconds that an agent may take to change its model or mode. */
const CONFIGURE_MS = 30_000;

/** What an agent that runs is told. */
type Choice = Pick<AgentPatch, "model" | "mode">;

/**
 * What is to be stored, after the agent has taken what it has to take; null when nothing changes, or all of it is stored already. Throws
 * `not_an_agent`, `bad_request`, `agent_refused`, `would_interrupt`, and what the holder and a restart say.
 */
export async function configureAgent(
	context: ControlContext,
	worker: WorkerRow,
	{ patch, now }: Wanted,
	reach: AgentReach,
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
	let told: Choice = choice;
	if (before.driver === "pty") await changeOnScreen(context, worker, { patch, choice, now }, reach);
	else told = await tell(reach.holderOf(worker.id), choice);
	// The agent's log, or a restart, may have told it by now; then it is stored already.
	return changeOf(agentOf(context.store.read, worker.id) ?? before, { ...patch, ...told });
}

/** What the agent calls it. */
async function tell(client: HolderClient, choice: { model?: string; mode?: string }): Promise<Choice> {
	const taken = await client.call("agentConfigure", choice, CONFIGURE_MS);
	return {
		...(choice.model ? { model: taken.model ?? choice.model } : {}),
		...(choice.mode ? { mode: taken.mode ?? choice.mode } : {}),
	};
}
