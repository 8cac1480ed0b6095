/** Commands that work a terminal: attach, run, type, wait. */
import { signalNames } from "../../contract/signals.ts";
import { defineCommand } from "../command-spec.ts";
import { agentStates } from "../words.ts";
import { execFlags, sessionFlag } from "./start-flags.ts";

export const attach = defineCommand({
	name: "attach",
	alias: "a",
	group: "drive",
	summary: "Put your terminal into a session; Ctrl-\\ leaves",
	usage: ["attach [REF]"],
	about:
		"Paints the session as it stands, its scrollback included, and passes every key on. Without REF the session used last. Connections " +
		"that break are made again; the daemon may be down meanwhile. Ends with the program's exit status when it exits, with 0 when you detach.",
	examples: [
		["", "berth attach api"],
		["over a slow line, the screen alone", "berth attach api --scrollback 0"],
		["look, do not touch", "berth attach api --read-only"],
		["leave with Ctrl-P Ctrl-Q instead", "berth attach api --detach-keys ctrl-p,ctrl-q"],
	],
	flags: {
		"read-only": { kind: "boolean", short: "r", summary: "Watch only: nothing is typed, nothing resized" },
		"no-resize": { kind: "boolean", summary: "Leave the session's size as it is" },
		scrollback: {
			kind: "integer",
			value: "LINES",
			summary: "Paint so many lines of history into your terminal's scrollback (all)",
		},
		"detach-keys": { kind: "string", value: "KEYS", summary: "Keys that leave, docker style (ctrl-\\)" },
		nest: { kind: "boolean", summary: "Attach even from inside another session" },
	},
	operands: { min: 0, max: 1 },
	completes: ["live-terminal"],
});

export const run = defineCommand({
	name: "run",
	group: "drive",
	summary: "Run a command in a session's live shell",
	usage: ["run REF TEXT", "run REF -- CMD [ARG…]"],
	about:
		"TEXT is typed as it stands, so the shell expands it; after -- each argument is quoted for the session's shell. Prints the command's " +
		"output when it has ended, and ends with its exit status; logs -f shows it meanwhile. The bytes are those of the command, colours included; on a pipe nothing is added or taken away.",
	examples: [
		["a command line", "berth run api 'make test && git status'"],
		["exact arguments", "berth run api -- grep -rn 'a b' ."],
		["give up after ten seconds", "berth run api --timeout 10s --on-timeout interrupt 'npm test'"],
	],
	flags: {
		timeout: { kind: "duration", value: "TIME", summary: "Stop waiting after this long; status 124" },
		"on-timeout": {
			kind: "string",
			value: "WHAT",
			summary: "What becomes of the command then: leave (default) or interrupt",
			choices: ["leave", "interrupt"],
		},
	},
	operands: { min: 1, max: 2 },
	completes: ["live-terminal"],
	argv: "optional",
});

export const exec = defineCommand({
	name: "exec",
	group: "drive",
	summary: "Run a command in a terminal of its own and wait for it",
	usage: ["exec [flags] -- CMD [ARG…]"],
	about:
		"Streams the output as it comes and ends with the command's exit status. The session made for it is removed afterwards unless --keep is " +
		"given; with --session the command becomes one more worker of that session. Ctrl-C reaches the command. It cannot be typed to: use new for that.",
	examples: [
		["a build with a true exit status", "berth exec -- make -j4"],
		["keep the session to look at later", "berth exec --keep --name build -- make"],
		["beside a session's shell, in its directory", "berth exec --session api -- npm test"],
	],
	flags: {
		...sessionFlag,
		name: { kind: "string", short: "n", value: "NAME", summary: "Name of the session made for it" },
		...execFlags,
	},
	operands: { min: 0, max: 0 },
	argv: "required",
});

export const send = defineCommand({
	name: "send",
	group: "drive",
	summary: "Type text into a session",
	usage: ["send REF TEXT [--enter]", "send REF -"],
	about: "TEXT goes in as it stands; - sends standard input byte for byte.",
	examples: [
		["type and press Enter", "berth send api 'git status' --enter"],
		["answer a question", "berth send api y"],
		["a file", "berth send api - < script.sql"],
	],
	flags: { enter: { kind: "boolean", short: "e", summary: "Press Enter afterwards" } },
	operands: { min: 2, max: 2 },
	completes: ["live-terminal"],
});

export const keys = defineCommand({
	name: "keys",
	group: "drive",
	summary: "Press keys in a session, by name",
	usage: ["keys REF KEY…"],
	about:
		"Names as in tmux: C-c, M-x, Enter, Tab, Escape, Up, F5, S-Tab. All are checked before the first is pressed.",
	examples: [
		["interrupt", "berth keys api C-c"],
		["quit vim", "berth keys api Escape : q ! Enter"],
	],
	flags: {},
	operands: { min: 2, max: Number.POSITIVE_INFINITY },
	completes: ["live-terminal", "key"],
});

export const wait = defineCommand({
	name: "wait",
	group: "drive",
	summary: "Wait for text, silence, the prompt, an agent's state or the end",
	usage: ["wait REF (--text TEXT | --regex RE | --idle TIME | --prompt | --exit | --state STATE) [flags]"],
	about:
		"Several conditions may be given: the first that comes true ends the wait, and its name is printed. --input is typed once the wait is " +
		"armed, so that nothing is missed; --state then waits for the agent to come into one of the states after it. Status 0 when something came " +
		"true, 124 at the time-out, 1 when an agent ended before it came into the state.",
	examples: [
		["until a server listens", "berth wait web --text 'listening on'"],
		["start it and wait, in one step", "berth wait web --input 'npm start\\n' --regex 'port (\\d+)'"],
		["until the shell is free", "berth wait api --prompt --timeout 10m"],
		[
			"until the agent is done, or asks",
			"berth wait fix --state idle,needs-input,needs-permission --timeout 0",
		],
	],
	flags: {
		text: { kind: "string", value: "TEXT", summary: "Text in the output or on the screen" },
		regex: { kind: "string", value: "RE", summary: "Regular expression (JavaScript's, multi-line)" },
		idle: { kind: "duration", value: "TIME", summary: "No output for this long" },
		prompt: { kind: "boolean", summary: "The shell shows its prompt" },
		exit: { kind: "boolean", summary: "The process has ended" },
		state: {
			kind: "list",
			value: "STATE",
			summary: `The agent is in one of these states: ${agentStates.join(", ")}`,
			choices: agentStates,
		},
		input: {
			kind: "string",
			value: "TEXT",
			summary: "Type this first; \\n, \\r, \\t, \\e and \\\\ are understood",
		},
		timeout: { kind: "duration", value: "TIME", summary: "Give up after this long (30s; 0 never)" },
	},
	operands: { min: 1, max: 1 },
	completes: ["live-terminal"],
});

export const signal = defineCommand({
	name: "signal",
	group: "drive",
	summary: "Send a signal to what runs in the foreground",
	usage: ["signal REF SIGNAL"],
	about: `Signals: ${signalNames.join(" ")}. To end a session for good use close or kill.`,
	examples: [["as Ctrl-C would", "berth signal api INT"]],
	flags: {},
	operands: { min: 2, max: 2 },
	completes: ["live-terminal", "signal"],
});
