/** What a person fills in to start an agent, and the request that it becomes. */
import type { AgentDriver } from "../../../../src/contract/words.ts";
import type { NewAgent } from "../types.ts";

/** What a new session or worker runs. */
export type Runs = "shell" | "command" | "agent";

export interface AgentDraft {
	/** Id of a definition. */
	definition: string;
	/** Empty leaves it to the definition. */
	driver: AgentDriver | "";
	model: string;
	prompt: string;
}

export const newAgentDraft = (): AgentDraft => ({ definition: "", driver: "", model: "", prompt: "" });

export function agentRequest({ definition, driver, model, prompt }: AgentDraft): NewAgent {
	return {
		definition,
		...(driver === "" ? {} : { driver }),
		...(model.trim() === "" ? {} : { model: model.trim() }),
		...(prompt.trim() === "" ? {} : { prompt: prompt.trim() }),
	};
}
