import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { Berth, program, until } from "../support/berth.ts";

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
beforeEach(async () => {
	berth = await Berth.home();
});
afterEach(() => berth[Symbol.asyncDispose]());

interface Readiness {
	ready: boolean;
	pid?: number;
	problem?: { code: string; detail: string };
}

/** Starts a daemon in the foreground and reads its one line. */
async function serve(env: Record<string, string> = {}): Promise<Readiness> {
	const child = Bun.spawn([...program, "daemon", "serve"], {
		env: { ...berth.env, ...env },
		stdin: "ignore",
		stdout: "pipe",
		stderr: "ignore",
	});
	let text = "";
	for await (const chunk of child.stdout) {
		text += new TextDecoder().decode(chunk);
		if (text.includes("\n")) break;
	}
	const line = JSON.parse(text.slice(0, text.indexOf("\n"))) as Readiness;
	if (!line.ready) expect(await child.exited).toBe(1);
	return line;
}

function listen(port: number, answer: string): Promise<Server> {
	const server = createServer((socket) =>
		socket.on("error", () => {}).once("data", () => socket.end(answer)),
	);
	return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

test("a second daemon of one home ends with a clear word and disturbs nothing", async () => {
	expect((await serve()).ready).toBe(true);
	const pid = await berth.daemonPid();
	const second = await serve();
	expect(second).toMatchObject({ ready: false, problem: { code: "daemon_running" } });
	expect(await berth.daemonPid()).toBe(pid);
});

test("of ten daemons that start at the same moment one serves", async () => {
	const answers = await Promise.all(Array.from({ length: 10 }, () => serve()));
	expect(answers.filter(({ ready }) => ready)).toHaveLength(1);
	for (const { ready, problem } of answers) if (!ready) expect(problem?.code).toBe("daemon_running");
	expect(await berth.daemonPid()).toBe(answers.find(({ ready }) => ready)!.pid!);
});

test("a port that something else has is named, with what answers there and what to do", async () => {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
	const server = await listen(berth.port, ok);
	const refused = await serve();
	expect(refused.problem?.code).toBe("port_taken");
	expect(refused.problem?.detail).toContain(`127.0.0.1:${berth.port}`);
	expect(refused.problem?.detail).toContain("a server that is not Berth");
	expect(refused.problem?.detail).toContain("BERTH_PORT");
	await new Promise((resolve) => server.close(resolve));
	expect((await serve()).ready).toBe(true);
});

test("another home's Berth on the port is told as what it is", async () => {
	await using other = await Berth.home({ BERTH_PORT: String(berth.port) });
	await other.startDaemon();
	expect((await serve()).problem?.detail).toContain("another home's Berth");
});

test("without a TCP port the unix socket serves alone", async () => {
	expect((await serve({ BERTH_PORT: "0" })).ready).toBe(true);
	expect((await berth.api("GET", "/health")).status).toBe(200);
	const { status, body } = await berth.api("POST", "/login/tickets");
	expect(status).toBe(400);
	expect(body).toMatchObject({ detail: expect.stringContaining("no TCP port") });
});

test("an address that the network can reach needs TLS or the word insecure", async () => {
	const refused = await serve({ BERTH_HOST: "0.0.0.0" });
	expect(refused.problem?.detail).toContain("reachable from the network");
	expect((await serve({ BERTH_HOST: "0.0.0.0", BERTH_INSECURE: "1" })).ready).toBe(true);
});

test("with a certificate the port speaks TLS, and the cookie stays on it", async () => {
	const cert = join(berth.home, "cert.pem");
	const key = join(berth.home, "key.pem");
	const made = Bun.spawnSync(
		[
			"openssl",
			"req",
			"-x509",
			"-newkey",
			"ec",
			"-pkeyopt",
			"ec_paramgen_curve:prime256v1",
			"-nodes",
			"-days",
			"1",
		].concat(["-subj", "/CN=localhost", "-keyout", key, "-out", cert]),
	);
	expect(made.exitCode).toBe(0);
	expect((await serve({ BERTH_TLS_CERT: cert, BERTH_TLS_KEY: key })).ready).toBe(true);
	const { body } = await berth.api<{ url: string }>("POST", "/login/tickets");
	expect(body.url).toStartWith("https://");
	const login = await fetch(body.url, { redirect: "manual", tls: { rejectUnauthorized: false } });
	expect(login.status).toBe(303);
	expect(login.headers.get("set-cookie")).toContain("Secure");
	const { origin } = new URL(body.url);
	for (const base of [origin, origin.replace("localhost", "127.0.0.1")]) {
		const health = await fetch(`${base}/health`, { tls: { rejectUnauthorized: false } });
		expect([base, health.status]).toEqual([base, 200]);
	}
});

test("a damaged database is refused by name and left byte for byte", async () => {
	const file = join(berth.home, "state/berth.db");
	mkdirSync(join(berth.home, "state"), { recursive: true });
	const content = Buffer.alloc(20_000, "not a database ");
	writeFileSync(file, content);
	const refused = await serve();
	expect(refused.problem?.code).toBe("store_failed");
	expect(refused.problem?.detail).toContain(file);
	expect(readFileSync(file).equals(content)).toBe(true);
});

test("a setting that is misspelt is named instead of ignored", async () => {
	mkdirSync(join(berth.home, "config"), { recursive: true });
	writeFileSync(join(berth.home, "config/config.toml"), "prot = 1234\n");
	expect((await serve()).problem?.detail).toContain('"prot"');
});

test("a stale socket of a killed daemon is replaced", async () => {
	expect((await serve()).ready).toBe(true);
	await berth.killDaemon();
	expect((await serve()).ready).toBe(true);
	expect((await berth.api("GET", "/health")).status).toBe(200);
});

test("the unix socket answers whatever host a caller names", async () => {
	expect((await serve()).ready).toBe(true);
	for (const host of ["x", "localhost", "berth", "a-much-longer-name.example"]) {
		const response = await fetch(`http://${host}/docs/json`, { unix: berth.socket } as RequestInit);
		expect([host, response.status]).toEqual([host, 200]);
		const made = await fetch(`http://${host}/tokens`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ scope: "read" }),
			unix: berth.socket,
		} as RequestInit);
		expect([host, made.status]).toEqual([host, 201]);
	}
	const streamed = await fetch("http://x/events?after=0", { unix: berth.socket } as RequestInit);
	const reader = streamed.body!.getReader();
	expect(new TextDecoder().decode((await reader.read()).value)).toContain("retry:");
	await reader.cancel();
	const followers = async () =>
		/^berth_event_followers (\d+)/m.exec(await (await berth.fetch("/metrics")).text())?.[1];
	await until(async () => (await followers()) === "0", "the stream that was left is no longer followed");
});

test("a daemon that dies with a question in its hands is replaced, and the question asked again", async () => {
	mkdirSync(join(berth.home, "run"), { mode: 0o700 });
	const dying = createServer((socket) =>
		socket.once("data", () => {
			dying.close();
			socket.destroy();
		}),
	);
	await new Promise<void>((resolve) => dying.listen(berth.socket, resolve));
	expect(await berth.run(["ls", "--json"])).toMatchObject({ code: 0, stdout: "[]\n" });
});
