import { Elysia } from "elysia";
import { AgentExplanation } from "../../contract/agent.ts";
import type { DaemonContext } from "../context.ts";
import { agentErrors, json, operation } from "../http/operation.ts";
import type { Target } from "../http/target.ts";

export const explanationRoutes = <const P extends string>(target: Target<P>, { agents }: DaemonContext) =>
	new Elysia({ prefix: target.prefix, normalize: false }).get(
		"/agent",
		({ params: { ref, wid } }): Promise<AgentExplanation> => agents.explain(ref, wid),
		{
			params: target.params,
			...operation({
				id: `explain${target.noun}Agent`,
				tag: "Agents",
				summary:
					"Why the agent's state is what it is: what each source said, and what the screen rules see now",
				description:
					"Without a worker it is the session's agent: its first worker if that is one, else the only one. The screen is looked at for the " +
					"answer; the state may follow it a moment later.",
				scope: "read",
				answers: [json(AgentExplanation, example, "The state, and what tells it")],
				errors: [...agentErrors],
			}),
		},
	);

const evidence = {
	kind: "screen",
	rule: "asks-to-run",
	text: "Do you want to proceed?",
	at: 1_767_322_860_000,
} as const;

const example: AgentExplanation = {
	status: { state: "needs-permission", since: 1_767_322_860_000, evidence },
	sources: [{ state: "needs-permission", evidence, counted: true }],
	screen: "Bash command\n\n  npm test\n\nDo you want to proceed?\n❯ 1. Yes\n  2. No",
	rules: [{ id: "asks-to-run", state: "needs-permission", matched: true, text: "Do you want to proceed?" }],
};
