import { describe, expect, test } from "bun:test";
import { AgentHolder } from "../support/agents/agent-holder.ts";
import { until } from "../support/berth.ts";

const drivers = ["acp", "claude-stream"] as const;

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
});
