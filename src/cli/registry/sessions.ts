/** Commands about sessions as such: making, finding, ending. */
import { defineCommand } from "../command-spec.ts";
import { restartPolicies } from "../words.ts";
import { agentFlags, configurationFlags } from "./agent-flags.ts";
import { cwdFlag, envFlag } from "./start-flags.ts";

export const create = defineCommand({
	name: "new",
	group: "sessions",
	summary: "Make a session and attach to it",
	usage: ["new [NAME] [flags] [-- CMD…]", "new NAME --agent AGENT [flags] [PROMPT] [-- ARG…]"],
	about:
		"Runs your shell, or CMD exactly as it stands after --, or a coding agent, with PROMPT for a start and ARG… as further arguments of its own. At a terminal you are attached at once and leave with Ctrl-\\; the session " +
		"carries on. In a pipe, with --detach, or from inside another session it is made and its name printed.",
	examples: [
		["a shell in this directory", "berth new"],
		["with a name, somewhere else", "berth new api --cwd ~/src/api"],
		["on a branch of its own, in a git worktree", "berth new fix --repo project"],
		["a server that is started again when it fails", "berth new web -d --restart on-failure -- npm run dev"],
		[
			"a coding agent, with something to do",
			"berth new fix --repo project --agent claude 'Find out why the build fails'",
		],
		["another one like it, environment included", "berth new web-2 --like web"],
	],
	flags: {
		detach: { kind: "boolean", short: "d", summary: "Do not attach" },
		...cwdFlag,
		shell: {
			kind: "string",
			value: "SHELL",
			summary: "Shell to run instead of your own",
			completes: "shell",
		},
		...envFlag,
		tag: { kind: "list", short: "t", value: "TAG", summary: "Tag it; may be repeated" },
		port: {
			kind: "integer",
			value: "PORT",
			summary: "The session's own port (the next free one from 20000)",
		},
		"no-port": { kind: "boolean", summary: "No port of its own" },
		size: { kind: "string", value: "COLSxROWS", summary: "Size of the terminal (yours, or 80x24)" },
		restart: {
			kind: "string",
			value: "WHEN",
			summary: "Start it again when it ends by itself: no, on-failure, always",
			choices: restartPolicies,
		},
		"idle-timeout": { kind: "duration", value: "TIME", summary: "Close it after this long without use" },
		repo: {
			kind: "string",
			short: "r",
			value: "REPO",
			summary: "In a new git worktree of this registered repository",
			completes: "repository",
		},
		branch: {
			kind: "string",
			short: "b",
			value: "BRANCH",
			summary: "With --repo: its branch, made unless it is there (the session's name)",
		},
		base: {
			kind: "string",
			value: "COMMIT",
			summary: "With --repo: where a new branch starts (what the repository has checked out)",
		},
		...agentFlags,
		like: {
			kind: "string",
			value: "REF",
			summary: "Like this session: its directory, program, environment and settings, but for what you give",
			completes: "session",
		},
		nest: { kind: "boolean", summary: "Attach even from inside another session" },
	},
	operands: { min: 0, max: 2 },
	argv: "optional",
});

export const ls = defineCommand({
	name: "ls",
	alias: "list",
	group: "sessions",
	summary: "List sessions",
	usage: ["ls [-a] [flags]"],
	examples: [
		["what runs", "berth ls"],
		["ended ones too", "berth ls -a"],
		["names only, for a script", "berth ls -q"],
	],
	flags: {
		all: { kind: "boolean", short: "a", summary: "Ended sessions too" },
		quiet: { kind: "boolean", short: "q", summary: "Names only, one per line" },
		tag: { kind: "list", short: "t", value: "TAG", summary: "Only those with this tag", completes: "tag" },
	},
	operands: { min: 0, max: 0 },
});

export const info = defineCommand({
	name: "info",
	group: "sessions",
	summary: "Show everything about a session",
	usage: ["info REF"],
	examples: [["state, processes, size, offsets", "berth info api"]],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["session"],
});

const many = (verb: string) =>
	({
		all: { kind: "boolean", summary: `${verb} every session; asks first at a terminal` },
		yes: { kind: "boolean", short: "y", summary: "Do not ask" },
	}) as const;

