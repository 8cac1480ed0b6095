/** Commands that read what a session printed. */
import { defineCommand } from "../command-spec.ts";
import { eventTypes, exportFormats, screenFormats } from "../words.ts";

export const screen = defineCommand({
	name: "screen",
	group: "read",
	summary: "Show what is on a session's screen now",
	usage: ["screen REF [--format FORMAT]"],
	examples: [
		["as text", "berth screen api"],
		["with colours", "berth screen api --format ansi"],
	],
	flags: {
		format: {
			kind: "string",
			short: "f",
			value: "FORMAT",
			summary: "text (default), ansi, html or json",
			choices: screenFormats,
		},
	},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const output = defineCommand({
	name: "output",
	group: "read",
	summary: "Show the last lines of output as text",
	usage: ["output REF [-n LINES]"],
	about:
		"Lines as a terminal shows them, scrollback included; works after the end too. For the exact bytes see logs.",
	examples: [["the last twenty", "berth output api -n 20"]],
	flags: { lines: { kind: "integer", short: "n", value: "LINES", summary: "How many (100)" } },
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const logs = defineCommand({
	name: "logs",
	group: "read",
	summary: "Print everything a session printed, and follow it",
	usage: ["logs REF [-f] [flags]"],
	about:
		"On a pipe the exact bytes of the journal. At a terminal colours stay, and sequences that would move your cursor or change your " +
		"terminal's modes are left out; --raw prints them too.",
	examples: [
		["all that is kept", "berth logs api | less -R"],
		["the end, and what comes", "berth logs api -n 20 -f"],
	],
	flags: {
		follow: { kind: "boolean", short: "f", summary: "Go on until the session ends" },
		lines: { kind: "integer", short: "n", value: "LINES", summary: "Only the last so many lines" },
		from: { kind: "integer", value: "OFFSET", summary: "Start at this offset" },
		generation: { kind: "integer", value: "N", summary: "Of an earlier start (the last)" },
		raw: { kind: "boolean", summary: "Exact bytes, at a terminal too" },
		plain: { kind: "boolean", summary: "Text only, without colours" },
	},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const exportCommand = defineCommand({
	name: "export",
	group: "read",
	summary: "Save a session as a recording, as text or as bytes",
	usage: ["export REF [--format FORMAT] [-o FILE]"],
	about:
		"cast3 and cast2 are asciinema's recordings with their timing, text is the rendered output, raw the journal's bytes.",
	examples: [
		["a recording for asciinema", "berth export api -o api.cast"],
		["the text", "berth export api --format text > api.txt"],
	],
	flags: {
		format: {
			kind: "string",
			short: "f",
			value: "FORMAT",
			summary: "cast3 (default), cast2, text or raw",
			choices: exportFormats,
		},
		output: {
			kind: "string",
			short: "o",
			value: "FILE",
			summary: "Write here instead of standard output",
			completes: "file",
		},
	},
	operands: { min: 1, max: 1 },
	completes: ["terminal"],
});

export const events = defineCommand({
	name: "events",
	group: "read",
	summary: "List what happened, and follow it",
	usage: ["events [-f] [flags]"],
	about:
		"Events are numbered and kept; with --after nothing is missed or seen twice. With --json one object per line.",
	examples: [
		["the last ones", "berth events"],
		["live, of one session", "berth events -f --session api"],
		["a script that resumes", "berth events -f --json --after 1234"],
	],
	flags: {
		follow: { kind: "boolean", short: "f", summary: "Go on as they happen" },
		lines: {
			kind: "integer",
			short: "n",
			value: "COUNT",
			summary: "Only the last so many (50 unless --after is given)",
		},
		after: { kind: "integer", value: "N", summary: "Only events after this number" },
		session: {
			kind: "string",
			short: "s",
			value: "REF",
			summary: "Only of this session",
			completes: "session",
		},
		type: {
			kind: "list",
			short: "t",
			value: "TYPE",
			summary: "Only of this type; may be repeated",
			choices: eventTypes,
			completes: "event-type",
		},
	},
	operands: { min: 0, max: 0 },
});
