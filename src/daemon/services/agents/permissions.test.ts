import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AskedPermission, EndedPermission } from "../../../contract/agent-log.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { HookCall } from "../../../contract/hook.ts";
import { eventsAfter } from "../../../store/events.ts";
import { permissionById, prunePermissions } from "../../../store/permissions.ts";
import { deleteSession } from "../../../store/sessions.ts";
import { HookRequests } from "./hook-requests.ts";
import { Hooks } from "./hooks.ts";
import { LogReader } from "./log-reader.ts";
import { PermissionRules } from "./permission-rules.ts";
import { Permissions } from "./permissions.ts";
import type { HookFact } from "./sinks.ts";
import { AgentHome } from "./testing.ts";

const TIMEOUT_MS = 60_000;

/** One daemon's services of permissions on a home. */
class Daemon {
	readonly rules: PermissionRules;
	readonly permissions: Permissions;
	readonly requests: HookRequests;
	readonly hooks: Hooks;
	readonly reader: LogReader;
	readonly stopping = new AbortController();
	readonly told: HookFact[] = [];
	readonly logged: string[] = [];

	constructor(home: AgentHome) {
		const { store, paths } = home;
		const now = () => home.time;
		const log = (_: string, message: string, facts?: object) =>
			void this.logged.push(`${message} ${JSON.stringify(facts)}`);
		const states = { hook: (_: unknown, fact: HookFact) => void this.told.push(fact) };
		this.rules = new PermissionRules({ store, home: home.home, now });
		this.permissions = new Permissions({ store, rules: this.rules, holder: () => null, log });
		const { rules, permissions } = this;
		this.requests = new HookRequests({
			store,
			permissions,
			rules,
			states,
			timeoutMs: TIMEOUT_MS,
			now,
			monotonic: now,
			log,
		});
		this.hooks = new Hooks({ store, rules, requests: this.requests, states, now });
		this.reader = new LogReader({ store, paths, log, sinks: { permissions }, onItems: () => {} });
		this.requests.start();
	}

	hook(id: string, hook: HookCall["hook"], gone = new AbortController().signal) {
		return this.hooks.call({ id, worker: "w_1", hook }, { gone, stopping: this.stopping.signal });
	}

	stop(): void {
		this.stopping.abort();
		this.requests.stop();
		this.permissions.stop();
		this.reader.stop();
	}
}

let home: AgentHome;
let daemon: Daemon;
beforeEach(() => {
	home = new AgentHome("pty");
	daemon = new Daemon(home);
});
afterEach(() => {
	daemon.stop();
	expect(daemon.logged).toEqual([]);
	home[Symbol.dispose]();
});

const asked = (id: string, more: Partial<AskedPermission> = {}): AskedPermission => ({
	id,
	call: "call-1",
	tool: "Bash",
	kind: "execute",
	title: "Run `npm test`",
	subject: "npm test",
	input: { command: "npm test" },
	options: [{ id: "yes", name: "Yes", kind: "allow_once" }],
	deadlineAt: home.time + TIMEOUT_MS,
	...more,
});
const request = (command: string, more: object = {}) => ({
	hook_event_name: "PermissionRequest",
	session_id: "c-1",
	tool_name: "Bash",
	tool_input: { command },
	...more,
});
const row = (id: string) => permissionById(home.store.read, id);
const lifecycle = () =>
	eventsAfter(home.store.read, 0, 100)
		.filter(({ type }) => type.startsWith("permission."))
		.map(({ type, data }) => `${type.slice("permission.".length)} ${data.id} ${data.state ?? ""}`.trim());
const codeOf = async (work: Promise<unknown>) =>
	work.then(
		() => null,
		(error) => BerthError.from(error).code,
	);
const settled = async (id: string) => {
	while (row(id)?.state === "pending") await Bun.sleep(1);
	return row(id);
};
const pending = async (id: string) => {
	while (row(id)?.state !== "pending") await Bun.sleep(1);
};

