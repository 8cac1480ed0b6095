/** Schemas of how an agent is started, and what of that may be changed. */
import { type Static, Type } from "@sinclair/typebox";
import { AgentId, VARIABLE_NAME } from "./agent-definition.ts";
import { literals, nullable } from "./schemas.ts";
import { agentDrivers } from "./words.ts";

export const Model = Type.String({ minLength: 1, maxLength: 200, examples: ["sonnet"] });
export const Mode = Type.String({ minLength: 1, maxLength: 200, examples: ["plan"] });
export const Arguments = Type.Array(Type.String(), {
	maxItems: 1000,
	description: "Extra arguments, where the command template has {{args}}",
});

/** How an agent is to be started. What is absent is the definition's. */
export const NewAgent = Type.Object(
	{
		definition: AgentId,
		driver: Type.Optional(literals(agentDrivers)),
		model: Type.Optional(Model),
		mode: Type.Optional(Mode),
		args: Type.Optional(Arguments),
		conversation: Type.Optional(
			Type.String({
				minLength: 1,
				description: "The agent's own id of an earlier conversation to go on with",
			}),
		),
		prompt: Type.Optional(Type.String({ minLength: 1, description: "The first prompt" })),
	},
	{ additionalProperties: false, examples: [{ definition: "claude", model: "sonnet" }] },
);
export type NewAgent = Static<typeof NewAgent>;

/** One prompt that is answered by a process of its own, which then ends. */
export const Headless = Type.Object(
	{
		prompt: Type.String({ minLength: 1, examples: ["Say what this project does"] }),
		cwd: Type.String({ minLength: 1, description: "Absolute path", examples: ["/home/me/project"] }),
		model: Type.Optional(Model),
		mode: Type.Optional(Mode),
		args: Type.Optional(Arguments),
	},
	{
		additionalProperties: false,
		examples: [{ prompt: "Say what this project does", cwd: "/home/me/project" }],
	},
);
export type Headless = Static<typeof Headless>;

export const HeadlessCommand = Type.Object({
	command: Type.Array(Type.String(), {
		description: "argv",
		examples: [["claude", "--print", "--", "Say what this project does"]],
	}),
	env: Type.Record(Type.String(), Type.String(), {
		description: "What the definition adds to the environment",
	}),
});
export type HeadlessCommand = Static<typeof HeadlessCommand>;

/**
 * Changes of the start configuration. Model and mode of an agent that runs change at once; arguments and environment at its restart, and
 * null for a model or mode, which leaves it to the agent again.
 */
export const AgentPatch = Type.Object(
	{
		model: Type.Optional(nullable(Model)),
		mode: Type.Optional(nullable(Mode)),
		args: Type.Optional(Arguments),
		env: Type.Optional(
			Type.Record(Type.String({ pattern: VARIABLE_NAME }), nullable(Type.String()), {
				description: "Added to the environment; null takes a variable away that was added",
			}),
		),
	},
	{ additionalProperties: false, minProperties: 1, examples: [{ model: "opus" }] },
);
export type AgentPatch = Static<typeof AgentPatch>;

/** A restart's overrides; they are kept. */
export const RestartOptions = Type.Object(
	{
		agent: Type.Optional(AgentPatch),
		fresh: Type.Optional(
			Type.Boolean({ description: "An agent begins a new conversation instead of going on with its own" }),
		),
	},
	{ additionalProperties: false, examples: [{ agent: { model: "opus" } }] },
);
export type RestartOptions = Static<typeof RestartOptions>;
