import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { EventPage } from "../../src/contract/system.ts";
import { provesItself, readDaemonFile } from "../../src/platform/daemon-file.ts";
import { pathsFrom } from "../../src/platform/paths.ts";
import { Berth } from "../support/berth.ts";

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	for (const name of ["mine", "theirs"]) await berth.api("POST", "/sessions", { name, command: ["cat"] });
});
afterAll(() => berth[Symbol.asyncDispose]());

async function token(body: object): Promise<string> {
	return (await berth.api<{ token: string }>("POST", "/tokens", body)).body.token;
}

function tcp(path: string, bearer: string | null, init: RequestInit = {}): Promise<Response> {
	const headers = new Headers(init.headers);
	if (bearer !== null) headers.set("authorization", `Bearer ${bearer}`);
	return fetch(`http://127.0.0.1:${berth.port}${path}`, { ...init, headers, redirect: "manual" });
}

/** A request as no client library would send it; the status line and everything after. */
function raw(request: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(berth.port, "127.0.0.1", () => socket.write(request));
		let text = "";
		socket.on("data", (chunk) => {
			text += chunk.toString();
		});
		socket.on("close", () => resolve(text));
		socket.on("error", reject);
	});
}

test("a rebound host name reads nothing over TCP", async () => {
	const value = await token({ scope: "admin" });
	const answer = await raw(
		`GET /sessions HTTP/1.1\r\nHost: evil.example:${berth.port}\r\nAuthorization: Bearer ${value}\r\nConnection: close\r\n\r\n`,
	);
	expect(answer).toStartWith("HTTP/1.1 403");
	expect(answer).toContain("origin_refused");
	expect(answer).not.toContain("mine");
});

test("requests that no library would send are refused, never failed on", async () => {
	const end = "\r\nConnection: close\r\n\r\n";
	const requests = [
		`GET /nope HTTP/1.1\r\nHost: 127.0.0.1:99999999${end}`,
		`GET /nope HTTP/1.1\r\nHost: a b${end}`,
		`GET /health HTTP/1.0\r\n\r\n`,
		`GET /health HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1:${berth.port}${end}`,
		`POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked${end}0\r\n\r\n`,
		`POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\nContent-Type: application/json${end}`,
		`OPTIONS * HTTP/1.1\r\nHost: localhost${end}`,
		`GET /sessions#x HTTP/1.1\r\nHost: localhost${end}`,
	];
	for (const request of requests) expect(await raw(request), request).toMatch(/^HTTP\/1\.1 4\d\d/);
});

test("raw paths that climb read nothing over TCP", async () => {
	const value = await token({ scope: "admin" });
	for (const path of [
		"/../../../../etc/passwd",
		"/assets/../../../etc/passwd",
		"/..%2f..%2fetc%2fpasswd",
		"/assets/..%5c..%5cx",
		"//etc/passwd",
	]) {
		const answer = await raw(
			`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${berth.port}\r\nAuthorization: Bearer ${value}\r\nConnection: close\r\n\r\n`,
		);
		expect(answer, path).toMatch(/^HTTP\/1\.1 40[04]/);
		expect(answer, path).not.toContain("root:");
	}
});

test("a token that is bound to a session sees that session and nothing else", async () => {
	const value = await token({ scope: "admin", session: "mine" });
	const { body: mine } = await berth.api<{ id: string }>("GET", "/sessions/mine");
	const { body: theirs } = await berth.api<{ id: string; port: number }>("GET", "/sessions/theirs");
	const list = (await (await tcp("/sessions?all=true", value)).json()) as { id: string }[];
	expect(list.map(({ id }) => id)).toEqual([mine.id]);
	expect((await tcp(`/sessions/${mine.id}/screen`, value)).status).toBe(200);
	for (const ref of [theirs.id, theirs.id.slice(0, 6), "theirs", String(theirs.port), "no-such"]) {
		for (const path of ["", "/screen", "/journal", "/workers", "/workers/main/output"]) {
			const response = await tcp(`/sessions/${ref}${path}`, value);
			expect(response.status, `${ref}${path}`).toBe(404);
			expect(await response.json()).toMatchObject({ code: "session_not_found" });
		}
		expect((await tcp(`/sessions/${ref}/kill`, value, { method: "POST" })).status).toBe(404);
	}
	const json = { "content-type": "application/json" };
	expect((await tcp("/sessions", value, { method: "POST", headers: json, body: "{}" })).status).toBe(403);
	expect(
		(await tcp("/tokens", value, { method: "POST", headers: json, body: '{"scope":"admin"}' })).status,
	).toBe(403);
	expect((await tcp("/tokens", value)).status).toBe(403);
	expect((await tcp("/metrics", value)).status).toBe(403);
	expect((await tcp("/login/tickets", value, { method: "POST" })).status).toBe(403);
	const accept = { accept: "application/json" };
	const page = (await (await tcp("/events?after=0", value, { headers: accept })).json()) as EventPage;
	expect(page.events.length).toBeGreaterThan(0);
	for (const { sessionId } of page.events) expect(sessionId).toBe(mine.id);
	expect((await tcp("/events?after=0&session=theirs", value, { headers: accept })).status).toBe(404);
	expect(
		(await berth.api<{ workers: { state: string }[] }>("GET", "/sessions/theirs")).body.workers[0]?.state,
	).toBe("running");
});

