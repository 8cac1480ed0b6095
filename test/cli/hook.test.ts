/** `berth hook claude`, as Claude Code runs it: whatever becomes of the daemon, without an answer it is no. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Permission } from "../../src/contract/permission.ts";
import { addHookedAgent, Hooked } from "../support/agents/hooked.ts";
import { Berth, program, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	await addHookedAgent(berth);
});
afterAll(() => berth[Symbol.asyncDispose]());

const input = (event: string, command = "make") =>
	JSON.stringify({ hook_event_name: event, session_id: "c-1", tool_name: "Bash", tool_input: { command } });
const hook = (home: Berth, worker: string | null, stdin: string, ...flags: string[]) =>
	home.run(["hook", "claude", ...flags], { stdin, env: worker === null ? {} : { BERTH_WORKER: worker } });
const decisionOf = (stdout: string) =>
	(JSON.parse(stdout) as { hookSpecificOutput: { decision: { behavior: string; message?: string } } })
		.hookSpecificOutput.decision;
const answer = (id: string, decision: string) =>
	berth.api<Permission>("POST", `/permissions/${id}/answer`, { decision });

describe("outside of Berth", () => {
	test("it has no opinion, and asks no daemon", async () => {
		await using home = await Berth.home();
		for (const event of ["PermissionRequest", "PreToolUse", "Stop", "no such"])
			expect(await hook(home, null, input(event))).toEqual({ code: 0, stdout: "", stderr: "" });
		expect(home.processes()).toEqual([]);
	});

	test("nor for a Claude Code that somebody runs in a terminal of Berth's", async () => {
		const { body } = await berth.api<{ workers: { id: string }[] }>("POST", "/sessions", {
			command: ["cat"],
		});
		const asked = await hook(berth, body.workers[0]!.id, input("PermissionRequest"));
		expect(asked).toEqual({ code: 0, stdout: "", stderr: "" });
	});
});

test("garbage on standard input is refused with a status that lets no tool pass", async () => {
	for (const garbage of ["", "{", "[]", '"text"', "null", "{}"]) {
		const { code, stdout, stderr } = await hook(berth, "w_0000000000", garbage);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toStartWith("berth: what came on standard input is no hook");
	}
});

test("a worker that is not there, or has ended, is denied", async () => {
	const unknown = await hook(berth, "w_0000000000", input("PermissionRequest"));
	expect(decisionOf(unknown.stdout)).toMatchObject({
		behavior: "deny",
		message: expect.stringContaining("no worker w_0000000000"),
	});
	const hooked = await Hooked.start(berth, "over");
	const { id } = await hooked.worker();
	await berth.api("POST", "/sessions/over/kill");
	expect(decisionOf((await hook(berth, id, input("PermissionRequest"))).stdout).behavior).toBe("deny");
});

test("without a daemon a request is denied at its deadline, a tool must be asked for, and nothing else is kept up for long", async () => {
	await using home = await Berth.home();
	const [request, tool, stop] = await Promise.all([
		hook(home, "w_0000000000", input("PermissionRequest"), "--timeout", "1s"),
		hook(home, "w_0000000000", input("PreToolUse")),
		hook(home, "w_0000000000", input("Stop")),
	]);
	expect(decisionOf(request.stdout)).toMatchObject({
		behavior: "deny",
		message: expect.stringContaining("Berth"),
	});
	expect(JSON.parse(tool.stdout)).toMatchObject({ hookSpecificOutput: { permissionDecision: "ask" } });
	expect([stop.code, stop.stdout]).toEqual([1, ""]);
	// It starts no daemon: the environment is an agent's.
	expect(home.processes()).toEqual([]);
});

test("nobody's answer until the deadline is no, and the request says so", async () => {
	await using home = await Berth.start({ BERTH_PERMISSION_TIMEOUT_SECONDS: "1" });
	await addHookedAgent(home);
	const hooked = await Hooked.start(home, "expires");
	await hooked.types("ask make");
	expect(await hooked.said("make")).toBe("deny denied in Berth: nobody answered within 1 s");
	expect(await hooked.requests()).toMatchObject([{ state: "expired", by: "deadline", decision: "deny" }]);
});

test("a hook that is killed takes its request back", async () => {
	const hooked = await Hooked.start(berth, "killed-hook");
	const child = Bun.spawn([...program, "hook", "claude"], {
		env: { ...berth.env, BERTH_WORKER: (await hooked.worker()).id },
		stdin: new Blob([input("PermissionRequest", "make")]),
		stdout: "ignore",
	});
	const { id } = await hooked.waiting("make");
	child.kill("SIGKILL");
	expect(await hooked.ended(id)).toMatchObject({ state: "cancelled", by: "agent", decision: "deny" });
});

test("a request outlives the daemon: killed between request and answer, the next one takes the answer to the agent", async () => {
	const hooked = await Hooked.start(berth, "outlives");
	const [first, second] = [await hooked.asks("first"), await hooked.asks("second")];
	await berth.killDaemon();
	await berth.startDaemon();
	expect((await hooked.requests("pending")).map(({ id }) => id)).toEqual([first.id, second.id]);
	expect((await answer(first.id, "allow")).body).toMatchObject({ state: "answered" });
	expect(await hooked.said("first")).toBe("allow");
	await berth.ok(["daemon", "restart"]);
	expect((await answer(second.id, "deny")).body).toMatchObject({ state: "answered" });
	expect(await hooked.said("second")).toBe("deny denied in Berth");
});

test("a request whose agent died with the daemon is cancelled by the next one", async () => {
	const hooked = await Hooked.start(berth, "both-die");
	const { id } = await hooked.asks("make");
	const { pid } = await hooked.worker();
	await berth.killDaemon();
	process.kill(pid!, "SIGKILL");
	await berth.startDaemon();
	expect(await hooked.ended(id)).toMatchObject({ state: "cancelled", decision: "deny" });
});

test("an answer that a killed daemon had taken is the one that the agent gets", async () => {
	const hooked = await Hooked.start(berth, "taken");
	const worker = (await hooked.worker()).id;
	// The same request as the hook's, by the test's own hand: its connection ends before the answer.
	const call = { id: "p_0123456789", worker, hook: JSON.parse(input("PermissionRequest", "taken")) };
	const ask = () => berth.api<{ decision: string }>("POST", "/hooks/claude", call);
	const broken = ask().catch(() => null);
	const { id } = await hooked.waiting("taken");
	await berth.killDaemon();
	await broken;
	await berth.startDaemon();
	const again = ask();
	await answer(id, "allow");
	expect((await again).body.decision).toBe("allow");
	await berth.killDaemon();
	await berth.startDaemon();
	expect((await ask()).body.decision).toBe("allow");
});

test("what the agent tells by its other hooks becomes its state, and its conversation is known", async () => {
	const hooked = await Hooked.start(berth, "tells");
	const stateIs = (state: string) =>
		until(async () => (await hooked.worker()).agent.status.state === state, `the agent is ${state}`);
	await hooked.types('tell SessionStart {"source":"startup"}');
	await stateIs("idle");
	// There is nothing yet that a restart could go on with.
	expect((await hooked.worker()).agent.conversation).toBeNull();
	await hooked.types('tell UserPromptSubmit {"prompt":"do"}');
	await stateIs("busy");
	await until(async () => (await hooked.worker()).agent.conversation === "c-1", "the conversation is known");
	await hooked.types("tell Stop");
	await stateIs("idle");
});
