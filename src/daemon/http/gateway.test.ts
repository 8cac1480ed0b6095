import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Problem } from "../../contract/errors.ts";
import type { Scope } from "../../contract/system.ts";
import { type TestDaemon, testDaemon } from "../testing.ts";

let daemon: TestDaemon;
beforeAll(() => {
	daemon = testDaemon({ allowedHosts: ["berth.example"] });
});
afterAll(() => daemon.dispose());

const json = { "content-type": "application/json" };

function token(scope: Scope, over: { expiresAt?: number } = {}): string {
	const request = { label: "", scope, sessionId: null, expiresAt: over.expiresAt ?? null, browser: false };
	return daemon.context.tokens.create(request).token;
}
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

async function refusal(path: string, init?: RequestInit): Promise<string> {
	const response = await daemon.ask("tcp", path, init);
	if (response.ok) return `let through with ${response.status}`;
	expect(response.headers.get("content-type")).toBe("application/problem+json");
	const problem = (await response.json()) as Problem;
	expect(problem.status).toBe(response.status);
	return problem.code;
}

async function loginCookie(): Promise<string> {
	const { ticket } = daemon.context.tickets.create();
	const response = await daemon.ask("tcp", `/login?ticket=${ticket}`);
	expect(response.status).toBe(303);
	return response.headers.get("set-cookie")!.split(";")[0]!;
}

test("without a token only the public paths answer", async () => {
	for (const path of ["/health", "/docs", "/docs/json", "/login", "/", "/assets/style.css"]) {
		expect((await daemon.ask("tcp", path)).status, path).toBe(200);
	}
	for (const path of [
		"/sessions",
		"/events",
		"/metrics",
		"/tokens",
		"/sessions/x/attach",
		"/sessions/x/screen",
	]) {
		expect(await refusal(path), path).toBe("unauthorized");
	}
	expect(await refusal("/sessions", { method: "POST", headers: json, body: "{}" })).toBe("unauthorized");
});

test("the unix socket needs no token", async () => {
	expect((await daemon.ask("unix", "/sessions")).status).toBe(200);
});

test("a 401 says how to authenticate", async () => {
	const response = await daemon.ask("tcp", "/sessions");
	expect(response.headers.get("www-authenticate")).toStartWith("Bearer");
});

test("a wrong token is refused even where none is needed to be refused", async () => {
	for (const value of ["berth_wrong", "", "x".repeat(5000)]) {
		expect(await refusal("/sessions", { headers: { authorization: `Bearer ${value}` } })).toBe(
			"unauthorized",
		);
	}
	expect(await refusal("/sessions", { headers: { authorization: "Basic Zm9vOmJhcg==" } })).toBe(
		"unauthorized",
	);
});

test("read looks, write types, admin rules", async () => {
	const [read, write, admin] = [token("read"), token("write"), token("admin")];
	const get = (value: string, path: string) => refusal(path, { headers: bearer(value) });
	const post = (value: string, path: string, body = {}) =>
		refusal(path, { method: "POST", headers: { ...json, ...bearer(value) }, body: JSON.stringify(body) });
	expect(await get(read, "/sessions")).toBe("let through with 200");
	expect(await post(read, "/sessions/none/input", { text: "x" })).toBe("forbidden");
	expect(await post(write, "/sessions/none-such/input", { text: "x" })).toBe("session_not_found");
	for (const path of [
		"/sessions",
		"/sessions/x/close",
		"/sessions/x/kill",
		"/sessions/x/restart",
		"/tokens",
	]) {
		expect(await post(write, path), path).toBe("forbidden");
	}
	expect(await get(write, "/tokens")).toBe("forbidden");
	expect(await post(admin, "/sessions/none-such/close")).toBe("session_not_found");
});

test("the scope is asked before the body is looked at", async () => {
	const init = {
		method: "POST",
		headers: { ...json, ...bearer(token("read")) },
		body: JSON.stringify({ cols: "wide" }),
	};
	expect(await refusal("/sessions", init)).toBe("forbidden");
});

test("an expired token is worth nothing", async () => {
	const value = token("read", { expiresAt: daemon.clock.time + 1000 });
	expect((await daemon.ask("tcp", "/sessions", { headers: bearer(value) })).status).toBe(200);
	daemon.clock.time += 1000;
	expect(await refusal("/sessions", { headers: bearer(value) })).toBe("unauthorized");
});

