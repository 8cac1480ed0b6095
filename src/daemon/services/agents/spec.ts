/** What an agent's start needs besides its command, by what is stored of it. */
import type { AgentSpec } from "../../../contract/agent-log.ts";
import { agentOf } from "../../../store/agents.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";
import { writeHookFile } from "./wiring/wiring.ts";

/** How its holder is to drive it; null for a terminal, and for an agent in one. */
export function agentSpec(
	{ store, paths, settings }: Pick<ControlContext, "store" | "paths" | "settings">,
	{ id, kind }: WorkerRow,
): AgentSpec | null {
	const row = kind === "agent" ? agentOf(store.read, id) : undefined;
	if (!row || row.driver === "pty") return null;
	const { driver, chosenModel: model, chosenMode: mode, conversation } = row;
	return {
		...{ driver, model, mode, conversation },
		permissionTimeoutMs: settings.permissionTimeoutSeconds * 1000,
		startTimeoutMs: settings.agentStartTimeoutSeconds * 1000,
		imagesDir: paths.images,
	};
}

/** Writes the file that wires its hooks in; its definition may have been removed since it was started. */
export function writeSettings(context: ControlContext, { id }: WorkerRow): void {
	const row = agentOf(context.store.read, id);
	if (row?.driver !== "pty") return;
	const { hooks } = context.definitions.known(row.definition)?.manifest ?? {};
	if (hooks !== undefined) writeHookFile(context, hooks, id);
}
