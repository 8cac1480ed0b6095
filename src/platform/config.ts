/**
 * Settings. Each has a key in config.toml and an environment variable; the environment wins, and a flag wins over both.
 * An unknown key or a value of the wrong kind is an error that names the key: a typing mistake never silently means "default".
 */
import { readFileSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import {
	AGENT_START_TIMEOUT_MS,
	DAEMON_PORT,
	JOURNAL_LIMIT_BYTES,
	PERMISSION_TIMEOUT_MS,
	SCROLLBACK_LINES,
} from "../contract/limits.ts";
import type { PtyDriverName, ScreenEngineName } from "../contract/link.ts";
import type { Paths } from "./paths.ts";

export interface Settings {
	/** TCP port of the daemon; 0 serves the unix socket only. */
	port: number;
	/** Address that the TCP port binds to. Anything but loopback needs `tlsCert` and `tlsKey`, or `insecure`. */
	host: string;
	tlsCert: string;
	tlsKey: string;
	insecure: boolean;
	/** Extra host names under which the daemon is reached (a reverse proxy's); checked against Host and Origin. */
	allowedHosts: string[];
	/** Shell of new sessions; empty takes $SHELL, then the user's login shell, then /bin/sh. */
	shell: string;
	pty: PtyDriverName;
	screen: ScreenEngineName;
	shellIntegration: boolean;
	/** Bytes of output kept per worker. */
	journalLimitBytes: number;
	/** Lines above the screen that a repaint shows. */
	scrollbackLines: number;
	/** Idle time-out in seconds of sessions that were made without a name; 0 is off. */
	idleTimeoutSeconds: number;
	/** Seconds that an agent's request for permission waits for an answer before it is denied. */
	permissionTimeoutSeconds: number;
	agentStartTimeoutSeconds: number;
	/** Key sequence that detaches, in docker's notation. */
	detachKeys: string;
}

type Kind = "integer" | "boolean" | "string" | "list";
interface SettingKind {
	kind: Kind;
	/** Environment variable. */
	env: string;
	/** One line for the configuration reference. */
	meaning: string;
	choices?: readonly string[];
	min?: number;
	max?: number;
}

/** The reference of all settings; the README's table and `berth doctor` are made from it. */
export const settingKinds: { [K in keyof Settings]: SettingKind } = {
	port: {
		kind: "integer",
		env: "BERTH_PORT",
		meaning: "TCP port of the daemon; 0 for none",
		min: 0,
		max: 65_535,
	},
	host: { kind: "string", env: "BERTH_HOST", meaning: "Address the TCP port binds to" },
	tlsCert: { kind: "string", env: "BERTH_TLS_CERT", meaning: "PEM file of the TLS certificate" },
	tlsKey: { kind: "string", env: "BERTH_TLS_KEY", meaning: "PEM file of the TLS key" },
	insecure: { kind: "boolean", env: "BERTH_INSECURE", meaning: "Allow a non-loopback address without TLS" },
	allowedHosts: {
		kind: "list",
		env: "BERTH_ALLOWED_HOSTS",
		meaning: "Further host names that requests may carry",
	},
	shell: { kind: "string", env: "BERTH_SHELL", meaning: "Shell of new sessions; empty for the user's own" },
	pty: { kind: "string", env: "BERTH_PTY", meaning: "PTY driver", choices: ["bun", "bun-pty"] },
	screen: { kind: "string", env: "BERTH_SCREEN", meaning: "Screen engine", choices: ["ghostty", "xterm"] },
	shellIntegration: {
		kind: "boolean",
		env: "BERTH_SHELL_INTEGRATION",
		meaning: "Teach bash, zsh and fish to report their commands",
	},
	journalLimitBytes: {
		kind: "integer",
		env: "BERTH_JOURNAL_LIMIT_BYTES",
		meaning: "Bytes of output kept per worker",
		min: 1024 * 1024,
	},
	scrollbackLines: {
		kind: "integer",
		env: "BERTH_SCROLLBACK_LINES",
		meaning: "Lines above the screen that a repaint shows",
		min: 0,
		max: 1_000_000,
	},
	idleTimeoutSeconds: {
		kind: "integer",
		env: "BERTH_IDLE_TIMEOUT_SECONDS",
		meaning: "Idle time-out of unnamed sessions in seconds; 0 is off",
		min: 0,
	},
	permissionTimeoutSeconds: {
		kind: "integer",
		env: "BERTH_PERMISSION_TIMEOUT_SECONDS",
		meaning: "Seconds that an agent's request for permission waits; then it is denied",
		min: 1,
		max: 24 * 3600,
	},
	agentStartTimeoutSeconds: {
		kind: "integer",
		env: "BERTH_AGENT_START_TIMEOUT_SECONDS",
		meaning:
			"Seconds for which an agent that speaks a protocol may say nothing at its start; then it is ended",
		min: 1,
		max: 24 * 3600,
	},
	detachKeys: { kind: "string", env: "BERTH_DETACH_KEYS", meaning: "Keys that detach, docker style" },
};

export const defaultSettings: Settings = {
	port: DAEMON_PORT,
	host: "127.0.0.1",
	tlsCert: "",
	tlsKey: "",
	insecure: false,
	allowedHosts: [],
	shell: "",
	pty: "bun",
	screen: "ghostty",
	shellIntegration: true,
	journalLimitBytes: JOURNAL_LIMIT_BYTES,
	scrollbackLines: SCROLLBACK_LINES,
	idleTimeoutSeconds: 0,
	permissionTimeoutSeconds: PERMISSION_TIMEOUT_MS / 1000,
	agentStartTimeoutSeconds: AGENT_START_TIMEOUT_MS / 1000,
	detachKeys: "ctrl-\\",
};

/** Reads config.toml, then the environment, then `overrides` (flags). Throws `bad_request` that names file or variable. */
export function loadSettings(
	paths: Paths,
	env: Record<string, string | undefined>,
	overrides: Partial<Settings> = {},
): Settings {
	const fromFile: Partial<Settings> = {};
	for (const [key, value] of Object.entries(readToml(paths.configFile))) {
		const name = key.replaceAll(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
		if (!(name in settingKinds)) {
			throw new BerthError(
				"bad_request",
				`${paths.configFile}: there is no setting "${key}"; see the README's configuration reference`,
			);
		}
		assign(fromFile, name as keyof Settings, value, `${paths.configFile}: ${key}`);
	}
	const fromEnv: Partial<Settings> = {};
	for (const name of Object.keys(settingKinds) as (keyof Settings)[]) {
		const { env: variable, kind } = settingKinds[name];
		const text = env[variable];
		if (text !== undefined && text !== "") assign(fromEnv, name, parse(kind, text), variable);
	}
	return { ...defaultSettings, ...fromFile, ...fromEnv, ...overrides };
}

function readToml(file: string): Record<string, unknown> {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
		throw new BerthError(
			"bad_request",
			`${file} cannot be read: ${(error as Error).message}`,
			undefined,
			error,
		);
	}
	try {
		return Bun.TOML.parse(text) as Record<string, unknown>;
	} catch (error) {
		throw new BerthError(
			"bad_request",
			`${file} is not valid TOML: ${(error as Error).message}`,
			undefined,
			error,
		);
	}
}

function parse(kind: Kind, text: string): unknown {
	if (kind === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
	if (kind === "boolean")
		return text === "1" || text === "true" ? true : text === "0" || text === "false" ? false : text;
	if (kind === "list")
		return text
			.split(",")
			.map((item) => item.trim())
			.filter((item) => item !== "");
	return text;
}

function assign<K extends keyof Settings>(
	into: Partial<Settings>,
	name: K,
	value: unknown,
	where: string,
): void {
	const { kind, choices, min, max } = settingKinds[name];
	const fits =
		kind === "integer"
			? Number.isSafeInteger(value) &&
				(value as number) >= (min ?? -Infinity) &&
				(value as number) <= (max ?? Infinity)
			: kind === "list"
				? Array.isArray(value) && value.every((item) => typeof item === "string")
				: typeof value === kind && (choices === undefined || choices.includes(value as string));
	if (!fits) {
		const range = choices
			? choices.join(" or ")
			: kind === "integer"
				? `a whole number${min === undefined ? "" : ` from ${min}`}${max === undefined ? "" : ` to ${max}`}`
				: kind;
		throw new BerthError("bad_request", `${where} must be ${range}, not ${JSON.stringify(value)}`);
	}
	into[name] = value as Settings[K];
}