test("a Host header that is not ours is refused, public paths included: a rebound name reads nothing", async () => {
	for (const host of [
		"evil.example",
		"evil.example:19999",
		"127.0.0.1.evil.example",
		"localhost.evil.example:19999",
		"10.0.0.7",
		"",
	]) {
		expect(await refusal("/health", { headers: { host } }), host).toBe("origin_refused");
	}
	for (const host of [
		"localhost:19999",
		"127.0.0.1",
		"[::1]:19999",
		"LOCALHOST:19999",
		"berth.example",
		"berth.example:8443",
	]) {
		expect((await daemon.ask("tcp", "/health", { headers: { host } })).status, host).toBe(200);
	}
});

test("a page of another origin is refused, with a valid token too", async () => {
	const value = token("admin");
	for (const origin of [
		"https://evil.example",
		"null",
		"http://localhost:3000",
		"http://127.0.0.1:20000",
		"https://127.0.0.1:19999",
		"http://localhost:19999",
		"file://",
		"not a url",
	]) {
		expect(await refusal("/sessions", { headers: { origin, ...bearer(value) } }), origin).toBe(
			"origin_refused",
		);
	}
	const own = { origin: "http://127.0.0.1:19999", ...bearer(value) };
	expect((await daemon.ask("tcp", "/sessions", { headers: own })).status).toBe(200);
});

test("no answer lets another origin read it", async () => {
	const response = await daemon.ask("tcp", "/health");
	expect(response.headers.get("access-control-allow-origin")).toBeNull();
	expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
	expect(response.headers.get("x-content-type-options")).toBe("nosniff");
	expect(response.headers.get("cache-control")).toBe("no-store");
	expect(await refusal("/sessions", { method: "OPTIONS", headers: { origin: "https://evil.example" } })).toBe(
		"origin_refused",
	);
});

test("form posts and text posts are refused, since any page can send them", async () => {
	for (const type of [
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x",
		"application/xml",
	]) {
		const init = {
			method: "POST",
			headers: { "content-type": type, ...bearer(token("admin")) },
			body: '{"name":"x"}',
		};
		expect(await refusal("/sessions", init), type).toBe("unsupported_media_type");
	}
});

test("bytes are taken where the route takes bytes, and nowhere else", async () => {
	const init = { method: "POST", headers: { "content-type": "application/octet-stream" }, body: "{}" };
	const response = await daemon.ask("unix", "/sessions", init);
	expect(response.status).toBe(415);
	expect((await daemon.ask("unix", "/sessions/none-such/input", init)).status).toBe(404);
});

test("a login link logs in once, with a cookie that scripts and other sites cannot use", async () => {
	const { ticket } = daemon.context.tickets.create();
	const path = `/login?ticket=${ticket}&next=/docs`;
	expect((await daemon.ask("tcp", path, { method: "HEAD" })).status).toBe(200);
	const response = await daemon.ask("tcp", path);
	expect(response.status).toBe(303);
	expect(response.headers.get("location")).toBe("/docs");
	const cookie = response.headers.get("set-cookie")!;
	expect(cookie).toContain("HttpOnly");
	expect(cookie).toContain("SameSite=Strict");
	expect(cookie).toContain("Path=/");
	expect(await refusal(path)).toBe("ticket_invalid");
});

test("a login link is too old after 60 seconds", async () => {
	const { ticket } = daemon.context.tickets.create();
	daemon.clock.time += 60_000;
	expect(await refusal(`/login?ticket=${ticket}`)).toBe("ticket_invalid");
});

test("after the login the browser goes to a path of ours, whatever the link said", async () => {
	for (const next of [
		"//evil.example",
		"https://evil.example/",
		"/\\evil.example",
		"javascript:alert(1)",
		"/\t/evil.example",
		"evil",
		"/%0d%0aset-cookie:x",
	]) {
		const { ticket } = daemon.context.tickets.create();
		const response = await daemon.ask("tcp", `/login?ticket=${ticket}&next=${encodeURIComponent(next)}`);
		expect(response.status).toBe(303);
		const location = response.headers.get("location")!;
		expect(new URL(location, "http://127.0.0.1:19999").origin, next).toBe("http://127.0.0.1:19999");
		expect(location, next).toStartWith("/");
		expect(location, next).not.toStartWith("//");
	}
});

