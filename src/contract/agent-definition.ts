/** Schemas of how an agent is defined. */
import { type Static, Type } from "@sinclair/typebox";
import { literals, nullable } from "./schemas.ts";
import { agentDrivers, hookKinds } from "./words.ts";

/** The id of a definition: it names a file and stands in commands. */
export const AGENT_ID_PATTERN = "^[a-z][a-z0-9-]{0,31}$";

export const AgentId = Type.String({ pattern: AGENT_ID_PATTERN, examples: ["claude"] });

/**
 * One argument, or a group of them that is left out as a whole when a variable in it is empty: `["--model", "{{model}}"]`. A variable is
 * `{{name}}` or `{{name:default}}`. An argument is one string of argv whatever its variables hold: nothing is ever given to a shell.
 * One that is empty because its variables are is left out as well.
 */
export const ArgumentTemplate = Type.Union([
	Type.String(),
	Type.Array(Type.String(), { minItems: 1, description: "Left out when a variable in it is empty" }),
]);
export const CommandTemplate = Type.Array(ArgumentTemplate, {
	minItems: 1,
	maxItems: 200,
	description:
		"argv with variables: {{prompt}}, {{promptFile}}, {{cwd}}, {{model}}, {{mode}}, {{conversation}}, {{newConversation}}, {{settings}}; `{{args}}` " +
		"alone stands for the extra arguments",
	examples: [["claude", ["--model", "{{model}}"], "{{args}}"]],
});
export type CommandTemplate = Static<typeof CommandTemplate>;

/** How one driver starts the agent. */
export const DriverCommands = Type.Object(
	{
		start: CommandTemplate,
		continue: Type.Optional(CommandTemplate),
	},
	{
		additionalProperties: false,
		description:
			"start: a new conversation; continue: the one in {{conversation}}. Without continue a protocol that can resume does",
	},
);

export const VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_]*$";

/** One way to tell the state by the screen. The first rule that holds wins. */
export const ScreenRule = Type.Object(
	{
		id: Type.String({ pattern: AGENT_ID_PATTERN, examples: ["asks-to-run"] }),
		state: literals(["busy", "idle", "needs-input", "needs-permission"] as const),
		where: Type.Optional(
			literals(["screen", "bottom", "title"] as const, {
				description:
					"The visible screen (when absent), its last `lines` lines that are not blank, or the title",
			}),
		),
		lines: Type.Optional(
			Type.Integer({ minimum: 1, maximum: 200, description: "For bottom; 12 when absent" }),
		),
		all: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
				description:
					"Regular expressions that must all be found: RE2's syntax, where ^ and $ are the ends of lines",
			}),
		),
		any: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
				description: "One of them must be found",
			}),
		),
		none: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { description: "None may be found" }),
		),
	},
	{ additionalProperties: false },
);
export type ScreenRule = Static<typeof ScreenRule>;

/** What is typed into the screen of an agent that runs, so that a change takes effect at once. */
export const LiveCommand = Type.Object(
	{
		type: Type.String({
			minLength: 1,
			maxLength: 200,
			description: "One line with the variable of what is changed",
			examples: ["/model {{model}}"],
		}),
		taken: Type.String({
			minLength: 1,
			maxLength: 1000,
			description:
				"Regular expression (RE2's syntax) of what the screen shows new when the agent took it; else nothing is stored",
			examples: ["Model set to "],
		}),
	},
	{ additionalProperties: false },
);
export type LiveCommand = Static<typeof LiveCommand>;