describe("a question", () => {
	const input = { questions: [{ question: "Which?", options: [{ label: "a" }, { label: "b" }] }] };
	const question = { ...request(""), tool_name: "AskUserQuestion", tool_input: input };

	test("is answered by a person, and its hook hears the answer by the question's text", async () => {
		const said = daemon.hook("p_1", question);
		await pending("p_1");
		const answer = (given: object) => daemon.permissions.answer("p_1", { decision: "allow", ...given }, true);
		for (const unfit of [{}, { answers: {} }, { answers: { "1": ["a", "b"] } }, { answers: { "2": ["a"] } }])
			expect(await codeOf(answer(unfit))).toBe("bad_request");
		expect(await codeOf(answer({ answers: { "1": ["a"] }, always: true }))).toBe("bad_request");
		expect(row("p_1")).toMatchObject({ state: "pending", questions: [{ id: "1", text: "Which?" }] });
		await answer({ answers: { "1": ["b"] } });
		expect(await said).toEqual({
			decision: "allow",
			always: false,
			reason: null,
			answers: { "Which?": "b" },
		});
		expect(row("p_1")).toMatchObject({ state: "answered", by: "person", answers: { "1": ["b"] } });
	});

	test("is left to a person by a rule that allows, and denied by one that denies", async () => {
		daemon.permissions.addRule({ decision: "allow", tool: "*" });
		const said = daemon.hook("p_1", question);
		await pending("p_1");
		daemon.permissions.addRule({ decision: "deny", tool: "AskUserQuestion" });
		expect(await said).toMatchObject({ decision: "deny" });
		expect(row("p_1")).toMatchObject({ by: "rule", answers: null });
	});

	test("that was answered in the agent's own dialogue is withdrawn, though the answer stands in its input then", async () => {
		const said = daemon.hook("p_1", question);
		await pending("p_1");
		const tool_input = { ...input, answers: { "Which?": "a" } };
		await daemon.hook("p_2", { ...question, hook_event_name: "PostToolUse", tool_input });
		expect(await said).toMatchObject({ decision: "deny" });
		expect(row("p_1")).toMatchObject({ state: "cancelled", by: "agent" });
	});

	test("has no answers to a plain request, nor to a denial", async () => {
		const said = [daemon.hook("p_1", request("make")), daemon.hook("p_2", question)];
		await Promise.all([pending("p_1"), pending("p_2")]);
		const answers = { "1": ["a"] };
		const plain = daemon.permissions.answer("p_1", { decision: "allow", answers }, true);
		expect(await codeOf(plain)).toBe("bad_request");
		expect(await codeOf(daemon.permissions.answer("p_2", { decision: "deny", answers }, true))).toBe(
			"bad_request",
		);
		for (const id of ["p_1", "p_2"]) await daemon.permissions.answer(id, { decision: "deny" }, true);
		expect(await Promise.all(said)).toMatchObject([{ decision: "deny" }, { decision: "deny" }]);
	});
});

