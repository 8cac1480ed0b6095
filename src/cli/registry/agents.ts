/** Commands about coding agents: what there is, and how one is set up. */
import { defineCommand } from "../command-spec.ts";
import { choiceFlags, configurationFlags } from "./agent-flags.ts";
import { execFlags, sessionFlag } from "./start-flags.ts";

export const agentLs = defineCommand({
	name: "agent ls",
	group: "berth",
	summary: "List the agents that can be started",
	usage: ["agent ls"],
	about:
		"Those that come with Berth, and your own: files in the configuration's folder agents. A broken file is named, and disturbs no other.",
	examples: [["", "berth agent ls"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const agentShow = defineCommand({
	name: "agent show",
	group: "berth",
	summary: "Print an agent's definition",
	usage: ["agent show AGENT"],
	about: "In TOML: the start of a definition of your own.",
	examples: [
		["", "berth agent show claude"],
		[
			"change one",
			"berth agent show claude > my-claude.toml; vi my-claude.toml; berth agent add my-claude.toml",
		],
	],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["agent"],
});

export const agentAdd = defineCommand({
	name: "agent add",
	group: "berth",
	summary: "Add a definition of an agent, or replace it",
	usage: ["agent add FILE"],
	about:
		"FILE is TOML, or JSON; - is standard input. It is checked and kept as it was written, under the id that it says. One with the id of an " +
		"agent that comes with Berth is used instead of that.",
	examples: [
		["", "berth agent add aider.toml"],
		["from elsewhere", "curl -s https://example.org/aider.toml | berth agent add -"],
	],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["file"],
});

export const agentRm = defineCommand({
	name: "agent rm",
	group: "berth",
	summary: "Remove definitions of your own",
	usage: ["agent rm AGENT…"],
	about: "One that comes with Berth and was replaced is as it came again. Agents that run are not touched.",
	examples: [["", "berth agent rm aider"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["agent"],
});

export const agentDetect = defineCommand({
	name: "agent detect",
	group: "berth",
	summary: "Find out which agents are installed here, and which versions",
	usage: ["agent detect"],
	about: "Looks along your PATH and asks each program that is there for its version.",
	examples: [["", "berth agent detect"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const agentSet = defineCommand({
	name: "agent set",
	group: "berth",
	summary: "Change an agent's model, mode, arguments or environment",
	usage: ["agent set REF [--model MODEL] [--mode MODE] [--arg ARG]… [--env KEY=VALUE]… [--now]"],
	about:
		"Model and mode of an agent that runs change at once; arguments and environment with its next start. An empty model or mode leaves it to " +
		"the agent again. What the agent refuses changes nothing. One in its own screen is told there, where its definition knows how, else " +
		"started again in its conversation; unless it is known to be idle, that is refused, and --now interrupts it.",
	examples: [
		["", "berth agent set fix --model opus"],
		["one of several", "berth agent set fix/claude --mode plan"],
		["in the middle of its turn, which ends", "berth agent set fix --model opus --now"],
	],
	flags: {
		...configurationFlags,
		now: { kind: "boolean", summary: "Interrupt an agent in its own screen that is at work" },
	},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const agentRun = defineCommand({
	name: "agent run",
	group: "berth",
	summary: "Have an agent answer one prompt, and wait for it",
	usage: ["agent run AGENT PROMPT [flags] [-- ARG…]"],
	about:
		"Starts the agent without a screen, streams what it says and ends with its exit status. What it may do without being asked is up to its mode and " +
		"arguments. As with exec, the session made for it is removed afterwards.",
	examples: [
		["", "berth agent run claude 'Say in one sentence what this project does'"],
		["with an argument of its own", "berth agent run codex 'Fix the typo' -- --skip-git-repo-check"],
	],
	flags: {
		...choiceFlags,
		...sessionFlag,
		...execFlags,
	},
	operands: { min: 2, max: 2 },
	completes: ["agent"],
	argv: "optional",
});

export const agentExplain = defineCommand({
	name: "agent explain",
	group: "read",
	summary: "Tell what an agent's state is known from",
	usage: ["agent explain REF"],
	about:
		"Prints the state, what each source said last (the most trusted first, the one that counts marked), and for an agent in a terminal its " +
		"screen with every rule up to the one that holds. REF means the session's agent; REF/WORKER one of several.",
	examples: [["", "berth agent explain fix"]],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});
