import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { decodeData, OUTPUT, type ServerMessage, SNAPSHOT } from "../../src/contract/stream.ts";
import { Berth, until } from "../support/berth.ts";

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
let writer: string;
let reader: string;

beforeAll(async () => {
	berth = await Berth.start();
	writer = await token({ scope: "write" });
	reader = await token({ scope: "read" });
});
afterAll(() => berth[Symbol.asyncDispose]());

async function token(body: object): Promise<string> {
	return (await berth.api<{ token: string }>("POST", "/tokens", body)).body.token;
}

async function session(name: string, command: string[]): Promise<void> {
	const { status, body } = await berth.api("POST", "/sessions", { name, command });
	if (status !== 201) throw new Error(JSON.stringify(body));
}

interface Attached {
	socket: WebSocket;
	messages: ServerMessage[];
	/** Bytes of output and snapshots, in the order they came. */
	text: () => string;
	nextOffset: () => number;
	closed: Promise<{ code: number; reason: string }>;
}

function attach(path: string, bearer: string, headers: Record<string, string> = {}): Promise<Attached> {
	const url = `ws://127.0.0.1:${berth.port}${path}`;
	const socket = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}`, ...headers } } as never);
	socket.binaryType = "arraybuffer";
	const messages: ServerMessage[] = [];
	const chunks: Uint8Array[] = [];
	let next = -1;
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.onclose = ({ code, reason }) => resolve({ code, reason });
	});
	socket.onmessage = ({ data }) => {
		if (typeof data === "string") {
			messages.push(JSON.parse(data) as ServerMessage);
			return;
		}
		const decoded = decodeData(new Uint8Array(data as ArrayBuffer));
		if (decoded === null) throw new Error("a binary message of an unknown kind");
		if (decoded.kind === OUTPUT && next >= 0 && decoded.offset !== next)
			throw new Error("a gap in the output");
		next = decoded.kind === SNAPSHOT ? decoded.offset : decoded.offset + decoded.bytes.length;
		chunks.push(decoded.bytes.slice());
	};
	const text = () => Buffer.concat(chunks).toString();
	return new Promise((resolve, reject) => {
		socket.onopen = () => resolve({ socket, messages, text, nextOffset: () => next, closed });
		socket.onerror = () => reject(new Error("the WebSocket was refused"));
	});
}

test("what is typed reaches the process, and what it prints comes back", async () => {
	await session("echo", ["cat"]);
	const client = await attach("/sessions/echo/attach?cols=90&rows=30", writer);
	await until(() => client.messages[0], "hello has come");
	expect(client.messages[0]).toMatchObject({
		type: "hello",
		cols: 90,
		rows: 30,
		role: "writer",
		generation: 1,
	});
	client.socket.send(Buffer.from("größe\r"));
	await until(() => client.text().includes("größe\r\ngröße"), "the line was echoed and printed");
	client.socket.send(JSON.stringify({ type: "resize", cols: 100, rows: 25 }));
	await until(
		async () =>
			(await berth.api<{ workers: { cols: number }[] }>("GET", "/sessions/echo")).body.workers[0]?.cols ===
			100,
		"the size has changed",
	);
	client.socket.close();
});

test("a read token attaches as a viewer, is painted anew when it asks, and cannot type", async () => {
	await session("looked", ["cat"]);
	const client = await attach("/sessions/looked/attach", reader);
	await until(() => client.messages[0], "hello has come");
	expect(client.messages[0]).toMatchObject({ role: "viewer", repaints: true });
	client.socket.send(JSON.stringify({ type: "repaint" }));
	await until(
		() => client.messages.some((message) => message.type === "resync" && message.reason === "asked"),
		"the snapshot is announced",
	);
	client.socket.send(Buffer.from("secret\r"));
	const other = await attach("/sessions/looked/attach", writer);
	other.socket.send(Buffer.from("open\r"));
	await until(() => client.text().includes("open"), "the writer's line is seen");
	expect(client.text()).not.toContain("secret");
	await expect(attach("/sessions/looked/attach?role=writer", reader)).rejects.toThrow("refused");
	client.socket.close();
	other.socket.close();
});

test("a page of another origin cannot attach, with whatever token", async () => {
	await session("guarded", ["cat"]);
	const origins = ["https://evil.example", "null", "http://127.0.0.1:3000"];
	for (const origin of origins) {
		await expect(attach("/sessions/guarded/attach", writer, { origin })).rejects.toThrow("refused");
	}
	await expect(attach("/sessions/guarded/attach", writer, { host: "evil.example" })).rejects.toThrow(
		"refused",
	);
	const own = await attach("/sessions/guarded/attach", writer, { origin: `http://127.0.0.1:${berth.port}` });
	own.socket.close();
});

