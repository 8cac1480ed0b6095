/**
 * Who gets in where: every operation of the OpenAPI document and every path of a session's port, asked by callers who may not. The table is
 * made from the document, so that a route that is added is covered by itself.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Session } from "../../src/contract/session.ts";
import { routes as portRoutes } from "../../src/holder/port/routes.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

interface Document {
	paths: Record<string, Record<string, { security?: object[]; description?: string; requestBody?: object }>>;
}

let berth: Berth;
let mine: Session;
let theirs: Session;
const operations: {
	method: string;
	path: string;
	isPublic: boolean;
	hasBody: boolean;
	takesSession: boolean;
}[] = [];
const tokens: Record<string, string> = {};

const token = async (name: string, body: object) => {
	tokens[name] = (await berth.api<{ token: string }>("POST", "/tokens", body)).body.token;
};

beforeAll(async () => {
	berth = await Berth.start();
	for (const name of ["mine", "theirs"]) {
		expect((await berth.api("POST", "/sessions", { name, command: ["cat"] })).status).toBe(201);
	}
	mine = (await berth.api<Session>("GET", "/sessions/mine")).body;
	theirs = (await berth.api<Session>("GET", "/sessions/theirs")).body;
	await token("admin", { scope: "admin" });
	await token("read", { scope: "read" });
	await token("other", { scope: "admin", session: "theirs" });
	await token("expired", { scope: "admin", expiresInSeconds: 1 });
	const { body } = await berth.api<Document>("GET", "/docs/json");
	for (const [path, methods] of Object.entries(body.paths)) {
		for (const [method, facts] of Object.entries(methods)) {
			operations.push({
				method: method.toUpperCase(),
				path,
				isPublic: facts.security?.length === 0,
				hasBody: facts.requestBody !== undefined,
				takesSession: path.includes("{ref}"),
			});
		}
	}
	await until(
		async () => (await ask("GET", "/sessions", { bearer: tokens.expired! })).status === 401,
		"a token has expired",
	);
});
afterAll(() => berth[Symbol.asyncDispose]());

interface Ask {
	bearer?: string | null;
	headers?: Record<string, string>;
	port?: number;
	hasBody?: boolean;
}

/** One request over TCP, as bytes, so that Host and Origin are what we say; the answer's head and body. */
async function ask(
	method: string,
	path: string,
	{ bearer = null, headers = {}, port = berth.port, hasBody = false }: Ask,
): Promise<{ status: number; body: string }> {
	const all: Record<string, string> = {
		host: `127.0.0.1:${port}`,
		connection: "close",
		...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
		...(hasBody ? { "content-type": "application/json", "content-length": "2" } : {}),
		...headers,
	};
	const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
	let text = "";
	const closed = Promise.withResolvers<void>();
	const socket = await Bun.connect({
		hostname: "127.0.0.1",
		port,
		socket: {
			data(self, chunk) {
				text += chunk.toString("latin1");
				// A stream that was let in would never end, and a refused upgrade keeps its connection.
				const length = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1]);
				const isWhole = text.length >= text.indexOf("\r\n\r\n") + 4 + length;
				if (/^HTTP\/1\.1 (101|200)/.test(text) || isWhole) self.end();
			},
			close: () => closed.resolve(),
			error: () => closed.resolve(),
		},
	});
	socket.write(`${method} ${path} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${hasBody ? "{}" : ""}`);
	await closed.promise;
	return {
		status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
		body: text.slice(text.indexOf("\r\n\r\n") + 4),
	};
}

const filled = (path: string) =>
	path
		.replace("{ref}", mine.id)
		.replace("{wid}", mine.workers[0]!.id)
		.replace(/\{\w+\}/, "t_0000000000");