test("a browser logs in with a link of the unix socket's owner, once", async () => {
	const { body } = await berth.api<{ url: string }>("POST", "/login/tickets");
	expect(body.url).toStartWith(`http://127.0.0.1:${berth.port}/login?ticket=`);
	const path = body.url.slice(body.url.indexOf("/login"));
	const login = await tcp(path, null);
	expect(login.status).toBe(303);
	const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
	expect((await tcp("/sessions", null, { headers: { cookie } })).status).toBe(200);
	expect((await tcp(path, null)).status).toBe(401);
	const person = await tcp(path, null, { headers: { accept: "text/html,*/*" } });
	expect(person.status).toBe(401);
	expect(await person.text()).toContain("berth ui");
	const open = new WebSocket(`ws://127.0.0.1:${berth.port}/sessions/mine/attach`, {
		headers: { cookie, origin: `http://127.0.0.1:${berth.port}` },
	} as never);
	await new Promise((resolve, reject) => {
		open.onmessage = resolve;
		open.onerror = () => reject(new Error("refused"));
	});
	const closed = new Promise<number>((resolve) => {
		open.onclose = ({ code }) => resolve(code);
	});
	const origin = `http://127.0.0.1:${berth.port}`;
	expect((await tcp("/logout", null, { method: "POST", headers: { cookie, origin } })).status).toBe(200);
	expect(await closed).toBe(1008);
	expect((await tcp("/sessions", null, { headers: { cookie } })).status).toBe(401);
});

test("a body without a length is bounded too", async () => {
	const piece = "x".repeat(1024 * 1024);
	let sent = 0;
	const body = new ReadableStream({
		pull(controller) {
			if (sent++ < 12) controller.enqueue(new TextEncoder().encode(piece));
			else controller.close();
		},
	});
	const value = await token({ scope: "admin" });
	const headers = { "content-type": "application/octet-stream" };
	const response = await tcp("/sessions/mine/input", value, {
		method: "POST",
		headers,
		body,
		duplex: "half",
	} as RequestInit);
	expect(response.status).toBe(413);
	expect((await berth.api("GET", "/health")).status).toBe(200);
});

test("the daemon proves itself to whoever can read its private folder", async () => {
	const { nonce } = await Bun.file(join(berth.home, "state/daemon.json")).json();
	const challenge = crypto.randomUUID();
	const response = await tcp(`/health?challenge=${challenge}`, null);
	const { proof } = (await response.json()) as { proof: string };
	expect(proof).toBe(new Bun.CryptoHasher("sha256", nonce).update(challenge).digest("hex"));
	const file = readDaemonFile(pathsFrom(berth.env))!;
	expect(await provesItself(file, 5000)).toBe(true);
	expect(await provesItself({ ...file, nonce: "another" }, 5000)).toBe(false);
	using impostor = Bun.serve({
		port: 0,
		hostname: "127.0.0.1",
		fetch: () => Response.json({ name: "berth", proof }),
	});
	expect(await provesItself({ ...file, url: `http://127.0.0.1:${impostor.port}` }, 5000)).toBe(false);
});

test("nothing in the home can be read by anybody else", async () => {
	const open: string[] = [];
	const look = (folder: string): void => {
		for (const entry of readdirSync(folder, { withFileTypes: true })) {
			const path = join(folder, entry.name);
			if (entry.isSymbolicLink()) continue;
			if ((statSync(path).mode & 0o077) !== 0) open.push(path);
			if (entry.isDirectory()) look(path);
		}
	};
	for (const folder of ["state", "run"]) {
		if ((statSync(join(berth.home, folder)).mode & 0o077) !== 0) open.push(folder);
		look(join(berth.home, folder));
	}
	expect(open).toEqual([]);
});
