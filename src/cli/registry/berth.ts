/** Commands about Berth itself. */
import { defineCommand } from "../command-spec.ts";
import { ptyDrivers, screenEngines, shells, tokenScopes } from "../words.ts";

export const tokenCreate = defineCommand({
	name: "token create",
	group: "berth",
	summary: "Make a token for scripts, agents and other machines",
	usage: ["token create [LABEL] [flags]"],
	about:
		"The token is shown once. read looks, write types and runs as well, admin ends sessions and makes tokens as well.",
	examples: [["for a CI job, for a day", "berth token create ci --scope write --expires 24h"]],
	flags: {
		label: { kind: "string", short: "l", value: "LABEL", summary: "What it is for" },
		scope: {
			kind: "string",
			value: "SCOPE",
			summary: "read (default), write or admin",
			choices: tokenScopes,
		},
		session: {
			kind: "string",
			short: "s",
			value: "REF",
			summary: "Only for this session",
			completes: "session",
		},
		expires: { kind: "duration", value: "TIME", summary: "Stops working after this long (never)" },
	},
	operands: { min: 0, max: 1 },
});

export const tokenLs = defineCommand({
	name: "token ls",
	group: "berth",
	summary: "List tokens",
	usage: ["token ls"],
	examples: [["", "berth token ls"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const tokenRevoke = defineCommand({
	name: "token revoke",
	group: "berth",
	summary: "Revoke tokens; they stop working at once",
	usage: ["token revoke ID…"],
	examples: [["", "berth token revoke t_3n5p7r9tvx"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["token"],
});

const daemonFlags = {
	port: { kind: "integer", value: "PORT", summary: "TCP port; 0 for none (19999)" },
	host: { kind: "string", value: "ADDRESS", summary: "Address that the port binds to (127.0.0.1)" },
	"tls-cert": {
		kind: "string",
		value: "FILE",
		summary: "PEM file of the TLS certificate",
		completes: "file",
	},
	"tls-key": { kind: "string", value: "FILE", summary: "PEM file of the TLS key", completes: "file" },
	insecure: { kind: "boolean", summary: "Allow an address that the network reaches without TLS" },
	shell: { kind: "string", value: "SHELL", summary: "Shell of new sessions", completes: "shell" },
	pty: {
		kind: "string",
		value: "DRIVER",
		summary: "PTY driver: bun (default) or bun-pty",
		choices: ptyDrivers,
	},
	screen: {
		kind: "string",
		value: "ENGINE",
		summary: "Screen engine: ghostty (default) or xterm",
		choices: screenEngines,
	},
} as const;

const aboutDaemonFlags =
	"Flags are for the daemon that is started now, over its environment and config.toml; the next one takes what those say.";

export const daemonStart = defineCommand({
	name: "daemon start",
	group: "berth",
	summary: "Start the daemon; every command does it when needed",
	usage: ["daemon start [flags]"],
	about: aboutDaemonFlags,
	examples: [
		["", "berth daemon start"],
		[
			"reachable from the network, over TLS",
			"berth daemon start --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
		],
	],
	flags: daemonFlags,
	operands: { min: 0, max: 0 },
});

export const daemonStop = defineCommand({
	name: "daemon stop",
	group: "berth",
	summary: "Stop the daemon; sessions keep running",
	usage: ["daemon stop"],
	examples: [["", "berth daemon stop"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const daemonRestart = defineCommand({
	name: "daemon restart",
	group: "berth",
	summary: "Stop the daemon and start it again; sessions keep running",
	usage: ["daemon restart [flags]"],
	about: aboutDaemonFlags,
	examples: [
		["after an upgrade", "berth daemon restart"],
		["on another port", "berth daemon restart --port 8080"],
	],
	flags: daemonFlags,
	operands: { min: 0, max: 0 },
});

export const daemonStatus = defineCommand({
	name: "daemon status",
	group: "berth",
	summary: "Say whether the daemon runs, since when and where",
	usage: ["daemon status"],
	examples: [["", "berth daemon status"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const daemonLogs = defineCommand({
	name: "daemon logs",
	group: "berth",
	summary: "Print the daemon's log",
	usage: ["daemon logs [-f] [-n LINES]"],
	examples: [["", "berth daemon logs -f"]],
	flags: {
		follow: { kind: "boolean", short: "f", summary: "Go on as it is written" },
		lines: { kind: "integer", short: "n", value: "LINES", summary: "Only the last so many lines (100)" },
	},
	operands: { min: 0, max: 0 },
});

export const ui = defineCommand({
	name: "ui",
	group: "berth",
	summary: "Open the web interface, logged in",
	usage: ["ui [--print]"],
	about: "The link works once, for a minute.",
	examples: [["", "berth ui"]],
	flags: { print: { kind: "boolean", short: "p", summary: "Print the link instead of opening it" } },
	operands: { min: 0, max: 0 },
});

export const docs = defineCommand({
	name: "docs",
	group: "berth",
	summary: "Open the API's documentation",
	usage: ["docs [--print]"],
	examples: [["", "berth docs"]],
	flags: { print: { kind: "boolean", short: "p", summary: "Print the address instead of opening it" } },
	operands: { min: 0, max: 0 },
});

export const doctor = defineCommand({
	name: "doctor",
	group: "berth",
	summary: "Check the installation and say what to do about problems",
	usage: ["doctor"],
	about: "Status 1 when something fails.",
	examples: [["", "berth doctor"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const completion = defineCommand({
	name: "completion",
	group: "berth",
	summary: "Print a completion script for your shell",
	usage: ["completion bash|zsh|fish"],
	examples: [
		["bash, in ~/.bashrc", 'eval "$(berth completion bash)"'],
		["zsh, in ~/.zshrc after compinit", 'eval "$(berth completion zsh)"'],
		["fish, in ~/.config/fish/config.fish", "berth completion fish | source"],
	],
	flags: {},
	operands: { min: 1, max: 1 },
	completes: ["shell"],
});

export const version = defineCommand({
	name: "version",
	group: "berth",
	summary: "Print the version",
	usage: ["version"],
	examples: [["", "berth version"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const help = defineCommand({
	name: "help",
	group: "berth",
	summary: "Explain berth, or one command",
	usage: ["help [COMMAND]"],
	examples: [["", "berth help run"]],
	flags: {},
	operands: { min: 0, max: 2 },
	completes: ["command"],
});

/** What the completion scripts call. Never starts the daemon. */
export const complete = defineCommand({
	name: "__complete",
	group: "berth",
	summary: `Candidates for the last word, for ${shells.join(", ")}`,
	usage: ["__complete -- WORD…"],
	examples: [],
	flags: {},
	operands: { min: 0, max: 0 },
	argv: "optional",
	hidden: true,
});
