/** A change of an agent's configuration, as those who make it hand it on. */
import type { AgentPatch, RestartOptions } from "../../../contract/agent-start.ts";
import type { HolderClient } from "../../../link/client.ts";
import type { WorkerRow } from "../../../store/schema.ts";

/** What a change needs of whoever has the workers. */
export interface AgentReach {
	/** Throws when the holder cannot be reached. */
	holderOf(workerId: string): HolderClient;
	/** As Lifecycle.restart. */
	restart(workerId: string, options: RestartOptions): Promise<WorkerRow>;
}

/** What is asked for, and whether the agent may be interrupted for it. */
export interface Wanted {
	patch: AgentPatch;
	now: boolean;
}
