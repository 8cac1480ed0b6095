/** Flags that several commands have which start a program. */
import type { FlagSpec } from "../command-spec.ts";

export const cwdFlag = {
	cwd: {
		kind: "string",
		short: "C",
		value: "DIR",
		summary: "Directory to start in (here)",
		completes: "directory",
	},
} as const satisfies Record<string, FlagSpec>;

export const envFlag = {
	env: { kind: "list", short: "e", value: "KEY=VALUE", summary: "Add to the environment; may be repeated" },
} as const satisfies Record<string, FlagSpec>;

export const sessionFlag = {
	session: {
		kind: "string",
		short: "s",
		value: "REF",
		summary: "Run it as a worker of this session",
		completes: "live-session",
	},
} as const satisfies Record<string, FlagSpec>;

/** Of commands that run something in a terminal of its own and wait for it. */
export const execFlags = {
	...cwdFlag,
	...envFlag,
	timeout: { kind: "duration", value: "TIME", summary: "Kill it after this long; status 124" },
	keep: { kind: "boolean", short: "k", summary: "Keep the session and its output" },
} as const satisfies Record<string, FlagSpec>;
