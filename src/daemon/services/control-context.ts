/** What the services of the control plane are given: nothing of this is reached for deep inside them. */
import type { Settings } from "../../platform/config.ts";
import type { Paths } from "../../platform/paths.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { AgentDefinitions } from "./agents/definitions.ts";
import type { KeyedLock } from "./keyed-lock.ts";

export interface ControlContext {
	store: Store;
	paths: Paths;
	settings: Settings;
	/** The daemon's own environment; workers get it, cleaned (environment.ts). */
	env: Record<string, string | undefined>;
	/** What agents there are. */
	definitions: AgentDefinitions;
	/** Held, by worker, while something is given to an agent: a prompt, or what changes it. */
	typing: KeyedLock;
	/** argv that starts this program in another role; asked each time, since the file may be gone by then. */
	selfArgv: () => readonly string[];
	/** Unix milliseconds. */
	now(): number;
	/** Milliseconds that only grow, for time-outs: the wall clock may jump. */
	monotonic(): number;
	sleep(ms: number): Promise<void>;
	log: Log;
}