const upgrade = {
	upgrade: "websocket",
	connection: "Upgrade",
	"sec-websocket-version": "13",
	"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

interface Stranger {
	name: string;
	ask: () => Ask;
	/** What refuses it. */
	statuses: number[];
	codes: string[];
	/** Also where no token is needed. */
	evenPublic?: boolean;
}

const foreign: Stranger[] = [
	{
		name: "a page of a foreign Origin with an admin's token",
		ask: () => ({ bearer: tokens.admin!, headers: { origin: "https://evil.example" } }),
		statuses: [403],
		codes: ["origin_refused"],
	},
	{
		name: "a rebinding Host with an admin's token",
		ask: () => ({ bearer: tokens.admin!, headers: { host: "evil.example:80" } }),
		statuses: [403],
		codes: ["origin_refused"],
		evenPublic: true,
	},
];

const strangers: Stranger[] = [
	{ name: "no token", ask: () => ({}), statuses: [401], codes: ["unauthorized", "ticket_invalid"] },
	{
		name: "a wrong token",
		ask: () => ({ bearer: "berth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
		statuses: [401],
		codes: ["unauthorized", "ticket_invalid"],
	},
	{
		name: "an expired token",
		ask: () => ({ bearer: tokens.expired! }),
		statuses: [401],
		codes: ["unauthorized", "ticket_invalid"],
	},
	...foreign,
];

/** Status and code must be one of these; what should be refused must not have been done. */
async function refused(who: Stranger, method: string, path: string, extra: Ask): Promise<string | null> {
	const given = who.ask();
	const answer = await ask(method, path, {
		...given,
		...extra,
		headers: { ...extra.headers, ...given.headers },
	});
	const code = /"code":"(\w+)"/.exec(answer.body)?.[1] ?? "none";
	const isRefused = who.statuses.includes(answer.status) && (method === "HEAD" || who.codes.includes(code));
	return isRefused
		? null
		: `${who.name}: ${method} ${path} → ${answer.status} ${code} ${answer.body.slice(0, 120)}`;
}

test("every operation of the daemon refuses whoever has no valid token, and every foreign page and name", async () => {
	expect(operations.length).toBeGreaterThan(40);
	const faults: (string | null)[] = [];
	for (const { method, path, isPublic, hasBody } of operations) {
		for (const who of strangers) {
			if (isPublic && who.evenPublic !== true) continue;
			const isSocket = path.endsWith("/attach");
			faults.push(await refused(who, method, filled(path), { hasBody, headers: isSocket ? upgrade : {} }));
		}
	}
	expect(faults.filter(Boolean)).toEqual([]);
});

test("a token of another session is told that this one does not exist, by every operation", async () => {
	const other: Stranger = {
		name: "another session's token",
		ask: () => ({ bearer: tokens.other! }),
		statuses: [404, 403],
		codes: ["session_not_found", "forbidden"],
	};
	const faults: (string | null)[] = [];
	for (const { method, path, isPublic, hasBody, takesSession } of operations) {
		if (isPublic || !takesSession) continue;
		const isSocket = path.endsWith("/attach");
		faults.push(await refused(other, method, filled(path), { hasBody, headers: isSocket ? upgrade : {} }));
	}
	expect(faults.filter(Boolean)).toEqual([]);
});

test("a read token changes nothing: every operation that is not for reading refuses it", async () => {
	const changed: string[] = [];
	let refusals = 0;
	for (const { method, path, isPublic, hasBody } of operations) {
		if (isPublic || method === "GET" || method === "HEAD") continue;
		// `wait` without input only looks, `headless` only says a command; a login for the same token, and its end, change nothing else.
		if (/\/(wait|headless|logout|login\/cookie)$/.test(path)) continue;
		const { status, body } = await ask(method, filled(path), { bearer: tokens.read!, hasBody });
		if (status === 403 && body.includes('"forbidden"')) refusals++;
		else changed.push(`${method} ${path} → ${status} ${body.slice(0, 120)}`);
	}
	expect(changed).toEqual([]);
	expect(refusals).toBeGreaterThan(15);
	const writer = await ask("GET", `/sessions/${mine.id}/attach?role=writer`, {
		bearer: tokens.read!,
		headers: upgrade,
	});
	expect([writer.status, writer.body.includes('"forbidden"')]).toEqual([403, true]);
});

test("every path of a session's port refuses the same callers, its WebSocket included", async () => {
	const port = mine.port!;
	const paths = [
		...Object.entries(portRoutes).map(([path, { method }]) => ({ path, method })),
		{ path: "/attach", method: "GET" },
	];
	const narrow: Stranger[] = [
		{
			name: "another session's token",
			ask: () => ({ bearer: tokens.other! }),
			statuses: [403],
			codes: ["forbidden"],
		},
	];
	const reader: Stranger = {
		name: "a read token",
		ask: () => ({ bearer: tokens.read! }),
		statuses: [403],
		codes: ["forbidden"],
	};
	const hostile = foreign.map((who) => ({
		...who,
		ask: () => ({ ...who.ask(), headers: { ...who.ask().headers } }),
	}));
	const faults: (string | null)[] = [];
	for (const { path, method } of paths) {
		const headers = path === "/attach" ? upgrade : {};
		const hasBody = method === "POST";
		for (const who of [...strangers.slice(0, 3), ...hostile, ...narrow]) {
			faults.push(await refused(who, method, path, { port, hasBody, headers }));
		}
		const needsWrite = path === "/attach" || (method === "POST" && path !== "/wait");
		const asked = path === "/attach" ? "/attach?role=writer" : path;
		if (needsWrite) faults.push(await refused(reader, method, asked, { port, hasBody, headers }));
	}
	expect(faults.filter(Boolean)).toEqual([]);
});

const canSwitchUser = process.getuid?.() === 0 && Bun.which("setpriv") !== null;

test.if(canSwitchUser)(
	"another user of the machine opens neither the daemon's nor a holder's socket, nor any file of the state",
	async () => {
		// Its own folder may be entered by all: what keeps the other user out is what Berth made.
		Bun.spawnSync(["chmod", "755", berth.home]);
		const script = `
import os, socket, sys
for path in sys.argv[1:]:
    try:
        if path.endswith(".sock"):
            socket.socket(socket.AF_UNIX).connect(path)
        elif os.path.isdir(path):
            os.listdir(path)
        else:
            open(path).read()
        print("opened", path)
    except PermissionError:
        print("refused")
`;
		const paths = [
			berth.socket,
			mine.workers[0]!.socket!,
			theirs.workers[0]!.socket!,
			`${berth.home}/state`,
			`${berth.home}/run`,
			`${berth.home}/state/berth.db`,
			`${berth.home}/state/tokens.json`,
			`${berth.home}/state/daemon.json`,
			`${berth.home}/state/workers/${mine.workers[0]!.id}/spec.json`,
		];
		const other = Bun.spawnSync([
			"setpriv",
			"--reuid=65534",
			"--regid=65534",
			"--clear-groups",
			"/usr/bin/python3",
			"-c",
			script,
			...paths,
		]);
		expect(other.stderr.toString()).toBe("");
		expect(other.stdout.toString().trim().split("\n")).toEqual(paths.map(() => "refused"));
	},
);

test("nothing of all this has ended or typed into a session", async () => {
	for (const name of ["mine", "theirs"]) {
		const { body } = await berth.api<Session>("GET", `/sessions/${name}`);
		expect(body.workers).toMatchObject([{ state: "running", generation: 1, offset: 0 }]);
	}
});
