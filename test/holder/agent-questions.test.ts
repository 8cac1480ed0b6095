/** What agents want to know: questions are no requests for permission, and an answer reaches the agent in the form that it expects. */
import { describe, expect, test } from "bun:test";
import { AgentHolder } from "../support/agents/agent-holder.ts";
import { until } from "../support/berth.ts";

const drivers = ["acp", "claude-stream"] as const;

/** What the tests' agent hears, by protocol. */
const heard = {
	acp: {
		chosen: { "1": "Jest", "2": ["Linux", "Windows"] },
		denied: "decline",
		cancelled: "cancel",
		expired: "decline",
	},
	"claude-stream": {
		chosen: { "Which library?": "Jest", "Which systems?": "Linux, Windows" },
		denied: "deny: The user does not want this.",
		cancelled: "deny: the agent was interrupted",
		expired: "deny: nobody answered in time",
	},
};

describe.each(drivers)("%s", (driver) => {
	test("a question is told with what may be answered, needs input, and gets its answers", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("inquire");
		const [asked] = await agent.asked();
		await agent.state("needs-input");
		expect(asked!.questions).toMatchObject([
			{ id: "1", title: "Library", text: "Which library?", multiple: false },
			{ id: "2", title: "Systems", text: "Which systems?", multiple: true },
		]);
		expect(asked!.questions![0]!.options.map(({ name }) => name)).toEqual(["Vitest", "Jest"]);
		await until(
			async () => (await agent.shown()).includes(`berth permissions answer ${asked!.id}`),
			"it is shown",
		);
		const answers = { "1": ["jest"], "2": ["Linux", "Windows"] };
		await agent.answer(asked!.id, "allow", { answers });
		expect((await agent.ended(promptId)).answer).toBe(`answers: ${JSON.stringify(heard[driver].chosen)}`);
		const [ended] = agent.of("permission-ended");
		expect(ended!.permission).toMatchObject({
			...{ state: "answered", decision: "allow", answers: { "1": ["Jest"], "2": ["Linux", "Windows"] } },
		});
		const states = agent.of("state").map(({ state }) => state);
		expect(states).toEqual(["starting", "idle", "busy", "needs-input", "busy", "idle"]);
	});

	test("a yes without answers, or with unfit ones, changes nothing", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("inquire");
		const [asked] = await agent.asked();
		const yes = { id: asked!.id, decision: "allow", optionId: null, by: "person", ruleId: null } as const;
		const refused = (answers?: Record<string, string[]>) =>
			agent.refusal("agentAnswer", { ...yes, reason: null, ...(answers && { answers }) });
		expect(await refused()).toBe("bad_request");
		expect(await refused({ "1": ["Vitest", "Jest"], "2": ["Linux"] })).toBe("bad_request");
		expect(await refused({ "2": ["Linux"] })).toBe("bad_request");
		expect(agent.of("permission-ended")).toEqual([]);
		expect(agent.currentState()).toBe("needs-input");
		await agent.answer(asked!.id, "deny");
		expect((await agent.ended(promptId)).answer).toBe(`answers: ${heard[driver].denied}`);
	});

	test("a question that nobody answers is denied at its deadline, and by an interrupt", async () => {
		await using agent = await AgentHolder.idle(driver, { agent: { permissionTimeoutMs: 200 } });
		expect((await agent.turn("inquire")).answer).toBe(`answers: ${heard[driver].expired}`);
		expect(agent.of("permission-ended")[0]!.permission).toMatchObject({ state: "expired", decision: "deny" });
		await using patient = await AgentHolder.idle(driver);
		const promptId = await patient.prompt("inquire");
		await patient.asked();
		await patient.call("agentInterrupt", {});
		expect((await patient.ended(promptId)).answer).toBe(`answers: ${heard[driver].cancelled}`);
	});
});

test("a text of one's own answers Claude Code's question", async () => {
	await using agent = await AgentHolder.idle("claude-stream");
	const promptId = await agent.prompt("inquire");
	const [asked] = await agent.asked();
	await agent.answer(asked!.id, "allow", {
		answers: { "1": ["the built-in one"], "2": ["Linux", "Plan 9"] },
	});
	const said = { "Which library?": "the built-in one", "Which systems?": "Linux, Plan 9" };
	expect((await agent.ended(promptId)).answer).toBe(`answers: ${JSON.stringify(said)}`);
});
