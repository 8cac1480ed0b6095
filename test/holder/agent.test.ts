/** Turns of structured agents, alike for every protocol. The agent is the tests' own: what the first word of a prompt does is in scenarios.ts. */
import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { AGENT_LOG } from "../../src/contract/agent-log.ts";
import { AGENT_MESSAGE_LIMIT_BYTES } from "../../src/contract/limits.ts";
import type { Notice } from "../../src/contract/link.ts";
import { ImageStore } from "../../src/platform/images.ts";
import { AgentHolder, fakeAgent } from "../support/agents/agent-holder.ts";
import { PNG } from "../support/agents/images.ts";
import { until } from "../support/berth.ts";
import { Home } from "../support/holder.ts";

const drivers = ["acp", "claude-stream"] as const;

/** Kilobytes that a process has in memory, and the most that it ever had. */
async function memory(pid: number): Promise<{ now: number; peak: number }> {
	const text = await Bun.file(`/proc/${pid}/status`).text();
	const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
	return { now: field("VmRSS"), peak: field("VmHWM") };
}

describe.each(drivers)("%s", (driver) => {
	test("a prompt is answered: the turn, its messages and its end are in the log, and on the screen", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("say hello dear world");
		const end = await agent.ended(promptId);
		expect(end).toMatchObject({ outcome: "completed", answer: "hello dear world", detail: null });
		expect(agent.texts("user")).toEqual(["say hello dear world"]);
		expect(agent.texts("assistant")).toEqual(["hello dear world"]);
		expect(agent.bodies("message").every(({ done }) => done)).toBe(true);
		expect(agent.bodies("turn")).toMatchObject([{ promptId, state: "completed", stopReason: "end_turn" }]);
		await agent.state("idle");
		expect(agent.of("state").map(({ state }) => state)).toEqual(["starting", "idle", "busy", "idle"]);
		await until(async () => (await agent.shown()).includes("hello dear world"), "the answer is shown");
		expect(await agent.shown()).toContain("❯ say hello dear world");
	});

	test("the log is the owner's alone, and its number of records is told after they are written", async () => {
		await using agent = await AgentHolder.idle(driver);
		const counts: number[] = [];
		const short: string[] = [];
		const watcher = await agent.holder.connect((notice: Notice) => {
			if (notice.kind !== "agent") return;
			counts.push(notice.records);
			const written = agent.records().length;
			if (written < notice.records) short.push(`${notice.records} told, ${written} written`);
		});
		watcher.subscribe();
		await agent.turn("stream 200");
		await until(() => counts.at(-1) === agent.records().length, "the last record is told");
		expect(short).toEqual([]);
		expect(statSync(join(agent.holder.spec.generationDir, AGENT_LOG)).mode & 0o777).toBe(0o600);
		watcher.close();
	});

	test("words that come one by one are few records, in order, and the whole at the end", async () => {
		await using agent = await AgentHolder.idle(driver);
		const end = await agent.turn("stream 3000");
		const words = Array.from({ length: 3000 }, (_, n) => `${n + 1} `).join("");
		expect(agent.texts("assistant")).toEqual([words]);
		expect(end.answer).toBe(words);
		expect(agent.records().length).toBeLessThan(1000);
	});

	test("thoughts, a plan, and a tool between two messages are items in their order", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.turn("think about it");
		expect(agent.texts("thought")).toEqual(["about it"]);
		await agent.turn("plan");
		expect(agent.bodies("plan")).toEqual([
			{
				type: "plan",
				entries: [
					{ content: "look", priority: "medium", status: "completed" },
					{ content: "leap", priority: "medium", status: "in_progress" },
				],
			},
		]);
		const before = agent.items().length;
		const { answer } = await agent.turn("two");
		const types = agent
			.items()
			.slice(before)
			.map((item) => (item.type === "message" ? item.role : item.type))
			.filter((type) => type !== "notice");
		expect(types).toEqual(["user", "assistant", "tool", "assistant", "turn"]);
		expect(answer).toBe("second");
	});

	test("a tool call is one item that changes: its updates are merged", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.turn("tool");
		const [tool, ...others] = agent.bodies("tool");
		expect(others).toEqual([]);
		expect(tool).toMatchObject({ call: "call-1", kind: "edit", status: "completed" });
		expect(tool!.input).not.toBeNull();
		expect(tool!.output).toContainEqual({ type: "text", text: "edited" });
	});

	test("images reach the agent as they are", async () => {
		await using agent = await AgentHolder.idle(driver);
		const image = new ImageStore(agent.holder.spec.agent!.imagesDir).put(PNG);
		const { answer } = await agent.ended(await agent.prompt("image", [image]));
		expect(answer).toBe(`image/png of ${PNG.length} bytes`);
		const [prompt] = agent.bodies("message");
		expect(prompt!.parts).toContainEqual({ type: "image", image });
		const gone = { sha256: "0".repeat(64), mediaType: "image/png" };
		for (const sha256 of [gone.sha256, "../../../etc/passwd", ""]) {
			const code = await agent.refusal("agentPrompt", {
				promptId: "q_images",
				text: "image",
				images: [{ ...gone, sha256 }],
			});
			expect(["blob_not_found", "bad_request"]).toContain(code);
		}
		expect((await agent.turn("say still here")).answer).toBe("still here");
	});

	test("one turn at a time; the same prompt given again is the one that was given", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("hang");
		expect(await agent.refusal("agentPrompt", { promptId: "q_other", text: "say no", images: [] })).toBe(
			"agent_busy",
		);
		expect(await agent.call("agentPrompt", { promptId, text: "hang", images: [] })).toEqual({});
		await agent.call("agentInterrupt", {});
		await agent.ended(promptId);
		expect(await agent.call("agentPrompt", { promptId, text: "hang", images: [] })).toEqual({});
		expect(agent.of("turn").map((turn) => turn.promptId)).toEqual([promptId]);
	});

	test("an interrupt stops the turn, says of which prompt, and is quiet when there is none", async () => {
		await using agent = await AgentHolder.idle(driver);
		expect(await agent.call("agentInterrupt", {})).toEqual({ promptId: null });
		const promptId = await agent.prompt("hang");
		await until(() => agent.texts("assistant").includes("working "), "it works");
		expect(await agent.call("agentInterrupt", {})).toEqual({ promptId });
		expect(await agent.ended(promptId)).toMatchObject({ outcome: "stopped", answer: "working " });
		await agent.state("idle");
		expect((await agent.turn("say again")).outcome).toBe("completed");
	});

	test("a turn that the agent refuses or fails at has failed, and says why", async () => {
		await using agent = await AgentHolder.idle(driver);
		expect(await agent.turn("refuse")).toMatchObject({ outcome: "failed", stopReason: "refusal" });
		const failed = await agent.turn("fail");
		expect(failed.outcome).toBe("failed");
		expect(failed.detail).not.toBeNull();
		expect(agent.bodies("turn").map(({ state }) => state)).toEqual(["failed", "failed"]);
		expect((await agent.turn("say well")).outcome).toBe("completed");
	});

	test("garbage on standard output is a notice and nothing worse", async () => {
		await using agent = await AgentHolder.idle(driver);
		const end = await agent.turn("garbage");
		expect(end).toMatchObject({ outcome: "completed", answer: "after the garbage" });
		const notices = agent.bodies("notice").filter(({ level }) => level === "warning");
		expect(notices.map(({ text }) => text)).toContain("not understood: this is no message");
		expect(notices.length).toBe(5);
	});

	test("what the protocol does not know is skipped", async () => {
		await using agent = await AgentHolder.idle(driver);
		expect(await agent.turn("bad-update")).toMatchObject({
			outcome: "completed",
			answer: "after the bad update",
		});
	});

	test("a message of megabytes passes whole", async () => {
		await using agent = await AgentHolder.idle(driver);
		const { answer } = await agent.turn("huge 5000000");
		expect(answer).toBe("x".repeat(5_000_000));
		expect(agent.texts("assistant").join("").length).toBe(5_000_000);
	});

	test("a message longer than any may be is told, and costs no memory", async () => {
		await using agent = await AgentHolder.idle(driver);
		const before = await memory(agent.holder.holderPid);
		const bytes = 10 * AGENT_MESSAGE_LIMIT_BYTES;
		expect((await agent.turn(`overlong ${bytes}`)).answer).toBe("after the overlong line");
		const told = agent.bodies("notice").map(({ text }) => text);
		expect(told.some((text) => text.includes(`a message of ${bytes} bytes`))).toBe(true);
		// Held whole it would be ten times the limit at the least; what has been let go of is collected in the collector's own time.
		const { peak } = await memory(agent.holder.holderPid);
		expect(peak - before.now).toBeLessThan((5 * AGENT_MESSAGE_LIMIT_BYTES) / 1024);
	});

	test("standard error is shown and kept out of the conversation", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.turn("stderr something is \x1b[31mloud");
		await until(async () => (await agent.shown()).includes("something is loud"), "the complaint is shown");
		expect(JSON.stringify(agent.items().slice(1))).not.toContain("something is");
	});

	test("what an agent says can do nothing to the terminal", async () => {
		await using agent = await AgentHolder.idle(driver);
		await agent.turn("say before");
		const { answer } = await agent.turn("escape");
		// The log has it as it was said.
		expect(answer).toContain("\x1b[2J");
		await until(async () => (await agent.shown()).includes("next"), "the answer is shown");
		expect(await agent.shown()).toContain("before");
		const status = await agent.call("status", {});
		expect(status.title).not.toContain("evil");
		const { journal } = {
			journal: await Bun.file(join(agent.holder.spec.generationDir, AGENT_LOG)).exists(),
		};
		expect(journal).toBe(true);
	});

	test("model and mode are told, changed at once, and refused when there is no such", async () => {
		await using agent = await AgentHolder.idle(driver);
		const told = Object.assign({}, ...agent.of("agent")) as ReturnType<typeof agent.of<"agent">>[number];
		expect(told.models).toContainEqual({ id: "large", name: "The large one" });
		const mode = driver === "acp" ? "code" : "plan";
		expect(told.modes!.map(({ id }) => id)).toContain(mode);
		expect(await agent.call("agentConfigure", { model: "large", mode })).toEqual({ model: "large", mode });
		expect((await agent.turn("config")).answer).toBe(`model=large mode=${mode}`);
		const changes = agent.of("agent").slice(1);
		expect(changes.some(({ model }) => model === "large")).toBe(true);
		expect(changes.some((change) => change.mode === mode)).toBe(true);
		expect(await agent.refusal("agentConfigure", { model: "none" })).toBe("agent_refused");
		expect(await agent.refusal("agentConfigure", { mode: "none" })).toBe("agent_refused");
		expect((await agent.turn("config")).answer).toBe(`model=large mode=${mode}`);
	});

	test("a program that is not there is refused before anything starts", async () => {
		await using home = new Home();
		const agent = { driver, model: null, mode: null, conversation: null, permissionTimeoutMs: 1000 };
		const imagesDir = join(home.path, "state/images");
		const starting = home.start({ argv: ["/no/such/agent"], agent: { ...agent, imagesDir } });
		expect(await starting.catch((error) => error.message)).toContain("does not exist");
		expect(existsSync(home.spec().socketPath)).toBe(false);
	});
});

test("calls of agents are refused by a terminal, and by an agent that has ended", async () => {
	await using home = new Home();
	const holder = await home.start();
	const client = await holder.connect();
	const refusal = client.call("agentInterrupt", {}, 5000).catch((error) => error.code);
	expect(await refusal).toBe("not_an_agent");
	client.close();
	await using agent = await AgentHolder.idle("acp", { argv: fakeAgent("acp") });
	await agent.prompt("exit 0");
	await agent.exit();
});
