/** Requests for permission over HTTP, asked by real hooks and by agents that speak real protocols. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AgentStatus } from "../../src/contract/agent.ts";
import type { Problem } from "../../src/contract/errors.ts";
import type { Permission, PermissionRule } from "../../src/contract/permission.ts";
import type { AgentWorker, Session } from "../../src/contract/session.ts";
import type { EventPage } from "../../src/contract/system.ts";
import { addHookedAgent, Hooked } from "../support/agents/hooked.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	await addHookedAgent(berth);
	for (const driver of ["acp", "claude-stream"] as const)
		installFakeAgent(berth.home, { id: driver, driver });
});
afterAll(() => berth[Symbol.asyncDispose]());

const answer = (id: string, body: object) =>
	berth.api<Permission & Problem>("POST", `/permissions/${id}/answer`, body);
const lifecycle = async (id: string) => {
	const { body } = await berth.api<EventPage>("GET", "/events?types=permission.requested,permission.ended");
	return body.events
		.filter(({ data }) => data.id === id)
		.map(({ type, data }) => [type, data.state, data.by].filter((part) => part !== undefined).join(" "));
};
const stateOf = async (hooked: Hooked) => (await hooked.worker()).agent.status;
const inState = (hooked: Hooked, state: AgentStatus["state"]) =>
	until(async () => (await stateOf(hooked)).state === state, `the agent is ${state}`);

describe("a request by a hook", () => {
	test("waits for a person, is told as the agent's state, and takes the answer to the agent", async () => {
		const hooked = await Hooked.start(berth, "person");
		const allowed = await hooked.asks("make test");
		expect(allowed).toMatchObject({
			...{ agent: "hooked", source: "hook", tool: "Bash", kind: "execute", title: "Run `make test`" },
			...{ input: { command: "make test" }, cwd: hooked.session.cwd, generation: 1 },
			options: [{ kind: "allow_once" }, { kind: "reject_once" }],
		});
		expect(allowed.deadlineAt - allowed.createdAt).toBe(300_000);
		await inState(hooked, "needs-permission");
		expect((await stateOf(hooked)).evidence).toMatchObject({ kind: "hook", text: "Run `make test`" });
		expect((await hooked.worker()).agent.permissions).toBe(1);
		expect((await answer(allowed.id, { decision: "allow" })).body).toMatchObject({
			state: "answered",
			by: "person",
		});
		expect(await hooked.said("make test")).toBe("allow");
		await until(async () => (await stateOf(hooked)).state !== "needs-permission", "nothing waits any more");
		const denied = await hooked.asks("make clean");
		await answer(denied.id, { decision: "deny", reason: "not now" });
		expect(await hooked.said("make clean")).toBe("deny denied in Berth: not now");
		expect(await lifecycle(denied.id)).toEqual(["permission.requested", "permission.ended answered person"]);
	});

	test("an answer counts once: of many at once one is taken, the others and every late one are refused", async () => {
		const hooked = await Hooked.start(berth, "once");
		const { id } = await hooked.asks("make");
		const answers = await Promise.all(
			Array.from({ length: 8 }, (_, n) => answer(id, { decision: n % 2 === 0 ? "deny" : "allow" })),
		);
		const taken = answers.filter(({ status }) => status === 200);
		expect(taken).toHaveLength(1);
		expect(
			answers.filter(({ status, body }) => status === 409 && body.code === "permission_ended"),
		).toHaveLength(7);
		expect(await hooked.said("make")).toStartWith(taken[0]!.body.decision!);
		const late = await answer(id, { decision: "allow" });
		expect([late.status, late.body.code]).toEqual([409, "permission_ended"]);
		expect(late.body.info).toMatchObject({ state: "answered" });
	});

	test("several wait at once, in one session and in all", async () => {
		const [one, two] = [await Hooked.start(berth, "several-1"), await Hooked.start(berth, "several-2")];
		const [a, b, c] = [await one.asks("a"), await one.asks("b"), await two.asks("c")];
		expect((await one.requests("pending")).map(({ id }) => id)).toEqual([a.id, b.id]);
		const all = (await berth.api<Permission[]>("GET", "/permissions?state=pending")).body;
		expect(all.map(({ id }) => id)).toEqual([a.id, b.id, c.id]);
		await answer(b.id, { decision: "allow" });
		expect(await one.said("b")).toBe("allow");
		for (const { id } of [a, c]) await answer(id, { decision: "deny" });
	});

	test("the agent's own option for from now on goes back to the agent with what it suggested", async () => {
		const hooked = await Hooked.start(berth, "suggests");
		const request = await hooked.asks("npm test");
		expect(request.options.map(({ kind }) => kind)).toEqual(["allow_once", "allow_always", "reject_once"]);
		await answer(request.id, { decision: "allow", always: true });
		expect(await hooked.said("npm test")).toBe('allow [{"type":"addRules","rules":[{"toolName":"Bash"}]}]');
		expect((await berth.api<PermissionRule[]>("GET", "/permissions/rules")).body).toEqual([]);
	});
});

describe("fails closed", () => {
	const endings: { name: string; end: (session: string) => Promise<unknown>; reason: RegExp }[] = [
		{
			name: "a kill",
			end: (session) => berth.api("POST", `/sessions/${session}/kill`),
			reason: /killed|asks no more/,
		},
		{
			name: "a close",
			end: (session) => berth.api("POST", `/sessions/${session}/close`),
			reason: /closed|asks no more/,
		},
		{
			name: "a pause",
			end: (session) => berth.api("POST", `/sessions/${session}/pause`),
			reason: /closed|asks no more/,
		},
		{
			name: "a restart",
			end: (session) => berth.api("POST", `/sessions/${session}/restart`),
			reason: /stopped|asks no more/,
		},
		{
			name: "the agent's own death",
			end: async (session) => {
				const { body } = await berth.api<Session>("GET", `/sessions/${session}`);
				process.kill(body.workers[0]!.pid!, "SIGKILL");
			},
			reason: /exited|asks no more/,
		},
		{
			name: "a deletion",
			end: async (session) => {
				await berth.api("POST", `/sessions/${session}/kill`);
				expect((await berth.api("DELETE", `/sessions/${session}`)).status).toBe(200);
			},
			reason: /killed|deleted|asks no more/,
		},
	];
	test.each(endings)(
		"at $name: what waits is cancelled, with its reason, and can be answered no more",
		async ({ name, end, reason }) => {
			const hooked = await Hooked.start(berth, `ends-${name.replaceAll(/\W/g, "-")}`);
			const ids = [(await hooked.asks("a")).id, (await hooked.asks("b")).id];
			await end(hooked.session.id);
			for (const id of ids) {
				await until(async () => (await lifecycle(id)).length === 2, `${id} has ended`);
				const { body } = await berth.api<EventPage>("GET", "/events?types=permission.ended");
				const { data } = body.events.find((event) => event.data.id === id)!;
				expect(data).toMatchObject({ state: "cancelled", decision: "deny" });
				expect(data.reason).toMatch(reason);
				const late = await answer(id, { decision: "allow" });
				expect(late.body.code as string).toBe(
					name === "a deletion" ? "permission_not_found" : "permission_ended",
				);
			}
		},
	);
});

describe("rules", () => {
	const addRule = (rule: object) => berth.api<PermissionRule>("POST", "/permissions/rules", rule);

	test("answer without asking, before every tool and where the agent asks, and the events say so", async () => {
		const hooked = await Hooked.start(berth, "rules");
		const made = await addRule({ decision: "allow", tool: "Bash", subject: "ls*", agent: "hooked" });
		expect(made.status).toBe(201);
		expect((await addRule({ decision: "allow", tool: "Bash", subject: "ls*", agent: "hooked" })).status).toBe(
			200,
		);
		const denial = await addRule({ decision: "deny", tool: "Bash", subject: "*rm *" });
		await addRule({ decision: "ask", tool: "Bash", subject: "ls secret" });
		await hooked.types("ask ls -l");
		expect(await hooked.said("ls -l")).toBe("allow");
		const [allowed] = await hooked.requests();
		expect(allowed).toMatchObject({ by: "rule", ruleId: made.body.id, state: "answered", decision: "allow" });
		expect(await lifecycle(allowed!.id)).toEqual(["permission.requested", "permission.ended answered rule"]);
		await hooked.types("use rm -rf x");
		expect(await hooked.said("rm -rf x")).toBe(
			`deny denied in Berth: a rule of Berth's denies it (${denial.body.id})`,
		);
		await hooked.types("use ls secret");
		expect(await hooked.said("ls secret")).toStartWith("ask");
		await hooked.types("use ls more");
		expect(await hooked.said("ls more")).toBe("go on");
		await hooked.types("ask ls; rm x");
		expect(await hooked.said("ls; rm x")).toStartWith("deny");
		for (const { id } of (await berth.api<PermissionRule[]>("GET", "/permissions/rules")).body)
			expect((await berth.api("DELETE", `/permissions/rules/${id}`)).body).toEqual({ status: "deleted" });
		expect((await berth.api<Problem>("DELETE", `/permissions/rules/${made.body.id}`)).body.code).toBe(
			"rule_not_found",
		);
	});

	test("that are no rules are refused, and change nothing", async () => {
		for (const rule of [
			{},
			{ decision: "maybe", tool: "Bash" },
			{ decision: "allow" },
			{ decision: "allow", tool: "" },
			{ decision: "allow", tool: "Bash", directory: "relative" },
			{ decision: "allow", tool: "Bash", subjct: "x" },
		]) {
			expect((await addRule(rule)).status).toBe(400);
		}
		expect((await berth.api("GET", "/permissions/rules")).body as unknown).toEqual([]);
	});
});

describe("a token", () => {
	test("that is bound to one session sees and answers only its own, and makes no rules", async () => {
		const [mine, other] = [await Hooked.start(berth, "mine"), await Hooked.start(berth, "other")];
		const [own, foreign] = [await mine.asks("own"), await other.asks("foreign")];
		const token = (scope: string) =>
			berth
				.api<{ token: string }>("POST", "/tokens", { scope, session: "mine" })
				.then(({ body }) => body.token);
		const [writer, reader] = [await token("write"), await token("read")];
		const ask = async (bearer: string, path: string, body?: object) => {
			const response = await fetch(`http://127.0.0.1:${berth.port}${path}`, {
				method: body ? "POST" : "GET",
				headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
				...(body ? { body: JSON.stringify(body) } : {}),
				keepalive: false,
			});
			return { status: response.status, body: (await response.json()) as Permission[] & Problem };
		};
		expect((await ask(writer, "/permissions")).body.map(({ id }) => id)).toEqual([own.id]);
		expect((await ask(writer, "/permissions?session=other")).body.code).toBe("session_not_found");
		for (const path of [`/permissions/${foreign.id}`]) expect((await ask(writer, path)).status).toBe(404);
		const allow = { decision: "allow" };
		expect((await ask(writer, `/permissions/${foreign.id}/answer`, allow)).body.code).toBe(
			"permission_not_found",
		);
		expect((await ask(reader, `/permissions/${own.id}/answer`, allow)).status).toBe(403);
		expect((await ask(writer, `/permissions/${own.id}/answer`, { ...allow, always: true })).status).toBe(403);
		expect((await ask(writer, "/permissions/rules")).status).toBe(403);
		expect((await ask(writer, "/permissions/rules", { decision: "allow", tool: "*" })).status).toBe(403);
		expect((await ask(writer, "/hooks/claude", {})).status).toBe(403);
		expect((await mine.requests("pending")).map(({ id }) => id)).toEqual([own.id]);
		expect((await ask(writer, `/permissions/${own.id}/answer`, allow)).status).toBe(200);
		expect(await mine.said("own")).toBe("allow");
		await answer(foreign.id, { decision: "deny" });
	});
});

describe.each(["acp", "claude-stream"] as const)("an agent that speaks %s", (driver) => {
	const start = async (name: string) => {
		const { status, body } = await berth.api<Session>("POST", "/sessions", {
			...{ name: `${driver}-${name}`, port: null, agent: { definition: driver } },
		});
		expect(status).toBe(201);
		await until(async () => {
			const { workers } = (await berth.api<Session>("GET", `/sessions/${body.id}`)).body;
			return (workers[0] as AgentWorker).agent.status.state === "idle";
		}, "the agent takes prompts");
		return body;
	};
	const prompt = (session: Session, text: string) =>
		berth.api("POST", `/sessions/${session.id}/input`, { text: `${text}\r` });
	const requests = (session: Session, state = "pending") =>
		berth
			.api<Permission[]>("GET", `/permissions?session=${session.id}&state=${state}`)
			.then(({ body }) => body);
	const asks = async (session: Session, text: string, count = 1) => {
		await prompt(session, text);
		return await until(async () => {
			const all = await requests(session);
			return all.length === count ? all : false;
		}, `${count} wait`);
	};
	const shows = (session: Session, text: string) =>
		until(async () => {
			const { body } = await berth.api<{ output: string }>("GET", `/sessions/${session.id}/output?lines=100`);
			return JSON.stringify(body).includes(text);
		}, `${text} is shown`);

	test("asks two at once, and each is answered by its own answer, once", async () => {
		const session = await start("two");
		const [first, second] = await asks(session, "permit-two", 2);
		expect(first).toMatchObject({ source: "protocol", agent: driver, state: "pending" });
		const both = await Promise.all([
			answer(second!.id, { decision: "allow" }),
			answer(second!.id, { decision: "deny" }),
		]);
		expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
		expect((await answer(first!.id, { decision: "deny" })).body).toMatchObject({
			state: "answered",
			decision: "deny",
		});
		await shows(session, "permissions:");
		expect(await lifecycle(first!.id)).toEqual(["permission.requested", "permission.ended answered person"]);
		expect((await answer(first!.id, { decision: "allow" })).body.code).toBe("permission_ended");
	});

	test("takes its own option for from now on, else berth makes a rule, which answers the next one", async () => {
		const session = await start("always");
		const [request] = await asks(session, "permit make all");
		const ended = await answer(request!.id, { decision: "allow", always: true });
		expect(ended.status).toBe(200);
		const rules = (await berth.api<PermissionRule[]>("GET", "/permissions/rules")).body;
		const offered = request!.options.find(({ kind }) => kind === "allow_always");
		if (offered) expect([ended.body.optionId, rules]).toEqual([offered.id, []]);
		else {
			expect(rules).toMatchObject([{ decision: "allow", tool: request!.tool, agent: driver }]);
			await shows(session, "permission: allow");
			await prompt(session, "permit make all");
			const again = await until(async () => {
				const answered = await requests(session, "answered");
				return answered.length === 2 ? answered[1]! : false;
			}, "the rule answers");
			expect(again).toMatchObject({ by: "rule", ruleId: rules[0]!.id, decision: "allow" });
		}
		for (const { id } of rules) await berth.api("DELETE", `/permissions/rules/${id}`);
	});

	test.each(["kill", "close", "pause", "restart"])("leaves nothing waiting after a %s", async (how) => {
		const session = await start(how);
		const [request] = await asks(session, "permit make");
		const ended = await berth.api<Problem>("POST", `/sessions/${session.id}/${how}`);
		expect(ended.status, JSON.stringify(ended.body)).toBe(200);
		await until(async () => (await lifecycle(request!.id)).length === 2, "the request has ended");
		const { body } = await berth.api<Permission>("GET", `/permissions/${request!.id}`);
		expect(body).toMatchObject({ state: "cancelled", decision: "deny" });
		expect(body.reason).toBeTruthy();
	});

	test("that crashes while it asks leaves nothing waiting", async () => {
		const session = await start("crash");
		await prompt(session, "permit-crash");
		const [ended] = await until(async () => {
			const all = await requests(session, "cancelled");
			return all.length === 1 ? all : false;
		}, "the request is cancelled");
		expect(ended).toMatchObject({ decision: "deny" });
	});

	test("that takes its request back is not answered any more", async () => {
		const session = await start("withdraw");
		await prompt(session, "withdraw");
		const [ended] = await until(async () => {
			const all = await requests(session, "cancelled");
			return all.length === 1 ? all : false;
		}, "the request is withdrawn");
		expect(ended).toMatchObject({ by: "agent" });
		expect((await answer(ended!.id, { decision: "allow" })).body.code).toBe("permission_ended");
	});
});
