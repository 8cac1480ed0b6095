/** The client library against a real daemon, over TCP with a token, as a program elsewhere uses it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { attach } from "../../src/client/attach.ts";
import { answer, createClient } from "../../src/client/client.ts";
import type { App } from "../../src/daemon/app.ts";
import { Berth, until } from "../support/berth.ts";

let berth: Berth;
let token: string;
beforeAll(async () => {
	berth = await Berth.start();
	token = (await berth.ok(["token", "create", "--scope", "admin"])).trim();
});
afterAll(() => berth[Symbol.asyncDispose]());

const open = (withToken = token) =>
	createClient<App>({ baseUrl: `http://127.0.0.1:${berth.port}`, token: withToken });

test("types of requests and answers are those of the routes, and failures are BerthErrors", async () => {
	const { api } = open();
	const made = await answer(
		api.sessions.post({ name: "typed", command: ["cat"], restart: "no", env: { A: "b" } }),
	);
	expect(made).toMatchObject({ name: "typed", workers: [{ state: "running" }] });
	expect(await answer(api.sessions({ ref: "typed" }).signal.post({ signal: "CONT" }))).toMatchObject({
		status: "signalled",
	});
	await expect(answer(api.sessions({ ref: "nobody" }).get())).rejects.toMatchObject({
		code: "session_not_found",
	});
	await expect(answer(open("berth_wrong").api.sessions.get())).rejects.toMatchObject({
		code: "unauthorized",
	});
});

test("events go on after the daemon's restart, without a gap", async () => {
	const stop = new AbortController();
	const seen: number[] = [];
	const names: unknown[] = [];
	const following = (async () => {
		for await (const event of open().events({ after: 0 }, stop.signal)) {
			seen.push(event.seq);
			if (event.type === "session.created") names.push(event.data.name);
		}
	})();
	await berth.ok(["new", "first", "-d", "--", "cat"]);
	await until(() => names.includes("first"), "the first is seen");
	await berth.ok(["daemon", "restart"]);
	await berth.ok(["new", "second", "-d", "--", "cat"]);
	await until(() => names.includes("second"), "the second is seen");
	stop.abort();
	await following;
	expect(seen).toEqual(seen.map((_, index) => seen[0]! + index));
});

/** Where nobody listens. */
const NOBODY = "ws://127.0.0.1:1/";

/** Attaches to a session while the line is not cut, and gathers what it prints. */
function attached(name: string) {
	const seen = { text: "", snapshots: 0, states: [] as string[] };
	const line = { cut: false };
	const ended = Promise.withResolvers<number | null>();
	const attachment = attach({
		url: `ws://127.0.0.1:${berth.port}/sessions/${name}/attach`,
		cols: 80,
		rows: 24,
		// Bun's WebSocket takes headers; a browser sends its cookie.
		connect: (url) =>
			new WebSocket(line.cut ? NOBODY : url, {
				headers: { authorization: `Bearer ${token}` },
			} as unknown as string[]),
		onSnapshot: () => seen.snapshots++,
		onOutput: (bytes) => {
			seen.text += new TextDecoder().decode(bytes);
		},
		onState: (state) => seen.states.push(state),
		onExit: ({ code }) => ended.resolve(code),
		onError: (error) => ended.reject(error),
	});
	return { seen, line, attachment, ended: ended.promise, [Symbol.dispose]: () => attachment.close() };
}

test("what is typed while the connection is being made arrives in order", async () => {
	await berth.ok(["new", "eager", "-d", "--", "cat"]);
	using it = attached("eager");
	it.attachment.input("typed ");
	it.attachment.input("at once\n");
	await until(() => it.seen.text.includes("typed at once\r\ntyped at once\r\n"), "it is echoed");
	await berth.killDaemon();
	await until(() => it.seen.states.at(-1) !== "open", "the loss is noticed");
	await berth.startDaemon();
	it.attachment.input("and soon after\n");
	it.attachment.retry();
	await until(() => it.seen.text.includes("and soon after\r\nand soon after\r\n"), "it is echoed");
});

test("what was typed long before the connection came, or is too much to be typed, or was meant for another process, never arrives", async () => {
	await berth.ok(["new", "late", "-d", "--", "cat"]);
	using it = attached("late");
	const back = async () => {
		it.line.cut = false;
		it.attachment.retry();
		await until(() => it.seen.states.at(-1) === "open", "it is attached");
	};
	const gone = async () => {
		it.line.cut = true;
		await berth.killDaemon();
		await until(() => it.seen.states.at(-1) !== "open", "the loss is noticed");
		await berth.startDaemon();
	};
	await back();
	await gone();
	it.attachment.input("old");
	await Bun.sleep(5100);
	it.attachment.input(" and its end\n");
	await back();
	await gone();
	it.attachment.input("x".repeat(65 * 1024));
	it.attachment.input(" much\n");
	await back();
	await gone();
	it.attachment.input("another's\n");
	await berth.ok(["restart", "late"]);
	await back();
	it.attachment.input("new\n");
	await until(() => it.seen.text.includes("new\r\nnew\r\n"), "it is echoed");
	expect(it.seen.text).toBe("new\r\nnew\r\n");
});

test("attach over a WebSocket types, reads, and goes on where it was when the daemon comes back", async () => {
	await berth.ok(["new", "socket", "-d", "--", "cat"]);
	using it = attached("socket");
	await until(() => it.seen.states.at(-1) === "open", "it is attached");
	it.attachment.input("before\n");
	await until(() => it.seen.text.includes("before\r\nbefore\r\n"), "the echo came");
	await berth.killDaemon();
	await until(() => it.seen.states.at(-1) !== "open", "the loss is noticed");
	await berth.ok(["send", "socket", "meanwhile", "--enter"]);
	await until(() => it.seen.text.includes("meanwhile\r\nmeanwhile\r\n"), "what was missed came");
	it.attachment.input("\x04");
	expect(await it.ended).toBe(0);
	expect(it.seen.snapshots).toBe(1);
});