test("a token that is revoked loses what it has open, at once", async () => {
	await session("revoked", ["cat"]);
	const { body } = await berth.api<{ id: string; token: string }>("POST", "/tokens", { scope: "write" });
	const client = await attach("/sessions/revoked/attach", body.token);
	await until(() => client.messages[0], "hello has come");
	const events = await fetch(`http://127.0.0.1:${berth.port}/events`, {
		headers: { authorization: `Bearer ${body.token}` },
	});
	await berth.api("DELETE", `/tokens/${body.id}`);
	expect((await client.closed).code).toBe(1008);
	await events.text();
});

test("the end of the process is told, and closes the stream normally", async () => {
	await session("ends", ["sh", "-c", "read line; echo bye; exit 3"]);
	const client = await attach("/sessions/ends/attach", writer);
	client.socket.send(Buffer.from("\r"));
	expect((await client.closed).code).toBe(1000);
	expect(client.text()).toContain("bye");
	expect(client.messages.at(-1)).toEqual({ type: "exit", code: 3, signal: null, reason: "exited" });
	const again = await fetch(`http://127.0.0.1:${berth.port}/sessions/ends/attach`, {
		headers: { authorization: `Bearer ${writer}`, upgrade: "websocket", connection: "upgrade" },
	});
	expect(again.status).toBe(409);
	expect(await again.json()).toMatchObject({ code: "session_ended" });
});

test("a client that resumes from its offset gets what it missed and no snapshot", async () => {
	await session("resumed", ["cat"]);
	const first = await attach("/sessions/resumed/attach", writer);
	first.socket.send(Buffer.from("one\r"));
	await until(() => first.text().includes("one\r\none\r\n"), "the first line is there");
	const offset = first.nextOffset();
	first.socket.close();
	await first.closed;
	await berth.api("POST", "/sessions/resumed/input", { text: "two\r" });
	const second = await attach(`/sessions/resumed/attach?from=${offset}&generation=1`, writer);
	await until(() => second.text().includes("two\r\ntwo\r\n"), "the second line is there");
	expect(second.text()).not.toContain("one");
	expect(second.messages[0]).toMatchObject({ type: "hello", offset });
	second.socket.close();
});

test("a client that does not read grows neither the daemon nor the holder, and is resynced when it reads again", async () => {
	const flood = "while :; do printf '%05000d\\n' 1; done";
	await session("flood", ["sh", "-c", flood]);
	const stalled = connect(berth.port, "127.0.0.1");
	await new Promise<void>((resolve) => stalled.once("connect", resolve));
	stalled.pause();
	stalled.write(
		`GET /sessions/flood/attach HTTP/1.1\r\nHost: 127.0.0.1:${berth.port}\r\nAuthorization: Bearer ${writer}\r\n` +
			"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	);
	const offset = async () =>
		(await berth.api<{ workers: { offset: number }[] }>("GET", "/sessions/flood")).body.workers[0]!.offset;
	const pid = await berth.daemonPid();
	await until(async () => (await offset()) > 4_000_000, "the flood runs");
	const before = residentBytes(pid);
	await until(async () => (await offset()) > 40_000_000, "40 MB went by", 60_000);
	expect(residentBytes(pid) - before).toBeLessThan(16 * 1024 * 1024);
	const received: Buffer[] = [];
	stalled.on("data", (chunk) => received.push(Buffer.from(chunk)));
	stalled.resume();
	await until(
		() => Buffer.concat(received).includes('"type":"resync"'),
		"it is told that it missed something",
	);
	stalled.destroy();
	await berth.api("POST", "/sessions/flood/kill");
});

function residentBytes(pid: number): number {
	const pages = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1];
	return Number(pages) * 4096;
}

test("a daemon that stops tells its clients to come back, and sessions go on", async () => {
	const own = await Berth.start();
	try {
		await own.api("POST", "/sessions", { name: "stays", command: ["cat"] });
		const { body } = await own.api<{ token: string }>("POST", "/tokens", { scope: "write" });
		const socket = new WebSocket(`ws://127.0.0.1:${own.port}/sessions/stays/attach`, {
			headers: { authorization: `Bearer ${body.token}` },
		} as never);
		await new Promise((resolve) => {
			socket.onmessage = resolve;
		});
		const closed = new Promise<number>((resolve) => {
			socket.onclose = ({ code }) => resolve(code);
		});
		const events = await own.fetch("/events");
		const pid = await own.daemonPid();
		process.kill(pid, "SIGTERM");
		expect(await closed).toBe(1012);
		expect(await events.text()).toContain(": berth");
		await own.startDaemon();
		expect(
			(await own.api<{ workers: { state: string }[] }>("GET", "/sessions/stays")).body.workers[0]?.state,
		).toBe("running");
	} finally {
		await own[Symbol.asyncDispose]();
	}
});
