/** What the web app asks besides the sessions themselves. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type {
	AttachedClient,
	CommandList,
	DirectoryList,
	SessionProcess,
} from "../../src/contract/activity.ts";
import type { EventPage, Self, TokenCreated } from "../../src/contract/system.ts";
import { Berth, until } from "../support/berth.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	await berth.ok(["new", "work", "-d", "--shell", "bash"]);
});
afterAll(() => berth[Symbol.asyncDispose]());

const url = (path: string) => `http://127.0.0.1:${berth.port}${path}`;
const token = async (body: object) => (await berth.api<TokenCreated>("POST", "/tokens", body)).body;

test("commands are listed with exit code and the offsets of their output", async () => {
	await berth.ok(["run", "work", "echo first"]);
	expect((await berth.run(["run", "work", "(exit 3)"])).code).toBe(3);
	const { body } = await berth.api<CommandList>("GET", "/sessions/work/commands?limit=2");
	expect(body.generation).toBe(1);
	expect(body.commands.map(({ command, exitCode }) => [command, exitCode])).toEqual([
		["echo first", 0],
		["(exit 3)", 3],
	]);
	const { startOffset, endOffset } = body.commands[0]!;
	const output = await berth.fetch(`/sessions/work/journal?from=${startOffset}&to=${endOffset}`);
	expect(await output.text()).toContain("first");
});

test("processes are what close would end, told also when the holder is stopped", async () => {
	await berth.api("POST", "/sessions/work/input", { text: "sleep 4720\r" });
	const listed = async () => (await berth.api<SessionProcess[]>("GET", "/sessions/work/processes")).body;
	const sleep = await until(async () => (await listed()).find(({ name }) => name === "sleep"), "it sleeps");
	const shell = (await listed()).find(({ name }) => name === "bash")!;
	expect([sleep.ppid, sleep.foreground, sleep.stopped]).toEqual([shell.pid, true, false]);
	process.kill(shell.ppid, "SIGSTOP");
	try {
		expect((await listed()).map(({ pid }) => pid)).toEqual([shell.pid, sleep.pid]);
	} finally {
		process.kill(shell.ppid, "SIGCONT");
	}
	await berth.api("POST", "/sessions/work/keys", { keys: ["C-c"] });
});

test("clients are listed by the name they gave, with the window that has a say", async () => {
	const { token: bearer } = await token({ scope: "write" });
	const headers = { authorization: `Bearer ${bearer}` };
	const attach = (query: string) =>
		new WebSocket(url(`/sessions/work/attach?${query}`).replace("http", "ws"), {
			headers,
		} as unknown as string[]);
	const writer = attach("role=writer&name=desk&cols=90&rows=30");
	const viewer = attach("role=viewer&name=sofa");
	try {
		const clients = await until(async () => {
			const { body } = await berth.api<AttachedClient[]>("GET", "/sessions/work/clients");
			return body.length === 2 && body;
		}, "both are attached");
		const facts = clients
			.map(({ name, role, cols, rows, latest }) => [name, role, cols, rows, latest])
			.sort();
		expect(facts).toEqual([
			["desk", "writer", 90, 30, true],
			["sofa", "viewer", null, null, false],
		]);
		expect(new Set(clients.map(({ id }) => id)).size).toBe(2);
	} finally {
		writer.close();
		viewer.close();
	}
});

test("a client that asked for a pause gets nothing until it resumes, and then misses nothing", async () => {
	const { token: bearer } = await token({ scope: "write" });
	const socket = new WebSocket(url("/sessions/work/attach?role=writer").replace("http", "ws"), {
		headers: { authorization: `Bearer ${bearer}` },
	} as unknown as string[]);
	socket.binaryType = "arraybuffer";
	let text = "";
	let greeted = false;
	socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
		if (typeof data === "string") greeted = true;
		else text += new TextDecoder().decode(new Uint8Array(data).subarray(9));
	});
	try {
		await until(() => greeted && text !== "", "the snapshot is here");
		socket.send(JSON.stringify({ type: "pause" }));
		// The daemon has taken the pause when it answers what was sent after it.
		socket.send(new TextEncoder().encode("echo paus''ed\r"));
		await until(
			async () => (await (await berth.fetch("/sessions/work/screen")).text()).includes("\npaused"),
			"the shell has answered",
		);
		expect(text).not.toContain("paused\r\n");
		socket.send(JSON.stringify({ type: "resume" }));
		await until(() => text.includes("paused\r\n"), "the output is here");
	} finally {
		socket.close();
	}
});

test("a path completes to directories, for who may make sessions", async () => {
	mkdirSync(join(berth.home, "harbour"));
	const { body } = await berth.api<DirectoryList>("GET", "/directories?path=~/har");
	expect(body).toEqual({
		home: berth.home,
		directory: berth.home,
		directories: [join(berth.home, "harbour")],
	});
	expect((await berth.api("GET", "/directories?path=har")).status).toBe(400);
	const { token: writer } = await token({ scope: "write" });
	const refused = await fetch(url("/directories?path=/"), { headers: { authorization: `Bearer ${writer}` } });
	expect(refused.status).toBe(403);
});

test("a link's token becomes a cookie that is worth the same, and ends with it", async () => {
	const { id } = (await berth.api<{ id: string }>("GET", "/sessions/work")).body;
	const link = await token({ scope: "read", session: "work", expiresInSeconds: 3600 });
	const answer = await fetch(url("/login/cookie"), {
		method: "POST",
		headers: { authorization: `Bearer ${link.token}` },
	});
	expect((await answer.json()) as Self).toMatchObject({
		scope: "read",
		sessionId: id,
		expiresAt: link.expiresAt,
	});
	const set = answer.headers.get("set-cookie")!;
	expect(set).toMatch(/HttpOnly; SameSite=Strict; Max-Age=3(600|59\d)/);
	const cookie = set.split(";")[0]!;
	const self = () => fetch(url("/login/self"), { headers: { cookie } });
	expect((await (await self()).json()) as Self).toMatchObject({
		via: "cookie",
		scope: "read",
		sessionId: id,
	});

	// Logging out is this browser's affair: the link still works for others.
	const origin = url("");
	expect((await fetch(url("/logout"), { method: "POST", headers: { cookie, origin } })).status).toBe(200);
	expect((await self()).status).toBe(200);
	await berth.api("DELETE", `/tokens/${link.id}`);
	expect((await self()).status).toBe(401);
	// Who has no token gets no cookie.
	expect((await fetch(url("/login/cookie"), { method: "POST" })).status).toBe(401);
	expect((await fetch(url("/login/self"))).status).toBe(401);
});

test("events are read backwards in pages, without gap or repetition", async () => {
	const page = async (before: number, limit: number) => {
		const answer = await berth.fetch(`/events?before=${before}&limit=${limit}`, {
			headers: { accept: "application/json" },
		});
		return (await answer.json()) as EventPage;
	};
	const whole = await page(10 ** 15 - 1, 500);
	const seqs = whole.events.map(({ seq }) => seq);
	expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
	const read: number[] = [];
	for (let before = seqs.at(-1)! + 1; ; ) {
		const { events } = await page(before, 3);
		if (events.length === 0) break;
		read.unshift(...events.map(({ seq }) => seq));
		before = events[0]!.seq;
	}
	expect(read).toEqual(seqs);
	expect((await berth.fetch("/events?before=5", { headers: { accept: "text/event-stream" } })).status).toBe(
		400,
	);
});

test("the last line on the screen and who is attached are told with the session", async () => {
	await berth.ok(["run", "work", "echo last-words"]);
	await until(async () => {
		const { body } = await berth.api<{ workers: { lastLine: string }[] }>("GET", "/sessions/work");
		return body.workers[0]!.lastLine !== "";
	}, "the line is told");
});
