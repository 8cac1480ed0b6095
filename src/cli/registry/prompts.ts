/** Commands that talk with agents, and show what was said. */
import { defineCommand } from "../command-spec.ts";

export const prompt = defineCommand({
	name: "prompt",
	group: "drive",
	summary: "Ask an agent something",
	usage: ["prompt REF TEXT [flags]", "prompt REF - [flags]"],
	about:
		"Sent when the agent can take it; until then it waits in a queue that prompts ls shows. Prints the prompt's id; with --wait the answer: as " +
		"it comes in a terminal, the last message alone on a pipe. Status 0 when the agent finished its turn, 1 when it failed, 130 when it was " +
		"interrupted or cancelled, 124 at the time-out, after which the prompt goes on. TEXT - is standard input. REF is the session's agent, " +
		"REF/WORKER any of several.",
	examples: [
		["", "berth prompt fix 'find out why the build fails'"],
		["the answer, in a script", "summary=$(berth prompt fix --wait 'sum up what you changed')"],
		["with pictures", "berth prompt fix --image before.png --image after.png 'what differs?'"],
		["a long one", "berth prompt fix --wait --timeout 30m - < task.md"],
	],
	flags: {
		wait: { kind: "boolean", short: "w", summary: "Wait for the answer" },
		image: {
			kind: "list",
			value: "FILE",
			summary: "Send this image along; may be repeated",
			completes: "file",
		},
		now: { kind: "boolean", summary: "Send it to an agent whose state is unknown, or busy, as well" },
		timeout: { kind: "duration", value: "TIME", summary: "Stop waiting after this long; status 124" },
	},
	operands: { min: 2, max: 2 },
	completes: ["live-terminal"],
});

export const promptsLs = defineCommand({
	name: "prompts ls",
	group: "drive",
	summary: "List what waits for an agent, and what it works on",
	usage: ["prompts ls REF [--all]"],
	examples: [["", "berth prompts ls fix"]],
	flags: { all: { kind: "boolean", short: "a", summary: "Those that have ended too" } },
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const promptsCancel = defineCommand({
	name: "prompts cancel",
	group: "drive",
	summary: "Take prompts back; one that is worked on is interrupted",
	usage: ["prompts cancel REF ID…"],
	examples: [["", "berth prompts cancel fix q_2k8m4c9qzt"]],
	flags: {},
	operands: { min: 2, max: Number.POSITIVE_INFINITY },
	completes: ["terminal", "prompt"],
});

export const interrupt = defineCommand({
	name: "interrupt",
	group: "drive",
	summary: "Stop what an agent is doing",
	usage: ["interrupt REF"],
	about: "What waits for the agent stays and is sent next: prompts cancel takes it back.",
	examples: [["", "berth interrupt fix"]],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["live-terminal"],
});

export const conversation = defineCommand({
	name: "conversation",
	group: "read",
	summary: "Show what an agent and its users said",
	usage: ["conversation REF [flags]", "conversation REF --export markdown|json"],
	about:
		"Of agents whose messages are known one by one (drivers acp and claude-stream); output shows what others said. An export is the whole " +
		"conversation in one file, images included.",
	examples: [
		["", "berth conversation fix"],
		["the last ten items, and then what comes", "berth conversation fix -n 10 --follow"],
		["keep it", "berth conversation fix --export markdown > conversation.md"],
	],
	flags: {
		follow: { kind: "boolean", short: "f", summary: "Go on with what comes" },
		items: { kind: "integer", short: "n", value: "N", summary: "Only the last N items" },
		export: {
			kind: "string",
			value: "FORMAT",
			summary: "The whole as one file: markdown or json",
			choices: ["markdown", "json"],
		},
	},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});
