/** Commands about the processes of one session. */
import { defineCommand } from "../command-spec.ts";
import { agentFlags } from "./agent-flags.ts";
import { envFlag } from "./start-flags.ts";

export const workerLs = defineCommand({
	name: "worker ls",
	group: "sessions",
	summary: "List a session's workers",
	usage: ["worker ls REF"],
	about: "The first one is what the session started with; REF alone means it, REF/WORKER means any of them.",
	examples: [["", "berth worker ls api"]],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["session"],
});

export const workerAdd = defineCommand({
	name: "worker add",
	group: "sessions",
	summary: "Start another terminal or agent in a session",
	usage: [
		"worker add REF [NAME] [flags] [-- CMD…]",
		"worker add REF [NAME] --agent AGENT [flags] [PROMPT] [-- ARG…]",
	],
	about:
		"Runs your shell, or CMD exactly as it stands after --, or a coding agent, in the session's directory and environment, and prints REF/NAME: what attach, " +
		"run, logs and the others take. It ends with its session; its own end leaves the others alone.",
	examples: [
		["a second shell", "berth worker add api shell"],
		["a server beside it", "berth worker add api web -- npm run dev"],
		["an agent that looks at it", "berth worker add api --agent claude"],
	],
	flags: {
		cwd: {
			kind: "string",
			short: "C",
			value: "DIR",
			summary: "Directory to start in (the session's)",
			completes: "directory",
		},
		...envFlag,
		size: { kind: "string", value: "COLSxROWS", summary: "Size of the terminal (the session's)" },
		...agentFlags,
	},
	operands: { min: 1, max: 3 },
	completes: ["live-session"],
	argv: "optional",
});

export const workerRename = defineCommand({
	name: "worker rename",
	group: "sessions",
	summary: "Give a worker another name",
	usage: ["worker rename REF/WORKER NAME"],
	examples: [["", "berth worker rename api/bash shell"]],
	flags: {},
	operands: { min: 2, max: 2 },
	completes: ["worker"],
});

export const workerRm = defineCommand({
	name: "worker rm",
	group: "sessions",
	summary: "Forget ended workers and delete their output",
	usage: ["worker rm REF/WORKER…"],
	about: "The first worker goes with its session only: see rm.",
	examples: [
		["one that has ended", "berth worker rm api/web"],
		["end it first", "berth worker rm --force api/web"],
	],
	flags: { force: { kind: "boolean", short: "f", summary: "Kill what still runs first" } },
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["worker"],
});
