/** Commands about what agents ask to be allowed. */
import { defineCommand } from "../command-spec.ts";

const answering = {
	always: {
		kind: "boolean",
		summary: "From now on as well: the agent's own option for that, else a rule for just this",
	},
	option: { kind: "string", value: "ID", summary: "One of the options that the agent offers (see show)" },
} as const;

export const permissionsLs = defineCommand({
	name: "permissions ls",
	group: "drive",
	summary: "List what agents ask to be allowed, and what they want to know",
	usage: ["permissions ls [REF] [--all]"],
	about:
		"Requests wait until somebody allows, answers or denies them, here, in the web app, or in the agent's own terminal; one that nobody answers is " +
		"denied at its deadline (permission_timeout_seconds, 5 minutes).",
	examples: [
		["what waits", "berth permissions ls"],
		["of one session, those that have ended as well", "berth permissions ls api --all"],
	],
	flags: { all: { kind: "boolean", short: "a", summary: "Also those that have ended" } },
	operands: { min: 0, max: 1 },
	completes: ["session"],
});

export const permissionsShow = defineCommand({
	name: "permissions show",
	group: "drive",
	summary: "Show a request: the command, the change or the question, and what the agent offers",
	usage: ["permissions show ID"],
	about:
		"Characters that would hide something are shown as escapes. Of a question it shows what may be answered.",
	examples: [["", "berth permissions show p_5r8k2m4c9q"]],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["permission"],
});

export const permissionsAllow = defineCommand({
	name: "permissions allow",
	group: "drive",
	summary: "Allow a request",
	usage: ["permissions allow ID [--always] [--option ID]"],
	about: "The first answer counts; a later one fails. See show for what it is that you allow.",
	examples: [
		["this once", "berth permissions allow p_5r8k2m4c9q"],
		["and from now on", "berth permissions allow p_5r8k2m4c9q --always"],
	],
	flags: answering,
	operands: { min: 1, max: 1 },
	completes: ["pending-permission"],
});

export const permissionsAnswer = defineCommand({
	name: "permissions answer",
	group: "drive",
	summary: "Answer what an agent asks",
	usage: ["permissions answer ID ANSWER…", "permissions answer ID QUESTION=ANSWER…"],
	about:
		"ANSWER is one of the options that show lists, or a text of your own where one is taken. Of several questions each answer names the one " +
		"that it is for by its number or its id; where several options may be chosen, each is an answer of its own. The first answer counts; permissions " +
		"deny leaves them unanswered.",
	examples: [
		["one question", "berth permissions answer p_5r8k2m4c9q Vitest"],
		["a text of your own", "berth permissions answer p_5r8k2m4c9q 'the one that Bun has'"],
		[
			"several questions, two options of the second",
			"berth permissions answer p_5r8k2m4c9q 1=Vitest 2=Linux 2=macOS",
		],
	],
	flags: {},
	operands: { min: 2, max: Number.POSITIVE_INFINITY },
	completes: ["pending-permission", "text"],
});

export const permissionsDeny = defineCommand({
	name: "permissions deny",
	group: "drive",
	summary: "Deny a request",
	usage: ["permissions deny ID [--reason TEXT] [--always] [--option ID]"],
	examples: [
		["", "berth permissions deny p_5r8k2m4c9q"],
		["and say what to do instead", "berth permissions deny p_5r8k2m4c9q --reason 'use the staging database'"],
	],
	flags: {
		reason: { kind: "string", short: "r", value: "TEXT", summary: "Told to the agent" },
		...answering,
	},
	operands: { min: 1, max: 1 },
	completes: ["pending-permission"],
});

export const permissionRulesLs = defineCommand({
	name: "permissions rules ls",
	group: "drive",
	summary: "List the rules that answer without asking",
	usage: ["permissions rules ls"],
	examples: [["", "berth permissions rules ls"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const permissionRulesAdd = defineCommand({
	name: "permissions rules add",
	group: "drive",
	summary: "Add a rule that answers without asking",
	usage: ["permissions rules add allow|deny|ask TOOL [SUBJECT] [--agent AGENT] [--dir DIR]"],
	about:
		"TOOL is the tool's name, SUBJECT the whole command, path or address; in both * stands for any text and \\* for a star. In a rule that allows " +
		"a * beside other text stands for nothing that leads elsewhere: no shell operator in a command, no .. in a path. A rule " +
		"takes the place of one than which it is narrower in something and wider in nothing; otherwise deny comes before ask before allow. ask " +
		"leaves it to a person. What waits already is answered by a new rule as well.",
	examples: [
		["let tests run", "berth permissions rules add allow Bash 'npm test*'"],
		["in one directory only", "berth permissions rules add allow Edit --dir ~/src/site"],
		["never", "berth permissions rules add deny Bash '*git push*'"],
	],
	flags: {
		agent: { kind: "string", value: "AGENT", summary: "Only for this agent", completes: "agent" },
		dir: {
			kind: "string",
			short: "C",
			value: "DIR",
			summary: "Only for agents that work in it or below",
			completes: "directory",
		},
	},
	operands: { min: 2, max: 3 },
	completes: ["rule-decision", "text"],
});

export const permissionRulesRm = defineCommand({
	name: "permissions rules rm",
	group: "drive",
	summary: "Remove rules",
	usage: ["permissions rules rm ID…"],
	examples: [["", "berth permissions rules rm pr_7t2k8m4c9q"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["permission-rule"],
});

/** What an agent in its own screen runs as its hook; nobody types it. */
const hookOf = (agent: string, name: string, how: string) =>
	defineCommand({
		name: `hook ${agent}`,
		group: "berth",
		summary: `Pass a hook of ${name}'s on to the daemon, and say what it answers`,
		usage: [`hook ${agent} [--socket PATH] [--timeout DURATION]`],
		about:
			`Berth wires it in ${how} when it starts ${name} in a terminal; the hook's JSON comes on standard input. Outside of Berth, where ` +
			"BERTH_WORKER is not set, it says nothing.",
		examples: [],
		flags: {
			socket: { kind: "string", value: "PATH", summary: "The daemon's unix socket", completes: "file" },
			timeout: {
				kind: "duration",
				value: "DURATION",
				summary: "How long a request for permission waits (5m)",
			},
		},
		operands: { min: 0, max: 0 },
		hidden: true,
	});

export const hookClaude = hookOf("claude", "Claude Code", "by a settings file");
export const hookCodex = hookOf("codex", "Codex", "by a flag");
export const hookOpencode = hookOf("opencode", "opencode", "by a plugin");
