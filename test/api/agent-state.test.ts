/** Agents' states over HTTP and on the command line: told in lists, explained, waited for. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { AgentExplanation } from "../../src/contract/agent.ts";
import type { WaitResult } from "../../src/contract/io.ts";
import type { EventPage } from "../../src/contract/system.ts";
import { Painter } from "../support/agents/painter.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

async function painting(): Promise<{ berth: Berth; painter: Painter } & AsyncDisposable> {
	const berth = await Berth.home();
	Painter.install(berth);
	await berth.startDaemon();
	const painter = await Painter.start(berth);
	return { berth, painter, [Symbol.asyncDispose]: () => berth[Symbol.asyncDispose]() };
}

test("a state is explained: what each source said, the screen, and every rule up to the one that holds", async () => {
	await using home = await painting();
	const { berth, painter } = home;
	painter.shows("Allow this?", "> yes");
	await painter.becomes("needs-permission");
	const { body } = await berth.api<AgentExplanation>("GET", "/sessions/fix/agent");
	expect(body.status).toMatchObject({
		state: "needs-permission",
		evidence: { kind: "screen", rule: "asks" },
	});
	expect(body.sources).toMatchObject([{ state: "needs-permission", counted: true }]);
	expect(body.rules).toEqual([{ id: "asks", state: "needs-permission", matched: true, text: "Allow this?" }]);
	expect(body.screen).toStartWith("Allow this?\n> yes\n");
	const told = await berth.ok(["agent", "explain", "fix"]);
	expect(told).toContain("needs-permission");
	expect(told).toContain("screen asks, ");
	expect(told).toContain("Allow this?");
	const asJson = JSON.parse(await berth.ok(["agent", "explain", "fix/main", "--json"])) as AgentExplanation;
	expect(asJson).toMatchObject({ status: body.status, rules: body.rules, screen: body.screen });
	expect(await berth.ok(["ls"])).toMatch(/fix +needs-permission \d+s/);
	expect(await berth.ok(["worker", "ls", "fix"])).toMatch(/needs-permission \d+s/);
	expect(await berth.ok(["info", "fix"])).toMatch(/told by +screen asks, \d+s ago: Allow this\?/);
	await berth.ok(["new", "plain", "--detach", "--", "sleep", "600"]);
	expect(await berth.api("GET", "/sessions/plain/agent")).toMatchObject({
		status: 409,
		body: { code: "not_an_agent" },
	});
});

test("a wait for a state ends when it comes, at once when it is there, and with the agent's end", async () => {
	await using home = await painting();
	const { berth, painter } = home;
	const wait = (body: object) => berth.api<WaitResult>("POST", "/sessions/fix/wait", body);
	const waiting = wait({ state: ["idle", "needs-input"], timeoutMs: 0 });
	painter.shows("> ");
	expect((await waiting).body).toMatchObject({ status: "state", state: "idle", exitCode: null });
	expect((await wait({ state: ["idle"] })).body).toMatchObject({ status: "state", state: "idle" });
	expect((await wait({ state: ["busy"], timeoutMs: 50 })).body.status).toBe("timeout");
	expect((await berth.run(["wait", "fix", "--state", "busy", "--timeout", "50ms"])).code).toBe(124);
	expect(await berth.ok(["wait", "fix", "--state", "busy,idle"])).toBe("idle\n");
	const ending = wait({ state: ["busy"], timeoutMs: 0 });
	const inCli = berth.run(["wait", "fix", "--state", "busy", "--timeout", "0"]);
	const exited = wait({ state: ["exited"], timeoutMs: 0 });
	// All three listen before the end: each has answered the question whether the daemon serves by then.
	await berth.ok(["wait", "fix", "--state", "idle"]);
	await berth.ok(["kill", "fix"]);
	expect((await ending).body).toMatchObject({ status: "exit", exitCode: 137 });
	expect((await exited).body).toMatchObject({ status: "state", state: "exited" });
	expect(await inCli).toMatchObject({ code: 1, stdout: "exit\n" });
});

test("with input only a state that comes after it counts, and the first of several conditions ends the wait", async () => {
	await using home = await painting();
	const { berth, painter } = home;
	painter.shows("> ");
	await painter.becomes("idle");
	const body = { state: ["idle"], input: "go", timeoutMs: 0 };
	const waiting = berth.api<WaitResult>("POST", "/sessions/fix/wait", body);
	await berth.ok(["wait", "fix", "--text", "go"]);
	painter.shows("esc to interrupt");
	await painter.becomes("busy");
	painter.shows("> ");
	expect((await waiting).body).toMatchObject({ status: "state", state: "idle" });
	const either = { state: ["busy"], text: "finished", timeoutMs: 0 };
	const first = berth.api<WaitResult>("POST", "/sessions/fix/wait", either);
	painter.paint("finished");
	expect((await first).body).toMatchObject({ status: "matched", match: "finished" });
});

test("a wait for a state is refused for a terminal, for words that are no states, and when it cannot come any more", async () => {
	await using home = await painting();
	const { berth } = home;
	await berth.ok(["new", "plain", "--detach", "--", "sleep", "600"]);
	expect((await berth.run(["wait", "plain", "--state", "idle"])).stderr).toContain("has no agent");
	expect((await berth.run(["wait", "fix", "--state", "idel"])).stderr).toContain('not "idel"');
	const bad = await berth.api("POST", "/sessions/fix/wait", { state: ["idel"] });
	expect(bad).toMatchObject({ status: 400, body: { code: "bad_request" } });
	await berth.ok(["kill", "fix"]);
	expect((await berth.run(["wait", "fix", "--state", "exited"])).stdout).toBe("exited\n");
	expect(await berth.run(["wait", "fix", "--state", "idle"])).toMatchObject({ code: 1 });
});

test("progress is busy while it lasts, a notification is told and is no state, and a terminal's is an event as well", async () => {
	await using home = await painting();
	const { berth, painter } = home;
	painter.shows("> ");
	await painter.becomes("idle");
	painter.paint("\x1b]9;4;1;40\x07");
	await painter.becomes("busy");
	expect((await painter.status()).evidence).toMatchObject({
		kind: "terminal",
		rule: "progress",
		text: "normal 40%",
	});
	painter.paint("\x1b]9;4;0\x07\x1b]777;notify;Painter;look here\x07");
	await painter.becomes("idle");
	await berth.ok(["new", "plain", "-d", "--", "sh", "-c", "read go; printf '\\033]9;built\\007'; sleep 600"]);
	await berth.ok(["send", "plain", "go", "--enter"]);
	const notes = async () => {
		const { body } = await berth.api<EventPage>("GET", "/events?after=0&types=worker.notification");
		return body.events.map(({ data }) => data);
	};
	await until(async () => (await notes()).length === 2, "both are events");
	expect(await notes()).toContainEqual({ title: "Painter", body: "look here" });
	expect(await notes()).toContainEqual({ title: "", body: "built" });
	const { sources } = (await berth.api<AgentExplanation>("GET", "/sessions/fix/agent")).body;
	expect(sources.at(-1)).toMatchObject({
		state: "unknown",
		counted: false,
		evidence: { rule: "notification" },
	});
});
