/** How structured agents end: by themselves, by a crash, by being stopped. Nothing of a turn stays open, and no process stays behind. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { AgentHolder, fakeAgent } from "../support/agents/agent-holder.ts";
import { alive, until } from "../support/berth.ts";

const drivers = ["acp", "claude-stream"] as const;

describe.each(drivers)("%s", (driver) => {
	test("a crash in the middle of a turn ends the turn as failed, and leaves the exit record", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("crash");
		expect(await agent.exit()).toMatchObject({ code: 3, signal: null, reason: "exited" });
		expect(await agent.ended(promptId)).toMatchObject({
			...{ outcome: "failed", answer: "about to crash" },
			detail: "the agent ended with code 3",
		});
		expect(agent.bodies("tool")).toMatchObject([{ status: "failed" }]);
		expect(agent.bodies("turn")).toMatchObject([{ state: "failed" }]);
		expect(agent.bodies("message").every(({ done }) => done)).toBe(true);
		expect(agent.currentState()).toBe("busy");
	});

	test("one that says nothing at its start is ended at the deadline, as a failed start, and says why", async () => {
		await using agent = await AgentHolder.start(driver, {
			argv: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
			agent: { startTimeoutMs: 300 },
		});
		expect(await agent.exit()).toMatchObject({ reason: "failed" });
		expect(agent.currentState()).toBe("starting");
		expect(agent.bodies("notice")[0]).toMatchObject({
			...{ level: "error", text: "the agent said nothing for 0.3 s at its start, and was ended" },
		});
		await until(() => !alive(agent.holder.pid), "its process is gone");
	});

	test("an end by a signal is told as such, with the last that the agent complained of", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.turn("stderr out of luck");
		const promptId = await agent.prompt("kill");
		expect(await agent.exit()).toMatchObject({ code: null, signal: "KILL" });
		expect((await agent.ended(promptId)).detail).toBe("the agent ended by SIGKILL: out of luck");
	});

	test("what the agent said last arrives although it ends at once", async () => {
		await using agent = await AgentHolder.idle(driver);
		const attached = await agent.holder.attach();
		await attached.greeted();
		await agent.prompt("exit 7");
		expect(await agent.exit()).toMatchObject({ code: 7 });
		await until(() => attached.of("exit")[0], "the attached client hears of the exit");
		expect(attached.of("exit")[0]).toMatchObject({ code: 7 });
		expect(attached.seen).toContain("failed");
	});

	test.each([
		["that takes no signal ends with its input", "deaf", { code: 0, signal: null }],
		["that is deaf to that as well is killed", "deaf all", { signal: "KILL" }],
	])("SIGTERM to the holder hangs the agent up; one %s", async (_, prompt, exit) => {
		await using agent = await AgentHolder.idle(driver);
		await agent.prompt(prompt);
		await until(() => agent.texts("assistant").includes("I hear nothing"), "it is deaf");
		process.kill(agent.holder.pid, "SIGTERM");
		process.kill(agent.holder.holderPid, "SIGTERM");
		expect(await agent.exit()).toMatchObject({ ...exit, reason: "stopped" });
		await until(() => !alive(agent.holder.pid) && !alive(agent.holder.holderPid), "both are gone");
	});

	test("it leads a process group of its own and has no terminal", async () => {
		await using agent = await AgentHolder.idle(driver);
		const fields = readFileSync(`/proc/${agent.holder.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
		const [, , group, session, terminal] = fields;
		expect([group, session]).toEqual([String(agent.holder.pid), String(agent.holder.pid)]);
		expect(terminal).toBe("0");
		expect((await agent.call("status", {})).pid).toBe(agent.holder.pid);
	});

	test("the holder's death ends the agent, and every line of the log is whole", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.prompt("stream 100000");
		await until(() => agent.records().length > 20, "it is at work");
		process.kill(agent.holder.holderPid, "SIGKILL");
		await until(() => !alive(agent.holder.pid), "the agent has ended");
		expect(agent.records().length).toBeGreaterThan(20);
	});

	test("one that ends before it is ready says why", async () => {
		const argv = ["/bin/sh", "-c", "echo no key given >&2; exit 4"];
		await using agent = await AgentHolder.start(driver, { argv });
		expect(await agent.exit()).toMatchObject({ code: 4 });
		const told = agent.bodies("notice").map(({ text }) => text);
		expect(told).toEqual(["the agent ended with code 4 before it was ready: no key given"]);
		expect(agent.of("state").map(({ state }) => state)).toEqual(["starting"]);
	});

	test("a program that speaks no such protocol floods no conversation", async () => {
		await using agent = await AgentHolder.start(driver, {
			argv: ["/bin/sh", "-c", "yes nonsense | head -5000"],
		});
		expect(await agent.exit()).toMatchObject({ code: 0 });
		const notices = agent.bodies("notice").filter(({ text }) => text.startsWith("not understood"));
		expect(notices.length).toBe(20);
		expect(notices.at(-1)!.text).toContain("more of it will not be told");
	});

	test("standard error without end stays bounded on the screen and in the log", async () => {
		const argv = ["/bin/sh", "-c", "yes complaint | head -200000 >&2"];
		await using agent = await AgentHolder.start(driver, { argv });
		await agent.exit();
		const { offset } = agent.holder.exitRecord()!;
		expect(offset).toBeLessThan(100_000);
		expect(agent.records().length).toBeLessThan(10);
	});
});

test("a conversation that cannot be begun ends the agent as failed", async () => {
	await using agent = await AgentHolder.start("acp", { argv: fakeAgent("acp", "--login") });
	expect(await agent.exit()).toMatchObject({ reason: "failed" });
	const [notice] = agent.bodies("notice");
	expect(notice!.text).toBe("the agent wants somebody to log in first (Log in: run fake-agent login)");
});

test("a deaf agent that cannot be begun is killed in the end as well", async () => {
	await using agent = await AgentHolder.start("acp", { argv: fakeAgent("acp", "--login", "--deaf") });
	expect(await agent.exit()).toMatchObject({ reason: "failed" });
});
