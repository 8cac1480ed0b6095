/** For tests beside the source: the real services on a store of the test's own, without listeners and without a process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSettings, type Settings } from "../platform/config.ts";
import { ensurePrivateDir } from "../platform/files.ts";
import { pathsFrom } from "../platform/paths.ts";
import { Store } from "../store/store.ts";
import { type Assembled, assemble } from "./assemble.ts";
import type { Carrier } from "./http/gateway.ts";
import { createControlPlane } from "./services/control-plane.ts";
import { Feed } from "./services/feed.ts";
import { Tokens } from "./services/tokens.ts";
import { Traffic } from "./services/traffic.ts";

/** The time of a test: it stands still until the test moves it. */
export class TestClock {
	time = Date.UTC(2026, 0, 2, 3, 4, 5);
	readonly now = () => this.time;
}

export interface TestDaemon extends Pick<Assembled, "context" | "app"> {
	clock: TestClock;
	/** A request as it arrives on the unix socket, or on the TCP port. */
	ask(kind: Carrier["kind"], path: string, init?: RequestInit): Promise<Response>;
	dispose(): void;
}

export const TEST_ORIGIN = "http://127.0.0.1:19999";

export function testDaemon(over: Partial<Settings> = {}): TestDaemon {
	const home = mkdtempSync(join(tmpdir(), "berth-daemon-"));
	const env = { BERTH_HOME: home, HOME: home, PATH: process.env.PATH };
	const paths = pathsFrom(env);
	ensurePrivateDir(paths.state);
	const clock = new TestClock();
	const { now } = clock;
	const settings = { ...defaultSettings, ...over };
	const store = Store.open(paths.database, { now });
	const tokens = new Tokens({ store, tokensFile: paths.tokensFile, now });
	const feed = new Feed({ store, now });
	const traffic = new Traffic(() => {});
	const log = () => {};
	const sleep = (ms: number) => Bun.sleep(ms);
	const monotonic = () => performance.now();
	const selfArgv = () => [process.execPath, join(import.meta.dir, "../main.ts")];
	const control = createControlPlane({ store, paths, settings, env, selfArgv, now, monotonic, sleep, log });
	const stopping = new AbortController();
	const parts = {
		...{ store, tokens, feed, traffic, log, now, selfArgv, home },
		startedAt: clock.time,
		nonce: "5eed",
		helperEnv: env as Record<string, string>,
		baseUrl: () => TEST_ORIGIN,
		stopping: stopping.signal,
	};
	const { context, app, gateway } = assemble(parts, control, settings);
	return {
		context,
		clock,
		app,
		async ask(kind, path, init = {}) {
			const headers = new Headers(init.headers);
			if (!headers.has("host")) headers.set("host", "127.0.0.1:19999");
			const carrier: Carrier = { kind, upgrade: () => false, keepOpen: () => {} };
			const answer = await gateway(new Request(`${TEST_ORIGIN}${path}`, { ...init, headers }), carrier);
			if (!answer) throw new Error("it became a WebSocket");
			return answer;
		},
		dispose() {
			stopping.abort();
			control.stop();
			feed.stop();
			tokens.stop();
			store.close();
			rmSync(home, { recursive: true });
		},
	};
}
