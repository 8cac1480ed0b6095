/** An agent as the API shows it: all of it is stored, so that a list of sessions waits for nobody. */
import type { Agent } from "../../../contract/agent.ts";
import { agentOf } from "../../../store/agents.ts";
import { waitingPermissions } from "../../../store/permissions.ts";
import { waitingPrompts } from "../../../store/prompts.ts";
import type { WorkerFacts } from "../../../store/schema.ts";
import type { Reader } from "../../../store/store.ts";

export function agentView(read: Reader, worker: WorkerFacts): Agent {
	const row = agentOf(read, worker.id);
	if (!row) throw new Error(`the agent ${worker.id} has no configuration`);
	const { definition, driver, model, mode, chosenModel, chosenMode, args } = row;
	const { models, modes, images, conversation, status } = row;
	return {
		...{ definition, driver, model, mode, chosenModel, chosenMode, args },
		...{ models, modes, images, conversation, status },
		prompts: waitingPrompts(read, worker.id),
		permissions: waitingPermissions(read, worker.id),
	};
}