describe("what an agent's log tells of its requests", () => {
	const ends: [EndedPermission["state"], EndedPermission["by"]][] = [
		["answered", "person"],
		["answered", "rule"],
		["expired", "deadline"],
		["cancelled", "agent"],
		["cancelled", "holder"],
	];
	test.each(ends)("is stored with its end and told in events: %s by %s", async (state, by) => {
		const end = {
			id: "p_1",
			state,
			decision: "deny",
			optionId: null,
			by,
			ruleId: null,
			reason: "so",
		} as const;
		home.writes({ kind: "permission", permission: asked("p_1") });
		await daemon.reader.catchUp("w_1");
		expect(row("p_1")).toMatchObject({ state: "pending", agent: "fake", source: "protocol", decision: null });
		home.writes({ kind: "permission-ended", permission: end });
		await daemon.reader.catchUp("w_1");
		expect(row("p_1")).toMatchObject({ ...end, endedAt: expect.any(Number) });
		expect(lifecycle()).toEqual(["requested p_1", `ended p_1 ${state}`]);
	});

	test("twice changes nothing the second time", async () => {
		const end: EndedPermission = {
			...{
				id: "p_1",
				state: "answered",
				decision: "allow",
				optionId: "yes",
				by: "person",
				ruleId: null,
				reason: null,
			},
		};
		home.writes(
			{ kind: "permission", permission: asked("p_1") },
			{ kind: "permission", permission: asked("p_1", { title: "other" }) },
			{ kind: "permission-ended", permission: end },
			{ kind: "permission-ended", permission: { ...end, decision: "deny" } },
		);
		await daemon.reader.catchUp("w_1");
		expect(row("p_1")).toMatchObject({ title: "Run `npm test`", decision: "allow" });
		expect(lifecycle()).toEqual(["requested p_1", "ended p_1 answered"]);
	});

	test.each(["exited", "closed", "killed", "lost"] as const)(
		"an agent that %s leaves no request waiting, and each says why",
		async (exitReason) => {
			home.writes(
				{ kind: "permission", permission: asked("p_1") },
				{ kind: "permission", permission: asked("p_2") },
			);
			await daemon.reader.catchUp("w_1");
			home.ends(exitReason);
			await daemon.reader.catchUp("w_1");
			for (const id of ["p_1", "p_2"]) {
				expect(row(id)).toMatchObject({ state: "cancelled", decision: "deny", by: "daemon" });
				expect(row(id)?.reason).toMatch(/^the agent/);
			}
		},
	);

	test("a request of the generation before is not left to the one after", async () => {
		home.writes({ kind: "permission", permission: asked("p_1") });
		home.ends();
		home.restarts();
		await daemon.reader.catchUp("w_1");
		expect(row("p_1")).toMatchObject({ state: "cancelled", generation: 1 });
	});

	test("what still waits when its session is forgotten ends in the same change", async () => {
		home.writes({ kind: "permission", permission: asked("p_1") });
		await daemon.reader.catchUp("w_1");
		home.store.change((change) => deleteSession(change, "s_1"));
		expect(row("p_1")).toBeUndefined();
		expect(lifecycle()).toEqual(["requested p_1", "ended p_1 cancelled"]);
	});
});

