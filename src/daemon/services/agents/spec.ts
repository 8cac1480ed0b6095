/** How the holder of a structured agent is to drive it, by what is stored of it. */
import type { AgentSpec } from "../../../contract/agent-log.ts";
import { PERMISSION_TIMEOUT_MS } from "../../../contract/limits.ts";
import { agentOf } from "../../../store/agents.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";

/** null for a terminal, and for an agent in one. */
export function agentSpec(
	{ store, paths }: Pick<ControlContext, "store" | "paths">,
	{ id, kind }: WorkerRow,
): AgentSpec | null {
	const row = kind === "agent" ? agentOf(store.read, id) : undefined;
	if (!row || row.driver === "pty") return null;
	const { driver, model, mode, conversation } = row;
	return {
		...{ driver, model, mode, conversation },
		permissionTimeoutMs: PERMISSION_TIMEOUT_MS,
		imagesDir: paths.images,
	};
}
