/** What the holder's callers may ask of a structured agent. Every method throws a BerthError; contract/link.ts says which. */
import type { AgentPrompt } from "../../contract/agent-log.ts";
import type { AgentAnswer, LinkMethods } from "../../contract/link.ts";

type Result<M extends keyof LinkMethods> = Promise<LinkMethods[M]["result"]>;

export interface AgentHost {
	/** Resolves when the prompt has been given to the agent and is in the log. */
	prompt(prompt: AgentPrompt): Result<"agentPrompt">;
	interrupt(): Result<"agentInterrupt">;
	/** Resolves when the answer has been given to the agent and is in the log. */
	answer(answer: AgentAnswer): Result<"agentAnswer">;
	configure(choice: { model?: string; mode?: string }): Result<"agentConfigure">;
}