export const close = defineCommand({
	name: "close",
	group: "sessions",
	summary: "End sessions the gentle way: hang up, terminate, then kill",
	usage: ["close REF…", "close --all"],
	about:
		"Returns when no process of the session is left, background jobs included. Output and settings stay: see logs and restart.",
	examples: [
		["one", "berth close api"],
		["several", "berth close api web worker"],
	],
	flags: many("Close"),
	operands: { min: 0, max: Number.POSITIVE_INFINITY },
	completes: ["live-terminal"],
});

export const kill = defineCommand({
	name: "kill",
	group: "sessions",
	summary: "End sessions at once: kill the whole process tree",
	usage: ["kill REF…", "kill --all"],
	examples: [["one that ignores everything else", "berth kill stuck"]],
	flags: many("Kill"),
	operands: { min: 0, max: Number.POSITIVE_INFINITY },
	completes: ["live-terminal"],
});

export const rm = defineCommand({
	name: "rm",
	group: "sessions",
	summary: "Forget ended sessions and delete their output",
	usage: ["rm REF…", "rm --all"],
	about:
		"The git worktree of a session stays where it is, unless --worktree is given. One that holds uncommitted files, or commits that no other " +
		"branch, tag or remote has, is kept with its session and they are named; --discard loses them.",
	examples: [
		["one", "berth rm build"],
		["end it first", "berth rm --force build"],
		["with its git worktree and branch", "berth rm --worktree fix"],
		["every ended session", "berth rm --all"],
	],
	flags: {
		force: { kind: "boolean", short: "f", summary: "Kill what still runs first" },
		worktree: {
			kind: "boolean",
			short: "w",
			summary: "Remove its git worktree, and the branch made with it",
		},
		discard: { kind: "boolean", summary: "With --worktree: lose what is not committed or merged" },
		...many("Forget"),
		all: { kind: "boolean", summary: "Forget every ended session; asks first at a terminal" },
	},
	operands: { min: 0, max: Number.POSITIVE_INFINITY },
	completes: ["ended-session"],
});

export const restart = defineCommand({
	name: "restart",
	group: "sessions",
	summary: "Start a session again: same name, port, directory, environment",
	usage: ["restart REF… [flags]"],
	about:
		"An agent goes on with its conversation; what is changed of its model, mode, arguments and environment is kept.",
	examples: [
		["after a reboot, or when it ended", "berth restart api"],
		["an agent with another model", "berth restart fix --model opus"],
		["in a conversation of its own", "berth restart fix --fresh"],
	],
	flags: {
		...configurationFlags,
		fresh: { kind: "boolean", summary: "An agent begins a new conversation" },
	},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["terminal"],
});

export const pause = defineCommand({
	name: "pause",
	group: "sessions",
	summary: "End sessions' processes until you resume them",
	usage: ["pause REF…"],
	about:
		"Returns when no process of the session is left. It stays listed, as paused, over restarts of the daemon and the machine too; close ends it for good.",
	examples: [["free what a session uses", "berth pause api"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["live-session"],
});

export const resume = defineCommand({
	name: "resume",
	group: "sessions",
	summary: "Start paused sessions again, where each terminal and agent was",
	usage: ["resume REF…"],
	about: "Everything that ran when it was paused runs again, or nothing does and the session stays paused.",
	examples: [["", "berth resume api"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["paused-session"],
});

export const rename = defineCommand({
	name: "rename",
	group: "sessions",
	summary: "Give a session another name",
	usage: ["rename REF NAME"],
	examples: [["", "berth rename api api-old"]],
	flags: {},
	operands: { min: 2, max: 2 },
	completes: ["terminal"],
});

export const tag = defineCommand({
	name: "tag",
	group: "sessions",
	summary: "Add and remove a session's tags",
	usage: ["tag REF [TAG…] [--remove TAG] [--clear]"],
	about: "Words after REF are added. Without any change the tags are printed.",
	examples: [
		["add two", "berth tag api work urgent"],
		["take one away", "berth tag api --remove urgent"],
	],
	flags: {
		remove: {
			kind: "list",
			short: "r",
			value: "TAG",
			summary: "Take this tag away; may be repeated",
			completes: "tag",
		},
		clear: { kind: "boolean", summary: "Take all tags away first" },
	},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["session", "tag"],
});
