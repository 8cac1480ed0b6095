/** Environments: what a worker's process gets, and the little that its holder needs. */
import { existsSync } from "node:fs";
import { VERSION } from "../../contract/version.ts";
import { belongsToPlace } from "../../platform/place.ts";

type Env = Record<string, string | undefined>;

/** What the holder needs to find its spec, its temporary files and its time zone. Its children's environment is in the spec. */
const forHolder = /^(PATH|HOME|USER|LOGNAME|TMPDIR|TZ|LANG|LC_ALL|BERTH_HOME|XDG_[A-Z_]+)$/;

/**
 * How the runtime keeps a holder's memory: a small heap, collected when it has tripled, no threads for collecting it, since it is 1 MB, and
 * no clock that collects every second and, however idle the process, every 30 s for ever; the holder collects once after work by itself.
 * Measured with a shell and a port: 4.8 MB private instead of 5.0 to 5.6 without the small heap, and nothing wakes the process. The
 * runtime's own factor for small heaps, 1.2, saves 0.1 MB more, but takes twice the processor time in a flood of terminal queries. What is
 * free goes back to the system with a collection, and not by a thread of the allocator's, which wakes up every 30 s for ever.
 *
 * Once somebody types (platform/compiling.ts), functions are compiled after 13 runs instead of 33, and optimized soon after that instead
 * of some hundred runs later: a key runs each of them once, between things that empty the caches, and the first four hundred echoes take
 * 0.87 of the time. Still lower numbers made no echo faster.
 *
 * The runtime's version is the executable's own, so that these names are known to it.
 */
const HOLDER_RUNTIME: Record<string, string> = {
	BUN_JSC_forceMiniVMMode: "1",
	BUN_JSC_miniVMHeapGrowthFactor: "3",
	BUN_JSC_useConcurrentGC: "0",
	BUN_JSC_numberOfGCMarkers: "1",
	BUN_JSC_thresholdForJITAfterWarmUp: "200",
	BUN_JSC_thresholdForOptimizeAfterWarmUp: "30",
	BUN_JSC_thresholdForOptimizeSoon: "30",
	BUN_GC_TIMER_DISABLE: "1",
	MIMALLOC_SCAVENGER: "0",
};

export interface WorkerIdentity {
	sessionId: string;
	sessionName: string;
	workerId: string;
	cwd: string;
	/** Path of the session's shell when that is what runs; null for a command. */
	shell: string | null;
}

/** The whole environment of a worker's process: the daemon's, cleaned; then what a terminal has; then the caller's; then who it is. */
export function workerEnvironment(
	daemon: Env,
	added: Record<string, string>,
	who: WorkerIdentity,
): Record<string, string> {
	const env: Record<string, string> = {};
	for (const [name, value] of Object.entries(daemon)) {
		if (value !== undefined && !belongsToPlace(name)) env[name] = value;
	}
	env.TERM = "xterm-256color";
	env.COLORTERM = "truecolor";
	env.TERM_PROGRAM = "berth";
	env.TERM_PROGRAM_VERSION = VERSION;
	if (who.shell !== null) env.SHELL = who.shell;
	Object.assign(env, added);
	// An agent of a login that is gone makes every ssh wait for it.
	if (env.SSH_AUTH_SOCK !== undefined && !existsSync(env.SSH_AUTH_SOCK)) delete env.SSH_AUTH_SOCK;
	env.PWD = who.cwd;
	env.BERTH_SESSION = who.sessionId;
	env.BERTH_SESSION_NAME = who.sessionName;
	env.BERTH_WORKER = who.workerId;
	return env;
}

/** The holder's own environment. It must not carry the worker's marker: the holder is not part of the worker's tree. */
export function holderEnvironment(daemon: Env): Record<string, string> {
	const env = { ...HOLDER_RUNTIME };
	for (const [name, value] of Object.entries(daemon)) {
		if (value !== undefined && forHolder.test(name)) env[name] = value;
	}
	return env;
}