describe("a request by a hook", () => {
	test.each(["allow", "deny"] as const)(
		"waits until a person says %s, and an answer counts once",
		async (decision) => {
			const verdict = daemon.hook("p_1", request("npm test"));
			await pending("p_1");
			expect(daemon.permissions.get("p_1")).toMatchObject({
				subject: "npm test",
				title: "Run `npm test`",
				kind: "execute",
			});
			expect(await daemon.permissions.answer("p_1", { decision }, true)).toMatchObject({
				...{ state: "answered", decision, by: "person" },
			});
			expect((await verdict).decision).toBe(decision);
			expect(await codeOf(daemon.permissions.answer("p_1", { decision: "allow" }, true))).toBe(
				"permission_ended",
			);
			expect(row("p_1")?.decision).toBe(decision);
			expect(lifecycle()).toEqual(["requested p_1", "ended p_1 answered"]);
		},
	);

	test("of two answers at once one counts and the other is refused", async () => {
		const verdict = daemon.hook("p_1", request("npm test"));
		await pending("p_1");
		const answers = (["deny", "allow"] as const).map((decision) =>
			codeOf(daemon.permissions.answer("p_1", { decision }, true)),
		);
		expect(await Promise.all(answers)).toEqual([null, "permission_ended"]);
		expect((await verdict).decision).toBe("deny");
	});

	test("that nobody answers is denied at its deadline, and the request says so", async () => {
		const verdict = daemon.hook("p_1", request("npm test"));
		await pending("p_1");
		home.time += TIMEOUT_MS;
		// What winds the alarm anew looks at the clock that the test has moved.
		const other = daemon.hook("p_2", request("ls"));
		expect(await verdict).toEqual({
			decision: "deny",
			always: false,
			reason: "denied in Berth: nobody answered within 60 s",
		});
		expect(row("p_1")).toMatchObject({ state: "expired", by: "deadline", decision: "deny" });
		await daemon.permissions.answer("p_2", { decision: "deny" }, true);
		await other;
	});

	test("whose hook goes away is withdrawn", async () => {
		const gone = new AbortController();
		const verdict = daemon.hook("p_1", request("npm test"), gone.signal);
		await pending("p_1");
		gone.abort();
		expect((await verdict).decision).toBe("deny");
		expect(row("p_1")).toMatchObject({ state: "cancelled", by: "agent" });
	});

	test("survives the daemon: its hook asks the next one, and the answer reaches it", async () => {
		const first = codeOf(daemon.hook("p_1", request("npm test")));
		await pending("p_1");
		daemon.stop();
		expect(await first).toBe("daemon_unreachable");
		expect(row("p_1")?.state).toBe("pending");
		home.reopen();
		daemon = new Daemon(home);
		const second = daemon.hook("p_1", request("npm test"));
		await daemon.permissions.answer("p_1", { decision: "allow" }, true);
		expect((await second).decision).toBe("allow");
		// It may also ask again for an answer that it did not get to hear.
		expect((await daemon.hook("p_1", request("npm test"))).decision).toBe("allow");
		expect(lifecycle()).toEqual(["requested p_1", "ended p_1 answered"]);
	});

	test("whose hook does not come back after the daemon's restart is withdrawn; one whose deadline passed is denied", async () => {
		const first = codeOf(daemon.hook("p_1", request("npm test")));
		const other = codeOf(daemon.hook("p_2", request("ls")));
		await pending("p_2");
		daemon.stop();
		await Promise.all([first, other]);
		home.reopen();
		daemon = new Daemon(home);
		const back = daemon.hook("p_2", request("ls"));
		home.time += 20_000;
		// Winds the alarms anew.
		const third = daemon.hook("p_3", request("pwd"));
		expect(await settled("p_1")).toMatchObject({ state: "cancelled", by: "agent" });
		expect(row("p_2")?.state).toBe("pending");
		home.time += TIMEOUT_MS;
		const fourth = daemon.hook("p_4", request("pwd"));
		expect((await back).decision).toBe("deny");
		expect(row("p_2")).toMatchObject({ state: "expired" });
		for (const id of ["p_4"]) await daemon.permissions.answer(id, { decision: "deny" }, true);
		await Promise.all([third, fourth]);
	});

	test("of an agent that has ended is denied", async () => {
		home.ends("killed");
		expect((await daemon.hook("p_1", request("npm test"))).decision).toBe("deny");
		expect(row("p_1")).toBeUndefined();
	});

	test("under another request's id is refused", async () => {
		home.writes({ kind: "permission", permission: asked("p_1") });
		await daemon.reader.catchUp("w_1");
		expect(await codeOf(daemon.hook("p_1", request("npm test")))).toBe("bad_request");
	});

	test("several wait at once, and each gets its own answer", async () => {
		const verdicts = ["a", "b", "c"].map((command, index) => daemon.hook(`p_${index}`, request(command)));
		await pending("p_2");
		await daemon.permissions.answer("p_1", { decision: "allow" }, true);
		await daemon.permissions.answer("p_2", { decision: "deny", reason: "not that" }, true);
		await daemon.permissions.answer("p_0", { decision: "deny" }, true);
		expect((await Promise.all(verdicts)).map(({ decision }) => decision)).toEqual(["deny", "allow", "deny"]);
		expect((await verdicts[2])!.reason).toBe("denied in Berth: not that");
	});

	test("tells the state when it begins to wait and when nothing waits any more", async () => {
		const verdicts = ["a", "b"].map((command, index) => daemon.hook(`p_${index}`, request(command)));
		await pending("p_1");
		await daemon.permissions.answer("p_0", { decision: "allow" }, true);
		await daemon.permissions.answer("p_1", { decision: "allow" }, true);
		await Promise.all(verdicts);
		expect(daemon.told.map(({ event }) => event)).toEqual([
			"PermissionRequest",
			"PermissionRequest",
			"PermissionEnded",
		]);
	});

	test("that was answered in the agent's own terminal is withdrawn when the agent goes on", async () => {
		const verdicts = ["a", "b"].map((command, index) => daemon.hook(`p_${index}`, request(command)));
		const subagent = daemon.hook("p_9", request("c", { agent_id: "a-1" }));
		await pending("p_9");
		await daemon.hook("p_7", { ...request("b"), hook_event_name: "PostToolUse" });
		expect([row("p_0")?.state, row("p_1")?.state]).toEqual(["pending", "cancelled"]);
		await daemon.hook("p_8", { hook_event_name: "Stop", session_id: "c-1" });
		expect(row("p_0")).toMatchObject({ state: "cancelled", by: "agent" });
		expect(row("p_9")?.state).toBe("pending");
		await daemon.permissions.answer("p_9", { decision: "deny" }, true);
		await Promise.all([...verdicts, subagent]);
	});
});

