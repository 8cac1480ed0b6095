import { afterAll, beforeAll, expect, test } from "bun:test";
import { Berth } from "../support/berth.ts";

/** Longer than Bun's own limit for a silent connection (10 s) and than ours for a request (30 s). */
const SILENCE_MS = 33_000;

let berth: Berth;
let bearer: string;
beforeAll(async () => {
	berth = await Berth.start();
	await berth.api("POST", "/sessions", { name: "silent", command: ["cat"] });
	bearer = (await berth.api<{ token: string }>("POST", "/tokens", { scope: "write" })).body.token;
});
afterAll(() => berth[Symbol.asyncDispose]());

test.concurrent("a call that waits long is not cut off by a limit for silent connections, on either listener", async () => {
	const init = {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
		body: JSON.stringify({ text: "never", timeoutMs: SILENCE_MS }),
		timeout: false,
	} as RequestInit;
	const answers = await Promise.all([
		berth.fetch("/sessions/silent/wait", init),
		fetch(`http://127.0.0.1:${berth.port}/sessions/silent/wait`, init),
	]);
	for (const answer of answers) expect(await answer.json()).toMatchObject({ status: "timeout" });
}, 300_000);

test.concurrent("a silent event stream shows signs of life, and a silent WebSocket stays open", async () => {
	const events = await berth.fetch("/events", { timeout: false } as RequestInit);
	const socket = new WebSocket(`ws://127.0.0.1:${berth.port}/sessions/silent/attach`, {
		headers: { authorization: `Bearer ${bearer}` },
	} as never);
	let closed = false;
	socket.onclose = () => {
		closed = true;
	};
	let text = "";
	const started = performance.now();
	for await (const chunk of events.body!) {
		text += new TextDecoder().decode(chunk);
		if (text.split(": still here").length > 2) break;
	}
	const elapsed = performance.now() - started;
	expect(elapsed).toBeGreaterThan(25_000);
	expect(elapsed).toBeLessThan(40_000);
	expect(closed).toBe(false);
	socket.close();
}, 300_000);
