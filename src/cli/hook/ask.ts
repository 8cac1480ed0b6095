/**
 * Asks the daemon what a hook is to say, and asks the next daemon when one goes away. Nobody is asked for longer than the deadline; no daemon
 * is started: the environment here is an agent's.
 */
import { checkedFetch } from "../../client/http.ts";
import { BerthError } from "../../contract/errors.ts";
import type { HookCall, HookVerdict } from "../../contract/hook.ts";

/** Milliseconds between attempts. */
const RETRY_MS = 200;

/** The daemon's word. Throws `daemon_unreachable` when there was none until the deadline, and whatever else it refused with. */
export async function askDaemon(socket: string, call: HookCall, withinMs: number): Promise<HookVerdict> {
	const deadline = performance.now() + withinMs;
	const signal = AbortSignal.timeout(withinMs);
	const send = checkedFetch({
		baseUrl: "http://localhost",
		fetch: (url, init) => fetch(url, { ...init, unix: socket, timeout: false } as RequestInit),
	});
	for (;;) {
		try {
			const response = await send("http://localhost/hooks/claude", {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(call),
				signal,
			});
			return (await response.json()) as HookVerdict;
		} catch (error) {
			if (signal.aborted) throw new BerthError("daemon_unreachable", "Berth did not answer in time");
			const gone = !(error instanceof BerthError) || error.code === "daemon_unreachable";
			if (!gone || performance.now() > deadline) throw error;
			await Bun.sleep(RETRY_MS);
		}
	}
}