describe("always", () => {
	test("takes the agent's own option when it offers one", async () => {
		const suggestions = [{ type: "addRules", rules: [{ toolName: "Bash", ruleContent: "npm test:*" }] }];
		const verdict = daemon.hook("p_1", request("npm test", { permission_suggestions: suggestions }));
		await pending("p_1");
		expect(row("p_1")?.options.map(({ name }) => name)).toEqual([
			...["Allow", "Allow, and from now on: Bash(npm test:*)", "Deny"],
		]);
		await daemon.permissions.answer("p_1", { decision: "allow", always: true }, false);
		expect(await verdict).toEqual({ decision: "allow", always: true, reason: null });
		expect(daemon.rules.list()).toEqual([]);
	});

	test.each(["allow", "deny"] as const)("else makes a rule to %s just this again, here", async (decision) => {
		const first = daemon.hook("p_1", request("rm *.o"));
		const waiting = daemon.hook("p_2", request("rm *.o"));
		const other = daemon.hook("p_3", request("rm a.o"));
		await pending("p_3");
		await daemon.permissions.answer("p_1", { decision, always: true }, true);
		expect((await first).decision).toBe(decision);
		// What waits already is answered by it as well.
		expect((await waiting).decision).toBe(decision);
		const [rule] = daemon.rules.list();
		expect(rule).toMatchObject({
			decision,
			tool: "Bash",
			subject: "rm \\*.o",
			agent: "fake",
			directory: home.worker.cwd,
		});
		expect(row("p_2")).toMatchObject({ state: "answered", by: "rule", ruleId: rule!.id });
		expect((await daemon.hook("p_4", request("rm *.o"))).decision).toBe(decision);
		expect(row("p_3")?.state).toBe("pending");
		await daemon.permissions.answer("p_3", { decision: "deny" }, true);
		await other;
	});

	test("changes nothing when the rule may not be made, or does not fit the answer", async () => {
		const verdict = daemon.hook("p_1", request("npm test"));
		const long = daemon.hook("p_2", request("x".repeat(2000)));
		await pending("p_2");
		const { permissions } = daemon;
		expect(await codeOf(permissions.answer("p_1", { decision: "deny", always: true }, false))).toBe(
			"forbidden",
		);
		expect(await codeOf(permissions.answer("p_1", { decision: "allow", option: "deny" }, true))).toBe(
			"bad_request",
		);
		expect(await codeOf(permissions.answer("p_1", { decision: "allow", option: "no such" }, true))).toBe(
			"bad_request",
		);
		expect(await codeOf(permissions.answer("p_2", { decision: "allow", always: true }, true))).toBe(
			"bad_request",
		);
		expect([row("p_1")?.state, row("p_2")?.state]).toEqual(["pending", "pending"]);
		expect(daemon.rules.list()).toEqual([]);
		for (const id of ["p_1", "p_2"]) await permissions.answer(id, { decision: "deny" }, true);
		await Promise.all([verdict, long]);
	});
});