test("a cookie reads, but changes things only from our own page", async () => {
	const cookie = await loginCookie();
	expect((await daemon.ask("tcp", "/sessions", { headers: { cookie } })).status).toBe(200);
	const post = (headers: Record<string, string>) =>
		refusal("/sessions/none-such/close", { method: "POST", headers: { cookie, ...headers } });
	expect(await post({})).toBe("origin_refused");
	expect(await post({ origin: "http://127.0.0.1:3000" })).toBe("origin_refused");
	expect(await post({ origin: "http://127.0.0.1:19999", "sec-fetch-site": "same-site" })).toBe(
		"origin_refused",
	);
	expect(await post({ origin: "http://127.0.0.1:19999", "sec-fetch-site": "same-origin" })).toBe(
		"session_not_found",
	);
	const embedded = { cookie, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" };
	expect(await refusal("/sessions", { headers: embedded })).toBe("origin_refused");
	const upgrade = { cookie, upgrade: "websocket", connection: "upgrade" };
	expect(await refusal("/sessions/none-such/attach", { headers: upgrade })).toBe("origin_refused");
});

test("a cookie is no bearer token, and a bearer token no cookie", async () => {
	const cookie = await loginCookie();
	const value = cookie.slice(cookie.indexOf("=") + 1);
	expect(await refusal("/sessions", { headers: bearer(value) })).toBe("unauthorized");
	expect(await refusal("/sessions", { headers: { cookie: `berth_login=${token("admin")}` } })).toBe(
		"unauthorized",
	);
});

test("logging out ends the login itself, not just the browser's copy", async () => {
	const cookie = await loginCookie();
	const headers = { cookie, origin: "http://127.0.0.1:19999" };
	const response = await daemon.ask("tcp", "/logout", { method: "POST", headers });
	expect(response.status).toBe(200);
	expect(response.headers.get("set-cookie")).toContain("Max-Age=0");
	expect(await refusal("/sessions", { headers: { cookie } })).toBe("unauthorized");
});

test("a token's text is shown once and kept nowhere", async () => {
	const response = await daemon.ask("unix", "/tokens", {
		method: "POST",
		headers: json,
		body: '{"label":"ci","scope":"write"}',
	});
	expect(response.status).toBe(201);
	const created = (await response.json()) as { id: string; token: string };
	expect(created.token).toStartWith("berth_");
	const listed = await (await daemon.ask("unix", "/tokens")).text();
	expect(listed).toContain(created.id);
	expect(listed).not.toContain(created.token);
	expect(listed).not.toContain("sha256");
	expect((await daemon.ask("unix", `/tokens/${created.id}`, { method: "DELETE" })).status).toBe(200);
	expect(await refusal("/sessions", { headers: bearer(created.token) })).toBe("unauthorized");
	expect((await daemon.ask("unix", `/tokens/${created.id}`, { method: "DELETE" })).status).toBe(404);
});

test("paths that climb read nothing", async () => {
	for (const path of [
		"/assets/..%2f..%2fpackage.json",
		"/docs/assets/..%2f..%2f..%2fetc%2fpasswd",
		"/assets/%2e%2e/%2e%2e/etc/passwd",
		"/sessions/..%2f..%2fetc%2fpasswd",
		"/sessions/..%2fx/journal",
		"/sessions/%00/journal",
		"/sessions/%zz/screen",
		"//etc/passwd",
	]) {
		const response = await daemon.ask("unix", path);
		expect([400, 404], path).toContain(response.status);
		expect(response.headers.get("content-type")).toBe("application/problem+json");
	}
});

test("an unknown path is 404, a known one with another method 405 with what it takes", async () => {
	expect((await daemon.ask("unix", "/sesions")).status).toBe(404);
	const response = await daemon.ask("unix", "/sessions/x/close");
	expect(response.status).toBe(405);
	expect(response.headers.get("allow")).toBe("POST");
});

test("a wrong field is named", async () => {
	const problemOf = async (body: unknown) => {
		const response = await daemon.ask("unix", "/sessions", {
			method: "POST",
			headers: json,
			body: JSON.stringify(body),
		});
		return (await response.json()) as Problem;
	};
	expect(await problemOf({ cols: 1 })).toMatchObject({
		status: 400,
		code: "bad_request",
		info: { field: "cols", in: "body" },
	});
	expect(await problemOf({ nmae: "x" })).toMatchObject({
		status: 400,
		info: { field: "nmae" },
		detail: expect.stringContaining("not known"),
	});
	expect(await problemOf({ restart: "never" })).toMatchObject({
		status: 400,
		info: { field: "restart" },
		detail: expect.stringContaining('"on-failure"'),
	});
	const broken = await daemon.ask("unix", "/sessions", { method: "POST", headers: json, body: "{" });
	expect(await broken.json()).toMatchObject({ code: "bad_request", info: { field: "body" } });
});

test("a body that is too large is refused by its length, before it is read", async () => {
	const headers = { ...json, "content-length": String(1024 * 1024 * 1024) };
	const response = await daemon.ask("unix", "/sessions", { method: "POST", headers, body: "{}" });
	expect(response.status).toBe(413);
	expect(await response.json()).toMatchObject({ code: "too_large" });
});
