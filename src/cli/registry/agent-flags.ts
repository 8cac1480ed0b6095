/** Flags that say which agent is started, and how. */
import type { FlagSpec } from "../command-spec.ts";
import { agentDrivers } from "../words.ts";

export const choiceFlags = {
	model: { kind: "string", short: "m", value: "MODEL", summary: "The agent's model" },
	mode: { kind: "string", value: "MODE", summary: "The agent's mode, such as plan" },
} as const satisfies Record<string, FlagSpec>;

/** Of commands that make an agent. */
export const agentFlags = {
	agent: {
		kind: "string",
		short: "a",
		value: "AGENT",
		summary: "A coding agent instead of a terminal: see berth agent ls",
		completes: "agent",
	},
	...choiceFlags,
	driver: {
		kind: "string",
		value: "DRIVER",
		summary: "How Berth talks to the agent: pty is its own screen (what its definition says)",
		choices: agentDrivers,
	},
	conversation: {
		kind: "string",
		value: "ID",
		summary: "Go on with this conversation of the agent's",
	},
} as const satisfies Record<string, FlagSpec>;

/** Of commands that change how an agent is started. */
export const configurationFlags = {
	...choiceFlags,
	arg: {
		kind: "list",
		value: "ARG",
		summary: "Extra argument, instead of those it had; may be repeated",
	},
	env: {
		kind: "list",
		short: "e",
		value: "KEY=VALUE",
		summary: "Add to the agent's environment; may be repeated",
	},
} as const satisfies Record<string, FlagSpec>;
