import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { decodeData, SNAPSHOT } from "../../src/contract/stream.ts";
import { hashToken, type TokenEntry, writeTokensFile } from "../../src/platform/tokens-file.ts";
import { freePort, until } from "../support/berth.ts";
import { type Holder, Home, SESSION } from "../support/holder.ts";

const TOKENS = {
	read: "berth_read",
	write: "berth_write",
	other: "berth_other",
	own: "berth_own",
	old: "berth_old",
};

function entry(id: string, token: string, change: Partial<TokenEntry>): TokenEntry {
	return { id, sha256: hashToken(token), scope: "write", sessionId: null, expiresAt: null, ...change };
}

const entries = [
	entry("t_1", TOKENS.read, { scope: "read" }),
	entry("t_2", TOKENS.write, {}),
	entry("t_3", TOKENS.other, { sessionId: "s_another000" }),
	entry("t_4", TOKENS.own, { sessionId: SESSION }),
	entry("t_5", TOKENS.old, { expiresAt: 1 }),
];

interface Port extends AsyncDisposable {
	home: Home;
	holder: Holder;
	port: number;
	fetch(path: string, init?: RequestInit & { token?: string | null }): Promise<Response>;
	post(path: string, body: unknown, token?: string): Promise<Response>;
}

async function open(change: Parameters<Home["start"]>[0] = {}): Promise<Port> {
	const home = new Home();
	writeTokensFile(join(home.path, "state/tokens.json"), entries);
	const port = await freePort();
	const holder = await home.start({
		port,
		allowedOrigins: ["127.0.0.1:19999", "https://box.example"],
		...change,
	});
	const call = (path: string, init: RequestInit & { token?: string | null } = {}) => {
		const { token = TOKENS.write, ...rest } = init;
		const headers = new Headers(rest.headers);
		if (token !== null) headers.set("authorization", `Bearer ${token}`);
		return fetch(`http://127.0.0.1:${port}${path}`, { ...rest, headers });
	};
	return {
		home,
		holder,
		port,
		fetch: call,
		post: (path, body, token) =>
			call(path, {
				method: "POST",
				body: JSON.stringify(body),
				headers: { "content-type": "application/json" },
				...(token ? { token } : {}),
			}),
		[Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
	};
}

/** Status and code of a refusal, which must be a problem document. */
async function refusal(response: Response): Promise<[number, string]> {
	expect(response.headers.get("content-type")).toBe("application/problem+json");
	const problem = (await response.json()) as { status: number; code: string; detail: string };
	expect(problem.status).toBe(response.status);
	expect(problem.detail.length).toBeGreaterThan(10);
	return [response.status, problem.code];
}

/** One request as raw bytes, for what fetch does not let one send. */
async function raw(port: number, request: string): Promise<string> {
	let text = "";
	const closed = Promise.withResolvers<void>();
	const socket = await Bun.connect({
		hostname: "127.0.0.1",
		port,
		socket: {
			data: (_, chunk) => {
				text += chunk.toString();
			},
			close: () => closed.resolve(),
		},
	});
	socket.write(request);
	await closed.promise;
	return text;
}

test("the data paths answer as the daemon's do", async () => {
	await using port = await open({ argv: ["/bin/sh", "-c", "printf '\\033[31mhello\\033[0m\\n'; exec cat"] });
	await until(
		async () => (await (await port.fetch("/output")).text()).includes("hello"),
		"the output is there",
	);
	expect(await (await port.fetch("/status")).json()).toMatchObject({ pid: port.holder.pid, port: port.port });
	const screen = await port.fetch("/screen");
	expect(screen.headers.get("content-type")).toBe("text/plain; charset=utf-8");
	expect(Number(screen.headers.get("berth-offset"))).toBeGreaterThan(0);
	expect(await screen.text()).toStartWith("hello\n");
	expect(await (await port.fetch("/screen?format=ansi")).text()).toMatch(/\x1b\[[\d;]+mhello/);
	const html = await port.fetch("/screen?format=html");
	expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
	expect(html.headers.get("content-security-policy")).toContain("default-src 'none'");
	expect(await (await port.fetch("/screen?format=json")).json()).toMatchObject({
		cols: 80,
		rows: 24,
		alternate: false,
	});
	expect(await (await port.fetch("/output?lines=1&format=json")).json()).toMatchObject({
		text: "hello",
		lines: 1,
	});

	const journal = await port.fetch("/journal?from=2&to=9");
	expect(await journal.text()).toBe("31mhell");
	expect(journal.headers.get("berth-start-offset")).toBe("2");
	expect(journal.headers.get("berth-end-offset")).toBe("9");
	expect(journal.headers.get("berth-generation")).toBe("1");

	const cast = (await (await port.fetch("/recording")).text()).split("\n");
	expect(JSON.parse(cast[0]!)).toMatchObject({ version: 3 });
	expect(JSON.parse((await (await port.fetch("/recording?version=2")).text()).split("\n")[0]!)).toMatchObject(
		{ version: 2 },
	);

	expect(await (await port.post("/input", { text: "typed\r" })).json()).toEqual({ bytes: 6 });
	const raw = await port.fetch("/input", {
		method: "POST",
		body: new Uint8Array([0x72, 0x61, 0x77, 0x0d]),
		headers: { "content-type": "application/octet-stream" },
	});
	expect(await raw.json()).toEqual({ bytes: 4 });
	expect(await (await port.post("/wait", { text: "raw", timeoutMs: 10_000 })).json()).toMatchObject({
		status: "matched",
	});
	expect(await (await port.post("/keys", { keys: ["x", "Enter"] })).json()).toEqual({ bytes: 2 });
	expect(await (await port.post("/resize", { cols: 90, rows: 30 })).json()).toEqual({ cols: 90, rows: 30 });
	expect(await (await port.post("/signal", { signal: "INT" })).json()).toMatchObject({ status: "signalled" });
	await port.holder.process.exited;
	expect(port.holder.exitRecord()).toMatchObject({ signal: "INT" });
});

test("there is no lifecycle here: close, kill and restart name the daemon's path", async () => {
	await using port = await open();
	for (const path of ["/close", "/kill", "/restart"]) {
		const response = await port.fetch(path, { method: "POST" });
		expect(response.status).toBe(404);
		expect(await response.json()).toMatchObject({
			code: "lifecycle_at_daemon",
			// By its id: it may be called something else by now, and another session what it was called.
			info: { path: `/sessions/${SESSION}${path}` },
		});
	}
	expect(await refusal(await port.fetch("/nothing"))).toEqual([404, "not_found"]);
	expect(await refusal(await port.fetch("/..%2f..%2fetc/passwd"))).toEqual([404, "not_found"]);
	const wrong = await port.fetch("/screen", { method: "DELETE" });
	expect(wrong.headers.get("allow")).toBe("GET");
	expect(await refusal(wrong)).toEqual([405, "method_not_allowed"]);
});

test("every path needs a valid token that covers it and is not bound to another session", async () => {
	await using port = await open({ argv: ["/bin/cat"] });
	for (const path of [
		"/status",
		"/screen",
		"/output",
		"/journal",
		"/recording",
		"/attach",
		"/nothing",
		"/kill",
	]) {
		expect(await refusal(await port.fetch(path, { token: null }))).toEqual([401, "unauthorized"]);
		expect(await refusal(await port.fetch(path, { token: "berth_guess" }))).toEqual([401, "unauthorized"]);
		expect(await refusal(await port.fetch(path, { token: TOKENS.old }))).toEqual([401, "unauthorized"]);
		expect(await refusal(await port.fetch(path, { token: TOKENS.other }))).toEqual([403, "forbidden"]);
	}
	expect((await port.fetch("/status", { token: null })).headers.get("www-authenticate")).toBe("Bearer");
	// A token in the query is for WebSockets alone: it would end up in logs and histories.
	expect((await port.fetch(`/status?token=${TOKENS.read}`, { token: null })).status).toBe(401);
	expect((await port.fetch("/status", { token: TOKENS.read })).status).toBe(200);
	expect((await port.fetch("/status", { token: TOKENS.own })).status).toBe(200);
	const writes: [string, unknown][] = [
		["/input", { text: "x" }],
		["/keys", { keys: ["x"] }],
		["/run", { command: "true" }],
		["/resize", { cols: 80, rows: 24 }],
		["/signal", { signal: "INT" }],
		["/wait", { idleMs: 1, input: "x" }],
	];
	for (const [path, body] of writes) {
		expect(await refusal(await port.post(path, body, TOKENS.read))).toEqual([403, "forbidden"]);
	}
	expect((await port.post("/wait", { idleMs: 1 }, TOKENS.read)).status).toBe(200);
	expect((await port.post("/input", { text: "x" }, TOKENS.own)).status).toBe(200);
});

test("a revoked token stops working at once, and a damaged token file lets nobody in", async () => {
	await using port = await open();
	expect((await port.fetch("/status")).status).toBe(200);
	const file = join(port.home.path, "state/tokens.json");
	writeTokensFile(file, []);
	expect((await port.fetch("/status")).status).toBe(401);
	writeTokensFile(file, entries);
	expect((await port.fetch("/status")).status).toBe(200);
	await Bun.write(file, "{");
	expect((await port.fetch("/status")).status).toBe(500);
});

test("a stream ends when its token is revoked or expires, and what it types after that reaches nobody", async () => {
	await using port = await open({ argv: ["/bin/cat"] });
	const file = join(port.home.path, "state/tokens.json");
	const attach = async () => {
		const socket = new WebSocket(`ws://127.0.0.1:${port.port}/attach?token=${TOKENS.write}`);
		const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
		await new Promise((resolve) => socket.addEventListener("open", resolve));
		return { socket, closed };
	};
	const silent = await attach();
	const typing = await attach();
	writeTokensFile(file, [entry("t_2", TOKENS.write, { expiresAt: Date.now() - 1 })]);
	typing.socket.send(new TextEncoder().encode("too late"));
	expect((await typing.closed).code).toBe(1008);
	expect((await silent.closed).code).toBe(1008);
	writeTokensFile(file, entries);
	expect(await (await port.fetch("/output")).text()).not.toContain("too late");
}, 300_000);

test("a rebinding host name, a foreign page and a form post are refused before the token is looked at", async () => {
	await using port = await open();
	const bearer = `Authorization: Bearer ${TOKENS.write}\r\nConnection: close\r\n\r\n`;
	for (const host of [
		"evil.example",
		`evil.example:${port.port}`,
		"127.0.0.1",
		`127.0.0.1:${port.port + 1}`,
		"localhost",
	]) {
		expect(await raw(port.port, `GET /status HTTP/1.1\r\nHost: ${host}\r\n${bearer}`)).toContain(
			"origin_refused",
		);
	}
	for (const host of [
		`127.0.0.1:${port.port}`,
		`localhost:${port.port}`,
		`LOCALHOST:${port.port}`,
		`[::1]:${port.port}`,
	]) {
		expect(await raw(port.port, `GET /status HTTP/1.1\r\nHost: ${host}\r\n${bearer}`)).toStartWith(
			"HTTP/1.1 200",
		);
	}
	for (const origin of [
		"http://evil.example",
		"null",
		"http://127.0.0.1:1",
		"file://",
		`http://evil.example:${port.port}`,
	]) {
		const response = await port.fetch("/status", { headers: { origin } });
		expect(response.headers.get("access-control-allow-origin")).toBeNull();
		expect(await refusal(response)).toEqual([403, "origin_refused"]);
		const preflight = await port.fetch("/input", { method: "OPTIONS", headers: { origin }, token: null });
		expect(preflight.status).toBe(403);
	}
	for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
		const response = await port.fetch("/input", {
			method: "POST",
			body: new Blob(['{"text":"x"}'], { type }),
			headers: type === "" ? {} : { "content-type": type },
		});
		expect(await refusal(response)).toEqual([415, "unsupported_media_type"]);
	}
});

test("pages that are let in may call and read: the port's own, the daemon's, a configured one", async () => {
	await using port = await open();
	for (const origin of [`http://localhost:${port.port}`, "http://127.0.0.1:19999", "https://box.example"]) {
		const response = await port.fetch("/status", { headers: { origin } });
		expect(response.status).toBe(200);
		expect(response.headers.get("access-control-allow-origin")).toBe(origin);
		const preflight = await port.fetch("/input", { method: "OPTIONS", headers: { origin }, token: null });
		expect(preflight.status).toBe(204);
		expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
	}
});

interface Socket {
	texts: Record<string, unknown>[];
	data: NonNullable<ReturnType<typeof decodeData>>[];
	socket: WebSocket;
	closed: Promise<{ code: number }>;
}

function attach(url: string, options: object = {}): Socket {
	const socket = new WebSocket(url, options as string[]);
	socket.binaryType = "arraybuffer";
	const closed = Promise.withResolvers<{ code: number }>();
	const result: Socket = { texts: [], data: [], socket, closed: closed.promise };
	socket.onmessage = ({ data }) => {
		if (typeof data === "string") result.texts.push(JSON.parse(data) as Record<string, unknown>);
		else result.data.push(decodeData(new Uint8Array(data as ArrayBuffer))!);
	};
	socket.onclose = ({ code }) => closed.resolve({ code });
	return result;
}

const text = ({ data }: Socket) => data.map(({ bytes }) => Buffer.from(bytes).toString()).join("");

test("a WebSocket carries the same stream, with the token in a header, in the query or as a subprotocol", async () => {
	await using port = await open({ argv: ["/bin/cat"] });
	const url = `ws://127.0.0.1:${port.port}/attach`;
	const ways = [
		attach(url, { headers: { authorization: `Bearer ${TOKENS.write}` } }),
		attach(`${url}?token=${TOKENS.write}&cols=100&rows=40`),
		attach(url, { protocols: ["berth", `berth.token.${TOKENS.write}`] }),
	];
	for (const client of ways) {
		await until(() => client.data.length > 0, "the snapshot is there");
		expect(client.texts[0]).toMatchObject({ type: "hello", role: "writer", generation: 1 });
		expect(client.data[0]!.kind).toBe(SNAPSHOT);
	}
	// The token is not repeated in the answer.
	expect(ways[2]!.socket.protocol).toBe("berth");
	ways[0]!.socket.send(new TextEncoder().encode("typed\r"));
	for (const client of ways) await until(() => text(client).includes("typed"), "all see it");
	ways[1]!.socket.send(JSON.stringify({ type: "resize", cols: 120, rows: 50 }));
	await until(
		() => ways[0]!.texts.some(({ type, cols }) => type === "size" && cols === 120),
		"the size is told",
	);
	ways[1]!.socket.send("no json");
	await until(
		() => ways[1]!.texts.some(({ type, code }) => type === "error" && code === "bad_request"),
		"told what was wrong",
	);
	process.kill(port.holder.pid, "SIGTERM");
	for (const client of ways) {
		expect((await client.closed).code).toBe(1000);
		expect(client.texts.at(-1)).toEqual({ type: "exit", code: null, signal: "TERM", reason: "exited" });
	}
});

test("a WebSocket that may not is refused before the protocol is switched", async () => {
	await using port = await open();
	const url = `ws://127.0.0.1:${port.port}/attach`;
	const bearer = (token: string, more: object = {}) => ({
		headers: { authorization: `Bearer ${token}`, ...more },
	});
	const refused = [
		attach(url),
		attach(`${url}?token=berth_guess`),
		attach(url, bearer(TOKENS.other)),
		attach(url, bearer(TOKENS.read)),
		attach(`${url}?role=king`, bearer(TOKENS.write)),
		attach(`${url}?cols=0&rows=1`, bearer(TOKENS.write)),
		attach(`${url}?from=1`, bearer(TOKENS.write)),
		attach(url, bearer(TOKENS.write, { origin: "http://evil.example" })),
		attach(url, bearer(TOKENS.write, { host: "evil.example" })),
	];
	for (const client of refused) {
		await client.closed;
		expect(client.texts).toHaveLength(0);
	}
	const viewer = attach(`${url}?role=viewer`, bearer(TOKENS.read));
	await until(() => viewer.texts.length > 0, "a viewer with a read token is let in");
	viewer.socket.send(new TextEncoder().encode("x"));
	await until(() => viewer.texts.some(({ code }) => code === "forbidden"), "but may not type");
	viewer.socket.close();
	expect(await refusal(await port.fetch("/attach"))).toEqual([400, "bad_request"]);
});

test("a WebSocket client that stops reading is resynced and ends with the exact end of the output", async () => {
	await using port = await open({
		argv: ["/bin/sh", "-c", "stty -echo; read x; seq 4000000; echo the-very-end; exec cat"],
	});
	const child = Bun.spawn(
		[
			process.execPath,
			"-e",
			`const socket = new WebSocket(process.argv[1]); socket.binaryType = "arraybuffer"; let tail = "";
			socket.onmessage = ({ data }) => {
				if (typeof data === "string") { console.log(JSON.parse(data).type, JSON.parse(data).reason ?? ""); return; }
				tail = (tail + Buffer.from(data).subarray(9).toString()).slice(-50000);
				if (tail.includes("the-very-end")) console.log("end-seen");
			};`,
			`ws://127.0.0.1:${port.port}/attach?role=viewer&token=${TOKENS.read}`,
		],
		{ stdin: "ignore", stdout: "pipe" },
	);
	port.home.adopt(child.pid);
	const reader = child.stdout.getReader();
	let report = "";
	const read = async () => {
		report += new TextDecoder().decode((await reader.read()).value);
	};
	while (!report.includes("hello")) await read();
	child.kill("SIGSTOP");
	expect((await port.post("/wait", { text: "the-very-end", timeoutMs: 30_000, input: "\r" })).status).toBe(
		200,
	);
	child.kill("SIGCONT");
	while (!report.includes("end-seen")) await read();
	expect(report).toContain("resync slow");
});

test("a large journal streams whole, and bodies have a bound", async () => {
	await using port = await open({
		argv: ["/bin/sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x; exec sleep 600"],
	});
	await until(
		async () =>
			(await port.holder.connect()).call("status", {}, 5000).then(({ offset }) => offset === 20_000_000),
		"all is printed",
	);
	const body = await (await port.fetch("/journal")).bytes();
	expect(body.length).toBe(20_000_000);
	const large = "x".repeat(4 * 1024 * 1024 + 1);
	expect(await refusal(await port.post("/input", { text: large }))).toEqual([413, "too_large"]);
	expect((await port.post("/input", { text: "x".repeat(30_000_000) })).status).toBe(413);
});

test("no body, query or path gives a 500", async () => {
	await using port = await open({ argv: ["/bin/cat"] });
	const paths = ["/input", "/keys", "/run", "/wait", "/resize", "/signal"];
	const names = [
		"text",
		"keys",
		"command",
		"timeoutMs",
		"regex",
		"idleMs",
		"cols",
		"rows",
		"signal",
		"input",
	];
	const value = fc.oneof(
		fc.jsonValue(),
		fc.constantFrom("(", "[", "INT", 80, 24, ["C-c"], ["\ud800"], "\ud800", -1, Number.MAX_VALUE),
	);
	const body = fc.oneof(
		fc
			.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 })
			.map((fields) => JSON.stringify({ timeoutMs: 1, ...fields })),
		fc.jsonValue().map((anything) => JSON.stringify(anything)),
		fc.string({ unit: "binary" }),
	);
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...paths), body, async (path, text) => {
			// A wait without a limit of its own would wait as long as it is told to.
			if (path === "/wait" && !/"timeoutMs":1\D/.test(text)) return;
			const response = await port.fetch(path, {
				method: "POST",
				body: text,
				headers: { "content-type": "application/json" },
			});
			expect(response.status).toBeLessThan(500);
			await response.arrayBuffer();
		}),
		{ numRuns: 400 },
	);
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom("/screen", "/output", "/journal", "/recording", "/status", "/attach"),
			fc.constantFrom("format", "lines", "from", "to", "version", "role", "cols", "generation"),
			fc.oneof(
				fc.string(),
				fc.integer().map(String),
				fc.constantFrom("9".repeat(40), "-1", "1e3", "%ff", "json"),
			),
			async (path, name, given) => {
				const response = await port.fetch(`${path}?${name}=${encodeURIComponent(given)}`);
				expect(response.status).toBeLessThan(500);
				await response.arrayBuffer();
			},
		),
		{ numRuns: 300 },
	);
	expect((await port.fetch("/status")).status).toBe(200);
});
