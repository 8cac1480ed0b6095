/** What carries a command out. Its code is loaded only when it is wanted (registry/index.ts). */
import type { Cli } from "./cli.ts";
import type { CommandSpec, Parsed } from "./command-spec.ts";

export { UsageError } from "./usage-error.ts";

/** Carries a command out; the number is the exit status, nothing means 0. */
export type Run<C extends CommandSpec = CommandSpec> = (
	cli: Cli,
	parsed: Parsed<C>,
	// biome-ignore lint/suspicious/noConfusingVoidType: a command that returns nothing has status 0
) => Promise<number | void>;

/** Exit statuses of berth itself. A command that berth ran for somebody reports its own. */
export const EXIT = {
	failure: 1,
	usage: 2,
	/** As timeout(1). */
	timeout: 124,
	/** 128 + SIGINT: what was waited for was stopped. */
	interrupted: 130,
	/** 128 + SIGPIPE: whoever read our output went away. */
	brokenPipe: 141,
} as const;
