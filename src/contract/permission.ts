/** Schemas of requests for permission, their answers, and the rules that answer without asking. */
import { type Static, Type } from "@sinclair/typebox";
import { Answers, Question } from "./question.ts";
import { literals, Milliseconds, nullable } from "./schemas.ts";
import { permissionStates } from "./state.ts";
import { answerers, permissionDecisions, permissionOptionKinds, ruleDecisions, toolKinds } from "./words.ts";

export const PermissionOption = Type.Object({
	id: Type.String({ examples: ["allow"] }),
	name: Type.String({ examples: ["Allow once"] }),
	kind: literals(permissionOptionKinds),
});
export type PermissionOption = Static<typeof PermissionOption>;

export const Permission = Type.Object({
	id: Type.String({ examples: ["p_5r8k2m4c9q"] }),
	sessionId: Type.String(),
	workerId: Type.String(),
	generation: Type.Integer(),
	agent: Type.String({ description: "Id of the agent's definition", examples: ["claude"] }),
	source: literals(["protocol", "hook"] as const, { description: "What asked" }),
	tool: Type.String({ description: "The tool, as the agent names it", examples: ["Bash"] }),
	kind: literals(toolKinds),
	title: Type.String({ examples: ["Run `npm test`"] }),
	subject: Type.String({
		description:
			"What rules look at: the command, the path or the address that the tool was given; empty when it has none",
		examples: ["npm test"],
	}),
	input: Type.Unknown({ description: "What the tool would be given" }),
	cwd: Type.String({ description: "Where the agent works" }),
	options: Type.Array(PermissionOption, { description: "Exactly what the agent offered" }),
	questions: Type.Array(Question, {
		description: "What the agent wants to know; empty when it only asks to be allowed something",
	}),
	state: literals(permissionStates),
	decision: nullable(
		literals(permissionDecisions, { description: "What the agent was told; null while it waits" }),
	),
	optionId: nullable(Type.String({ description: "The option that was chosen" })),
	answers: nullable(Answers),
	by: nullable(literals(answerers, { description: "Who or what answered" })),
	ruleId: nullable(Type.String({ description: "The rule that answered" })),
	reason: nullable(Type.String({ description: "Why it ended so" })),
	createdAt: Milliseconds,
	deadlineAt: Milliseconds,
	endedAt: nullable(Milliseconds),
});
export type Permission = Static<typeof Permission>;

/** How a request stands until somebody answers it. */
export const UNANSWERED = {
	state: "pending",
	decision: null,
	optionId: null,
	answers: null,
	by: null,
	ruleId: null,
	reason: null,
	endedAt: null,
} as const satisfies Partial<Permission>;

export const PermissionAnswer = Type.Object(
	{
		decision: literals(permissionDecisions),
		always: Type.Optional(
			Type.Boolean({
				description:
					"For this tool and subject from now on: the agent's own option for that, else a rule of Berth's",
			}),
		),
		option: Type.Optional(
			Type.String({ description: "One of the options that were offered; it must fit the decision" }),
		),
		answers: Type.Optional(Answers),
		reason: Type.Optional(Type.String({ maxLength: 2000, description: "Told to the agent with a denial" })),
	},
	{ additionalProperties: false, examples: [{ decision: "allow" }] },
);
export type PermissionAnswer = Static<typeof PermissionAnswer>;

const pattern = (description: string, example: string) =>
	Type.String({ minLength: 1, maxLength: 1000, description, examples: [example] });

export const NewPermissionRule = Type.Object(
	{
		decision: literals(ruleDecisions),
		tool: pattern("Name of the tool; * stands for any text", "Bash"),
		subject: Type.Optional(
			pattern(
				"The whole command, path or address; * stands for any text, \\* for a star. In a rule that allows, a * beside other text " +
					"stands for nothing that leads elsewhere: no shell operator in a command, no .. in a path",
				"npm test*",
			),
		),
		agent: Type.Optional(pattern("Only for this agent", "claude")),
		directory: Type.Optional(pattern("Only for agents that work in it or below", "/home/me/project")),
	},
	{ additionalProperties: false, examples: [{ decision: "allow", tool: "Bash", subject: "npm test*" }] },
);
export type NewPermissionRule = Static<typeof NewPermissionRule>;

export const PermissionRule = Type.Object({
	id: Type.String({ examples: ["pr_7t2k8m4c9q"] }),
	decision: literals(ruleDecisions),
	tool: Type.String(),
	subject: nullable(Type.String()),
	agent: nullable(Type.String()),
	directory: nullable(Type.String()),
	createdAt: Milliseconds,
});
export type PermissionRule = Static<typeof PermissionRule>;
