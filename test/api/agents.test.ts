/** Definitions of agents and their workers, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentDefinition, AgentList } from "../../src/contract/agent-definition.ts";
import type { Problem } from "../../src/contract/errors.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import type { AgentWorker, Session } from "../../src/contract/session.ts";
import type { Event } from "../../src/contract/system.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, until } from "../support/berth.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.home();
	const bin = join(berth.home, "bin");
	mkdirSync(bin);
	writeFileSync(join(bin, "sleeper"), '#!/bin/sh\n[ "$1" = --version ] && exec echo 7.1\nexec sleep 600\n');
	chmodSync(join(bin, "sleeper"), 0o700);
	berth.env.PATH = `${bin}:${berth.env.PATH}`;
	await berth.startDaemon();
});
afterAll(() => berth[Symbol.asyncDispose]());

const manifest = {
	id: "sleeper",
	name: "Sleeper",
	executable: "sleeper",
	driver: "pty",
	commands: {
		pty: { start: ["sleeper", ["--model", "{{model}}"], ["--", "{{prompt}}"]] },
		headless: ["sleeper", "-p", "{{prompt}}"],
	},
};

const TOML = `# my own
id = "sleeper"
name = "Sleeper in TOML"
executable = "sleeper"
driver = "pty"
[commands.pty]
start = ["sleeper", ["--model", "{{model}}"], ["--", "{{prompt}}"]]
[commands]
headless = ["sleeper", "-p", "{{prompt}}"]
`;

const putToml = (id: string, text: string) =>
	berth.fetch(`/agents/${id}`, {
		method: "PUT",
		headers: { "content-type": "application/toml" },
		body: text,
	});

describe("definitions", () => {
	test("are put as JSON or as TOML, shown, and removed", async () => {
		expect((await berth.api("PUT", "/agents/sleeper", manifest)).status).toBe(201);
		const put = await putToml("sleeper", TOML);
		expect(put.status).toBe(200);
		expect(((await put.json()) as AgentDefinition).name).toBe("Sleeper in TOML");
		expect(readFileSync(join(berth.home, "config/agents/sleeper.toml"), "utf8")).toBe(TOML);
		const { body } = await berth.api<AgentDefinition>("GET", "/agents/sleeper");
		expect(body).toMatchObject({ builtIn: false, drivers: ["pty"], available: ["pty"] });
		expect(body.path).toBe(join(berth.home, "bin/sleeper"));
		const text = await berth.fetch("/agents/sleeper", { headers: { accept: "application/toml" } });
		expect(text.headers.get("content-type")).toBe("application/toml");
		expect(await text.text()).toBe(TOML);
		expect((await berth.api("DELETE", "/agents/sleeper")).body).toEqual({ status: "deleted" });
		expect((await berth.api("GET", "/agents/sleeper")).status).toBe(404);
		expect((await berth.api<Problem>("DELETE", "/agents/claude")).body.code).toBe("agent_built_in");
	});

	test("that are broken are told beside those that are not", async () => {
		await berth.api("PUT", "/agents/sleeper", manifest);
		const file = join(berth.home, "config/agents/odd.toml");
		writeFileSync(file, "id = odd");
		const { body } = await berth.api<AgentList>("GET", "/agents?versions=true");
		expect(body.broken).toMatchObject([{ file, reason: expect.stringContaining("line 1") }]);
		expect(body.agents.find(({ id }) => id === "sleeper")?.version).toBe("7.1");
		const elsewhere = await berth.api<AgentList>("GET", "/agents?path=/nowhere");
		expect(elsewhere.body.agents.every(({ path }) => path === null)).toBe(true);
	});

	test("that do not fit are refused with the place", async () => {
		const refusals: [Response | { status: number; body: unknown }, string, string][] = [
			[await putToml("sleeper", TOML.replace("{{model}}", "{{modle}}")), "invalid_agent", "{{modle}}"],
			[await putToml("other", TOML), "invalid_agent", "sleeper"],
			[await putToml("sleeper", "id ="), "invalid_agent", "line 1"],
			[
				await berth.api("PUT", "/agents/sleeper", { ...manifest, driver: "acp" }),
				"invalid_agent",
				"commands.acp",
			],
			[await berth.api("PUT", "/agents/sleeper", { ...manifest, nmae: 1 }), "invalid_agent", "nmae"],
			[await putToml("..%2fx", TOML), "invalid_agent", "sleeper"],
		];
		for (const [answer, code, part] of refusals) {
			const problem = (answer instanceof Response ? await answer.json() : answer.body) as Problem;
			expect(problem.code as string).toBe(code);
			expect(JSON.stringify(problem)).toContain(part);
		}
		const asText = { method: "PUT", headers: { "content-type": "text/plain" }, body: TOML };
		expect((await berth.fetch("/agents/sleeper", asText)).status).toBe(415);
		const elsewhere = { method: "POST", headers: { "content-type": "application/toml" }, body: "name = 'x'" };
		expect((await berth.fetch("/sessions", elsewhere)).status).toBe(415);
	});

	test("answer one prompt with a command of their own", async () => {
		const ask = (id: string, more = {}) =>
			berth.api<Problem>("POST", `/agents/${id}/headless`, { prompt: "-x $(id)", cwd: berth.home, ...more });
		expect((await ask("sleeper")).body as unknown).toEqual({
			command: ["sleeper", "-p", "-x $(id)"],
			env: {},
		});
		expect((await ask("nobody")).body.code).toBe("agent_not_found");
		expect((await ask("sleeper", { model: "x" })).body.code).toBe("bad_request");
		expect((await ask("sleeper", { cwd: "/nowhere" })).body.code).toBe("invalid_cwd");
		expect((await ask("sleeper", { prompt: "x".repeat(200_000) })).body.code).toBe("too_large");
	});

	test("are an administrator's to change, and nobody's who sees one session only", async () => {
		const token = async (input: object) =>
			(await berth.api<{ token: string }>("POST", "/tokens", { label: "t", ...input })).body.token;
		const session = (await berth.api<Session>("POST", "/sessions", { cwd: berth.home, port: null })).body;
		const ask = async (bearer: string, method: string, path: string, body?: object) => {
			const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
			const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
			return (await fetch(`http://127.0.0.1:${berth.port}${path}`, init)).status;
		};
		const reader = await token({ scope: "read" });
		const bound = await token({ scope: "admin", session: session.name });
		expect(await ask(reader, "GET", "/agents")).toBe(200);
		expect(await ask(reader, "GET", "/agents?path=/tmp")).toBe(403);
		expect(await ask(await token({ scope: "write" }), "PUT", "/agents/sleeper", manifest)).toBe(403);
		expect(await ask(bound, "PUT", "/agents/sleeper", manifest)).toBe(403);
		expect(await ask(bound, "GET", "/agents")).toBe(403);
	});
});

describe("an agent", () => {
	const path = "/sessions/agent";
	const worker = async () => (await berth.api<AgentWorker>("GET", `${path}/workers/main`)).body;

	test("is what a session is made with, or gets beside what it runs", async () => {
		const agent = { definition: "sleeper", prompt: "do 'it'" };
		const input = { name: "agent", cwd: berth.home, port: null, agent };
		const made = await berth.api<Session>("POST", "/sessions", input);
		expect(made.status).toBe(201);
		expect(made.body.workers).toMatchObject([
			{
				kind: "agent",
				command: ["sleeper", "--", "do 'it'"],
				agent: { definition: "sleeper", driver: "pty" },
			},
		]);
		const second = await berth.api<AgentWorker>("POST", `${path}/workers`, {
			kind: "agent",
			agent: { definition: "sleeper", model: "big" },
		});
		expect(second.body).toMatchObject({ name: "sleeper", agent: { model: "big" } });
	});

	test("that cannot be is refused before anything is made", async () => {
		const make = async (agent: object, more: object = {}) =>
			(await berth.api<Problem>("POST", "/sessions", { cwd: berth.home, agent, ...more })).body
				.code as string;
		const before = (await berth.api<Session[]>("GET", "/sessions?all=true")).body.length;
		expect(await make({ definition: "nobody" })).toBe("agent_not_found");
		expect(await make({ definition: "sleeper", driver: "acp" })).toBe("bad_request");
		expect(await make({ definition: "sleeper", what: 1 })).toBe("bad_request");
		expect(await make({ definition: "sleeper" }, { shell: "sh" })).toBe("bad_request");
		await berth.api("PUT", "/agents/gone", {
			...manifest,
			id: "gone",
			install: "get gone",
			commands: { pty: { start: ["not-there"] } },
		});
		expect(await make({ definition: "gone" })).toBe("agent_not_installed");
		expect((await berth.api<Session[]>("GET", "/sessions?all=true")).body.length).toBe(before);
	});

	test("or a terminal that is asked for wrongly is told which field it is", async () => {
		const detail = async (body: object) =>
			(await berth.api<Problem>("POST", `${path}/workers`, body)).body.detail;
		expect(await detail({ command: "ls" })).toStartWith("body: command must be array");
		expect(await detail({ kind: "agent" })).toStartWith("body: agent is missing");
		expect(await detail({ kind: "agent", agent: { definition: 7 } })).toStartWith(
			"body: agent.definition must",
		);
		expect(await detail({ kind: "robot" })).toStartWith("body: kind must be");
	});

	test("restarts with what it had, or with what is changed; an empty body is enough", async () => {
		expect((await berth.api("POST", `${path}/restart`)).status).toBe(200);
		expect(await worker()).toMatchObject({ command: ["sleeper"], generation: 2 });
		expect((await berth.api("POST", `${path}/restart`, { agent: { model: "small" } })).status).toBe(200);
		expect(await worker()).toMatchObject({
			command: ["sleeper", "--model", "small"],
			agent: { model: "small" },
		});
		const refused = await berth.api<Problem>("POST", `${path}/restart`, { agent: { mode: "plan" } });
		expect([refused.status, refused.body.code]).toEqual([400, "bad_request"]);
		expect((await worker()).generation).toBe(3);
	});

	test("in a screen of its own whose state nobody can tell keeps its model unless it is to be now; ended, at once", async () => {
		const patch = (body: object) => berth.api<Problem>("PATCH", `${path}/workers/main`, body);
		const refused = await patch({ name: "other", agent: { model: "big" } });
		expect([refused.status, refused.body.code]).toEqual([409, "would_interrupt"]);
		expect(await worker()).toMatchObject({ name: "main", generation: 3, agent: { model: "small" } });
		expect((await patch({ agent: { model: "middle" }, now: true })).status).toBe(200);
		expect(await worker()).toMatchObject({
			...{ command: ["sleeper", "--model", "middle"], generation: 4 },
			agent: { model: "middle" },
		});
		await berth.api("POST", `${path}/workers/main/close`);
		expect((await patch({ name: "boss", agent: { model: "big" } })).status).toBe(200);
		const boss = (await berth.api<AgentWorker>("GET", `${path}/workers/boss`)).body;
		expect(boss.agent.model).toBe("big");
		expect((await berth.api<Problem>("PATCH", `${path}/workers/boss`, { agent: {} })).status).toBe(400);
	});
});

describe.each(["acp", "claude-stream"] as const)("an agent that speaks %s", (driver) => {
	const mode = driver === "acp" ? "code" : "plan";
	const path = `/sessions/${driver}`;
	const worker = async () => (await berth.api<AgentWorker>("GET", `${path}/workers/main`)).body;
	const patch = (body: object) => berth.api<Problem>("PATCH", `${path}/workers/main`, body);
	const idle = () => until(async () => (await worker()).agent.status.state === "idle", "the agent is idle");

	async function ended(id: string): Promise<Prompt> {
		return (await berth.api<Prompt>("GET", `${path}/prompts/${id}?wait=30000`)).body;
	}
	async function ask(text: string): Promise<string | null> {
		const { body } = await berth.api<Prompt>("POST", `${path}/prompts`, { text });
		return (await ended(body.id)).answer;
	}
	async function configured(): Promise<Event[]> {
		const id = (await worker()).id;
		const { body } = await berth.api<{ events: Event[] }>(
			"GET",
			`/events?types=agent.configured&session=${driver}`,
		);
		return body.events.filter(({ workerId }) => workerId === id);
	}

	test("gets its first prompt when it can take it", async () => {
		const definition = installFakeAgent(berth.home, { id: `fake-${driver}`, driver });
		const agent = { definition, prompt: "say hello" };
		const made = await berth.api<Session>("POST", "/sessions", {
			name: driver,
			cwd: berth.home,
			port: null,
			agent,
		});
		expect(made.status).toBe(201);
		const [first] = (await berth.api<Prompt[]>("GET", `${path}/prompts?all=true`)).body;
		expect(await ended(first!.id)).toMatchObject({ text: "say hello", state: "completed", answer: "hello" });
	});

	test("changes model and mode at once, and keeps them; what it refuses changes nothing", async () => {
		await idle();
		const before = (await configured()).length;
		expect((await patch({ name: "main", agent: { model: "large", mode } })).status).toBe(200);
		expect((await worker()).agent).toMatchObject({ model: "large", mode });
		expect(await ask("config")).toBe(`model=large mode=${mode}`);
		expect((await configured()).slice(before).filter(({ data }) => data.model === "large")).toHaveLength(1);
		for (const agent of [{ model: "none" }, { mode: "none" }, { model: "small", mode: "none" }]) {
			const refused = await patch({ name: "other", agent });
			expect([refused.status, refused.body.code]).toEqual([409, "agent_refused"]);
			expect(await ask("config")).toBe(`model=large mode=${mode}`);
			expect(await worker()).toMatchObject({ name: "main", agent: { model: "large", mode } });
		}
	});

	test("comes back after a restart and a pause in its conversation, as it was set up", async () => {
		const { conversation } = (await worker()).agent;
		expect(conversation).not.toBeNull();
		await berth.api("POST", `${path}/restart`);
		await idle();
		expect((await worker()).agent.conversation).toBe(conversation);
		expect(await ask("config")).toBe(`model=large mode=${mode}`);
		await berth.api("POST", `${path}/pause`);
		expect((await worker()).state).toBe("exited");
		expect((await berth.api("POST", `${path}/resume`)).status).toBe(200);
		await idle();
		expect((await worker()).agent.conversation).toBe(conversation);
		expect(
			(await berth.api("POST", `${path}/restart`, { fresh: true, agent: { model: "small" } })).status,
		).toBe(200);
		await idle();
		expect(await ask("config")).toBe(`model=small mode=${mode}`);
		await until(
			async () => (await worker()).agent.conversation !== conversation,
			"the conversation is another",
		);
	});
});
