/** Where a command was called: what it needs to find the daemon, or to start it. */
import type { Paths } from "../platform/paths.ts";

export type Env = Record<string, string | undefined>;

export interface Surroundings {
	readonly env: Env;
	readonly paths: Paths;
}
