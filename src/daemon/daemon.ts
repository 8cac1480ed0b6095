/**
 * The daemon put together: lock, store, services, listeners. Everything it owns is given up by `stop`, and by the kernel when it
 * dies; the sessions' holders belong to nobody and go on.
 */
import { randomBytes } from "node:crypto";
import { BerthError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import type { Settings } from "../platform/config.ts";
import { writeDaemonFile } from "../platform/daemon-file.ts";
import { ensurePrivateDir } from "../platform/files.ts";
import { Housekeeping } from "../platform/housekeeping.ts";
import { lockFile } from "../platform/lock-file.ts";
import type { Paths } from "../platform/paths.ts";
import { Store } from "../store/store.ts";
import { assemble } from "./assemble.ts";
import type { Gateway } from "./http/gateway.ts";
import { listenTcp, listenUnix, type TcpListener } from "./http/listeners.ts";
import type { Log } from "./log.ts";
import { createControlPlane } from "./services/control-plane.ts";
import { Feed } from "./services/feed.ts";
import { Tokens } from "./services/tokens.ts";
import { Traffic } from "./services/traffic.ts";
import { whoAnswers } from "./services/who-answers.ts";

/** Bytes of the nonce that the daemon proves itself with. */
const NONCE_BYTES = 32;

/** Garbage is collected in the silence after so many requests: a collection takes some ten milliseconds. */
const HOUSEKEEPING = { lookMs: 10_000, worth: 50 } as const;

export interface DaemonOptions {
	paths: Paths;
	settings: Settings;
	/** The daemon's own environment; processes of sessions start from it. */
	env: Record<string, string | undefined>;
	selfArgv: () => readonly string[];
	log: Log;
	/** Unix milliseconds. */
	now: () => number;
	/** Milliseconds that only grow. */
	monotonic: () => number;
}

export interface Daemon {
	/** Base URL of the TCP listener; null without one. */
	url: string | null;
	stop(): Promise<void>;
}

/** Names of the variables that a helper process needs to find the same folders. */
const HELPER_VARIABLES = [
	"PATH",
	"HOME",
	"BERTH_HOME",
	"XDG_STATE_HOME",
	"XDG_CONFIG_HOME",
	"XDG_CACHE_HOME",
	"XDG_RUNTIME_DIR",
	"TMPDIR",
];

/** Throws `daemon_running` when another daemon has this home, and gives up everything again when it cannot start. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
	const { paths, settings, env, selfArgv, log, now, monotonic } = options;
	const undo: (() => void | Promise<void>)[] = [];
	const giveUp = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		for (const folder of [paths.state, paths.run]) ensurePrivateDir(folder);
		const lock = lockFile(paths.daemonLock);
		if (lock === null) {
			throw new BerthError(
				"daemon_running",
				`a daemon runs already and holds ${paths.daemonLock}; see berth daemon status`,
			);
		}
		undo.push(() => lock.release());
		const startedAt = now();
		const store = Store.open(paths.database, { now });
		undo.push(() => store.close());
		const tokens = new Tokens({ store, tokensFile: paths.tokensFile, now });
		undo.push(() => tokens.stop());
		const feed = new Feed({ store, now });
		undo.push(() => feed.stop());
		const collect = (): void => {
			store.shrink();
			Bun.gc(true);
		};
		const housekeeping = new Housekeeping({ ...HOUSEKEEPING, collect });
		undo.push(() => housekeeping.stop());
		const traffic = new Traffic(() => housekeeping.work());

		// The port is taken before sessions are touched: a start that must fail because of it changes nothing.
		const ready = Promise.withResolvers<Gateway>();
		const early: Gateway = async (request, carrier) => (await ready.promise)(request, carrier);
		const tcp = settings.port === 0 ? null : await openPort(settings, early);
		const url = tcp?.url ?? null;
		if (tcp) undo.push(() => tcp.stop());

		const sleep = (ms: number) => Bun.sleep(ms);
		const control = createControlPlane({ store, paths, settings, env, selfArgv, now, monotonic, sleep, log });
		undo.push(() => control.stop());
		control.sessions.supervisor.onNotice(() => housekeeping.background());
		await control.start();
		const stopping = new AbortController();
		const nonce = randomBytes(NONCE_BYTES).toString("hex");
		const parts = {
			...{ store, tokens, feed, traffic, log, now, startedAt, nonce, selfArgv },
			home: env.HOME || "/",
			helperEnv: pick(env, HELPER_VARIABLES),
			baseUrl: () => url,
			stopping: stopping.signal,
		};
		const { gateway } = assemble(parts, control, settings);
		writeDaemonFile(paths, { pid: process.pid, version: VERSION, nonce, url, startedAt });
		store.change(({ record }) =>
			record({
				type: "daemon.started",
				sessionId: null,
				workerId: null,
				data: { pid: process.pid, version: VERSION, url },
			}),
		);
		ready.resolve(gateway);
		const unix = listenUnix(paths.daemonSocket, gateway);
		undo.push(() => unix.stop());
		undo.push(() => stopping.abort());
		return { url, stop: giveUp };
	} catch (error) {
		await giveUp();
		throw error;
	}
}

/** Listens, or says what has the port. */
async function openPort(settings: Settings, gateway: Gateway): Promise<TcpListener> {
	try {
		return listenTcp(settings, gateway);
	} catch (error) {
		if (!(error instanceof BerthError) || error.code !== "port_taken") throw error;
		const who = await whoAnswers(settings);
		const advice = "set another port in config.toml (or BERTH_PORT; 0 for none)";
		throw new BerthError(
			"port_taken",
			`${error.message}: ${who} answers there; ${advice}`,
			error.info,
			error,
		);
	}
}

function pick(env: Record<string, string | undefined>, names: readonly string[]): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const name of names) {
		const value = env[name];
		if (value !== undefined) kept[name] = value;
	}
	return kept;
}
