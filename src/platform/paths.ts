/**
 * Where Berth keeps things. Everything is derived from an environment that is passed in, so that tests and several homes can live
 * side by side.
 *
 *   state   ${BERTH_HOME}/state    or ${XDG_STATE_HOME:-~/.local/state}/berth     database, workers, logs
 *   config  ${BERTH_HOME}/config   or ${XDG_CONFIG_HOME:-~/.config}/berth         config.toml, agents
 *   run     ${BERTH_HOME}/run      or ${XDG_RUNTIME_DIR}/berth, /tmp/berth-UID     sockets
 *   cache   ${BERTH_HOME}/cache    or ${XDG_CACHE_HOME:-~/.cache}/berth            unpacked native libraries
 */
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { SOCKET_PATH_LIMIT } from "../contract/limits.ts";

export interface Paths {
	state: string;
	config: string;
	run: string;
	cache: string;
	configFile: string;
	/** Folder of the user's definitions of agents. */
	agentsFolder: string;
	database: string;
	daemonSocket: string;
	daemonLock: string;
	daemonLog: string;
	tokensFile: string;
	/** The store of images (images.ts). */
	images: string;
}

/** The longest file name below the run folder: `w_` + id + `.sock`. */
const LONGEST_SOCKET_NAME = "/w_0123456789.sock".length;

/** What userInfo() gives on systems without user ids (Windows). */
const NO_UID = -1;

export function pathsFrom(env: Record<string, string | undefined>): Paths {
	const uid = process.getuid?.() ?? NO_UID;
	// The system's own records are read for those who have no HOME only: that takes a dozen system calls.
	const home = env.HOME || userInfo().homedir;
	const own = env.BERTH_HOME ? resolve(env.BERTH_HOME) : null;
	const state = own ? join(own, "state") : join(env.XDG_STATE_HOME || join(home, ".local/state"), "berth");
	const config = own ? join(own, "config") : join(env.XDG_CONFIG_HOME || join(home, ".config"), "berth");
	const cache = own ? join(own, "cache") : join(env.XDG_CACHE_HOME || join(home, ".cache"), "berth");
	const wanted = own
		? join(own, "run")
		: env.XDG_RUNTIME_DIR
			? join(env.XDG_RUNTIME_DIR, "berth")
			: join(tmpdir(), `berth-${uid}`);
	const run = fitSocketFolder(wanted, uid);
	return {
		state,
		config,
		run,
		cache,
		configFile: join(config, "config.toml"),
		agentsFolder: join(config, "agents"),
		database: join(state, "berth.db"),
		daemonSocket: join(run, "berth.sock"),
		daemonLock: join(state, "daemon.lock"),
		daemonLog: join(state, "daemon.log"),
		tokensFile: join(state, "tokens.json"),
		images: join(state, "images"),
	};
}

/** A folder too deep for a unix socket gets a short stand-in that is found again from the same wish. */
function fitSocketFolder(wanted: string, uid: number): string {
	// Not Buffer.byteLength: Buffer takes 1.4 ms to load, which nothing else in a short command needs.
	const bytes = new TextEncoder().encode(wanted).length;
	if (bytes + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT) return wanted;
	// node:crypto would do the same and cost every holder 1.5 MB.
	const digest = new Bun.CryptoHasher("sha256").update(wanted).digest("hex").slice(0, 12);
	return `/tmp/berth-${uid}-${digest}`;
}

/** A worker's folder: its spec, and one folder per generation. */
export function workerDir(paths: Paths, workerId: string): string {
	return join(paths.state, "workers", workerId);
}

export function workerSpecFile(paths: Paths, workerId: string): string {
	return join(workerDir(paths, workerId), "spec.json");
}

export function generationDir(paths: Paths, workerId: string, generation: number): string {
	return join(workerDir(paths, workerId), `g${generation}`);
}

export function holderSocket(paths: Paths, workerId: string): string {
	return join(paths.run, `${workerId}.sock`);
}

/** Held by the worker's holder from its start until its exit is known and its socket and port are given up. */
export function holderLock(paths: Paths, workerId: string): string {
	return join(workerDir(paths, workerId), "holder.lock");
}