describe("a rule", () => {
	test.each(["allow", "deny"] as const)(
		"that says %s answers without asking, and the event says so",
		async (decision) => {
			const { rule } = daemon.permissions.addRule({ decision, tool: "Bash", subject: "npm *" });
			expect((await daemon.hook("p_1", request("npm test"))).decision).toBe(decision);
			const [ended] = eventsAfter(home.store.read, 0, 100, { types: ["permission.ended"] });
			expect(ended?.data).toMatchObject({
				id: "p_1",
				state: "answered",
				decision,
				by: "rule",
				ruleId: rule.id,
			});
			expect(daemon.told).toEqual([]);
		},
	);

	test("that says ask leaves it to a person, and keeps a wider one from answering", async () => {
		daemon.permissions.addRule({ decision: "allow", tool: "Bash" });
		daemon.permissions.addRule({ decision: "ask", tool: "Bash", subject: "npm publish" });
		const verdict = daemon.hook("p_1", request("npm publish"));
		await pending("p_1");
		await daemon.permissions.answer("p_1", { decision: "deny" }, true);
		expect((await verdict).decision).toBe("deny");
	});

	test("that denies holds before every tool, also where the agent would not ask", async () => {
		daemon.permissions.addRule({ decision: "deny", tool: "Bash", subject: "rm *" });
		daemon.permissions.addRule({ decision: "ask", tool: "Write" });
		daemon.permissions.addRule({ decision: "allow", tool: "Read" });
		const before = (id: string, tool_name: string, tool_input: object) =>
			daemon.hook(id, { hook_event_name: "PreToolUse", session_id: "c-1", tool_name, tool_input });
		expect((await before("p_1", "Bash", { command: "rm -rf /" })).decision).toBe("deny");
		expect(row("p_1")).toMatchObject({ state: "answered", by: "rule", decision: "deny" });
		expect((await before("p_2", "Write", { file_path: "/a" })).decision).toBe("ask");
		// Whether it asks at all is the agent's own affair.
		expect((await before("p_3", "Read", { file_path: "/a" })).decision).toBe("none");
		expect((await before("p_4", "Bash", { command: "ls" })).decision).toBe("none");
		expect(lifecycle().filter((line) => line.startsWith("requested"))).toEqual(["requested p_1"]);
	});

	test("is made once, and removed once", () => {
		const { permissions, rules } = daemon;
		const { rule } = permissions.addRule({ decision: "deny", tool: "Bash", directory: "~/x/../y" });
		expect(rule.directory).toBe(`${home.home}/y`);
		expect(permissions.addRule({ decision: "deny", tool: "Bash", directory: "~/y" })).toEqual({
			rule,
			added: false,
		});
		expect(() => permissions.addRule({ decision: "deny", tool: "Bash", directory: "y" })).toThrow("absolute");
		rules.remove(rule.id);
		expect(() => rules.remove(rule.id)).toThrow("there is no rule");
		expect(lifecycle()).toEqual([`rule_added ${rule.id}`, `rule_removed ${rule.id}`]);
	});
});

test("of what has ended the newest are kept, and what waits is never dropped", async () => {
	home.writes({ kind: "permission", permission: asked("p_waits") });
	for (const id of ["p_1", "p_2", "p_3"]) {
		home.writes(
			{ kind: "permission", permission: asked(id) },
			{
				kind: "permission-ended",
				permission: {
					id,
					state: "expired",
					decision: "deny",
					optionId: null,
					by: "deadline",
					ruleId: null,
					reason: null,
				},
			},
		);
	}
	await daemon.reader.catchUp("w_1");
	home.store.bookkeep((bookkeeping) => prunePermissions(bookkeeping, 2));
	expect(daemon.permissions.list({}, 10).map(({ id }) => id)).toEqual(["p_waits", "p_2", "p_3"]);
});