export const AgentManifest = Type.Object(
	{
		id: AgentId,
		name: Type.String({ minLength: 1, maxLength: 64, examples: ["Claude Code"] }),
		executable: Type.String({
			minLength: 1,
			description: "What is looked for in PATH to tell whether it is installed",
			examples: ["claude"],
		}),
		install: Type.Optional(
			Type.String({ description: "How to get it", examples: ["npm install -g @anthropic-ai/claude-code"] }),
		),
		driver: literals(agentDrivers, { description: "The driver used unless another is asked for" }),
		commands: Type.Object(
			{
				pty: Type.Optional(DriverCommands),
				acp: Type.Optional(DriverCommands),
				"claude-stream": Type.Optional(DriverCommands),
				headless: Type.Optional(CommandTemplate),
			},
			{
				additionalProperties: false,
				description:
					"One entry for each driver that the agent has; headless answers one {{prompt}} and exits",
			},
		),
		env: Type.Optional(
			Type.Record(Type.String({ pattern: VARIABLE_NAME }), Type.String(), {
				description:
					"Added to the agent's environment, below what whoever starts it adds. A value that is {{settings}} is what wires its hooks in",
			}),
		),
		hooks: Type.Optional(
			literals(hookKinds, {
				description:
					"Whose hooks Berth wires in when the agent runs in its own screen, by {{settings}} in the command or as a variable of env: a settings " +
					"file for claude, a value of --config for codex, OPENCODE_CONFIG_CONTENT for opencode",
			}),
		),
		models: Type.Optional(
			Type.Array(Type.String({ minLength: 1 }), {
				description: "Models to offer before the agent itself tells",
			}),
		),
		modes: Type.Optional(
			Type.Array(Type.String({ minLength: 1 }), { description: "Modes to offer before the agent tells" }),
		),
		capabilities: Type.Optional(
			Type.Object(
				{
					images: Type.Optional(Type.Boolean({ description: "Takes images in prompts" })),
					resume: Type.Optional(Type.Boolean({ description: "Can go on with an earlier conversation" })),
				},
				{ additionalProperties: false },
			),
		),
		live: Type.Optional(
			Type.Object(
				{ model: Type.Optional(LiveCommand), mode: Type.Optional(LiveCommand) },
				{
					additionalProperties: false,
					description:
						"For the pty driver: how a model or mode is changed while the agent runs. Without it the agent is started again, " +
						"in its conversation",
				},
			),
		),
		screen: Type.Optional(Type.Array(ScreenRule, { maxItems: 100, description: "For the pty driver" })),
	},
	{
		additionalProperties: false,
		examples: [
			{
				id: "aider",
				name: "Aider",
				executable: "aider",
				driver: "pty",
				commands: { pty: { start: ["aider", ["--model", "{{model}}"], "{{args}}"] } },
			},
		],
	},
);
export type AgentManifest = Static<typeof AgentManifest>;

/** A definition as the API shows it: the manifest, where it is from, and what of it is on this machine. */
export const AgentDefinition = Type.Object({
	...AgentManifest.properties,
	builtIn: Type.Boolean({ description: "Comes with Berth and is not replaced by a file of the user's" }),
	path: nullable(
		Type.String({
			description: "Where the executable is; null when it is not installed",
			examples: ["/usr/bin/claude"],
		}),
	),
	drivers: Type.Array(literals(agentDrivers), { description: "Those that it has commands for" }),
	available: Type.Array(literals(agentDrivers), {
		description: "Those of them whose program is on this machine",
	}),
	version: Type.Optional(
		nullable(
			Type.String({
				description:
					"What the executable says to --version; only when it was asked for, null when it says nothing",
				examples: ["2.1.197 (Claude Code)"],
			}),
		),
	),
});
export type AgentDefinition = Static<typeof AgentDefinition>;

/** Every definition, and the files that should be one and are not. */
export const AgentList = Type.Object({
	agents: Type.Array(AgentDefinition, { description: "By id" }),
	broken: Type.Array(
		Type.Object({
			file: Type.String({ examples: ["/home/me/.config/berth/agents/aider.toml"] }),
			reason: Type.String({ examples: ["line 4: there is no variable {{modle}}"] }),
		}),
		{
			description:
				"Files of the user's that cannot be used; what they would replace is used as it was built in",
		},
	),
});
export type AgentList = Static<typeof AgentList>;
