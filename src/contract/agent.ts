/** Schemas of how an agent that runs is doing. */
import { type Static, Type } from "@sinclair/typebox";
import { AgentId } from "./agent-definition.ts";
import { Arguments, Mode, Model } from "./agent-start.ts";
import { literals, Milliseconds, nullable } from "./schemas.ts";
import { agentDrivers, agentStates, evidenceKinds } from "./words.ts";

export const Evidence = Type.Object({
	kind: literals(evidenceKinds),
	rule: Type.String({
		description: "What told it: a protocol message, a hook, a terminal signal, or the id of a screen rule",
		examples: ["asks-to-run"],
	}),
	text: nullable(
		Type.String({ description: "What was matched, cut short", examples: ["Do you want to proceed?"] }),
	),
	at: Milliseconds,
});
export type Evidence = Static<typeof Evidence>;

export const AgentStatus = Type.Object({
	state: literals(agentStates),
	since: Milliseconds,
	evidence: Evidence,
});
export type AgentStatus = Static<typeof AgentStatus>;

const Choice = Type.Object({
	id: Type.String({ examples: ["sonnet"] }),
	name: Type.String({ examples: ["Sonnet"] }),
});
export type Choice = Static<typeof Choice>;

/** What a worker of kind `agent` has besides what every worker has. */
export const Agent = Type.Object({
	definition: AgentId,
	driver: literals(agentDrivers),
	model: nullable(Model),
	mode: nullable(Mode),
	chosenModel: nullable(
		Type.String({
			description: "What a person chose, which it is started with; null leaves it to the agent",
		}),
	),
	chosenMode: nullable(Type.String({ description: "As chosenModel" })),
	args: Arguments,
	models: Type.Array(Choice, { description: "What the agent offers" }),
	modes: Type.Array(Choice, { description: "What the agent offers" }),
	images: Type.Boolean({ description: "Takes images in prompts" }),
	conversation: nullable(
		Type.String({ description: "The agent's own id of its conversation; null until known" }),
	),
	status: AgentStatus,
	prompts: Type.Integer({ description: "Prompts that wait for it", examples: [0] }),
	permissions: Type.Integer({
		description: "Requests for permission that wait for an answer",
		examples: [0],
	}),
});
export type Agent = Static<typeof Agent>;

/** Every source's last word on an agent's state, and which one counted. */
export const AgentExplanation = Type.Object({
	status: AgentStatus,
	sources: Type.Array(
		Type.Object({
			state: literals(agentStates),
			evidence: Evidence,
			counted: Type.Boolean({ description: "Its word is the state" }),
		}),
		{ description: "The most trusted first" },
	),
	screen: nullable(
		Type.String({ description: "The screen that the rules looked at; null for structured agents" }),
	),
	rules: Type.Array(
		Type.Object({
			id: Type.String(),
			state: literals(agentStates),
			matched: Type.Boolean(),
			text: nullable(Type.String({ description: "What was matched" })),
		}),
		{ description: "The screen rules in their order, up to the first that held" },
	),
});
export type AgentExplanation = Static<typeof AgentExplanation>;
