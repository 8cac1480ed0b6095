/** Requests for permission: who answers, what the agent hears, and that every other end is a denial. */
import { describe, expect, test } from "bun:test";
import { AgentHolder } from "../support/agents/agent-holder.ts";
import { until } from "../support/berth.ts";

const drivers = ["acp", "claude-stream"] as const;

/** What the tests' agent says of an answer, by protocol. */
const heard = {
	acp: { allow: "allow:yes", always: "allow:always", deny: "reject:no", cancelled: "cancelled" },
	"claude-stream": {
		...{ allow: "allow", always: "allow:always", deny: "deny: The user does not want this." },
		cancelled: "deny: the agent was interrupted",
	},
};

describe.each(drivers)("%s", (driver) => {
	const options =
		driver === "acp"
			? { always: "always", allow: "yes", deny: "no" }
			: { always: "allow_always", allow: "allow", deny: "deny" };

	test("a request is in the log with what the agent offered, waits, and goes on with the answer", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("permit npm test");
		const [asked] = await agent.asked();
		expect(asked).toMatchObject({ call: "call-1", kind: "execute", subject: "npm test" });
		expect(asked!.id).toMatch(/^p_[0-9a-z]{10}$/);
		expect(asked!.input).toEqual({ command: "npm test" });
		expect(asked!.options.map(({ kind }) => kind)).toEqual(["allow_once", "allow_always", "reject_once"]);
		expect(asked!.deadlineAt).toBeGreaterThan(Date.now());
		await agent.state("needs-permission");
		await agent.answer(asked!.id, "allow");
		expect((await agent.ended(promptId)).answer).toBe(`permission: ${heard[driver].allow}`);
		const [ended] = agent.of("permission-ended");
		expect(ended!.permission).toMatchObject({
			...{ id: asked!.id, state: "answered", decision: "allow", optionId: options.allow, by: "person" },
		});
		expect(agent.bodies("permission")).toMatchObject([
			{ permissionId: asked!.id, state: "answered", decision: "allow" },
		]);
		await agent.state("idle");
		const states = agent.of("state").map(({ state }) => state);
		expect(states).toEqual(["starting", "idle", "busy", "needs-permission", "busy", "idle"]);
		await until(
			async () => (await agent.shown()).includes(`berth permissions allow ${asked!.id}`),
			"it is shown",
		);
	});

	test("a denial, its reason, and an answer for good are told as such", async () => {
		await using agent = await AgentHolder.idle(driver);
		const answers = [
			{ decision: "deny", more: {}, heard: heard[driver].deny },
			{ decision: "allow", more: { optionId: options.always }, heard: heard[driver].always },
		] as const;
		for (const [index, { decision, more, heard }] of answers.entries()) {
			const promptId = await agent.prompt("permit rm");
			const asked = await agent.asked(index + 1);
			await agent.answer(asked[index]!.id, decision, more);
			expect((await agent.ended(promptId)).answer).toBe(`permission: ${heard}`);
		}
		const promptId = await agent.prompt("permit rm");
		const asked = await agent.asked(3);
		await agent.answer(asked[2]!.id, "deny", { reason: "not today" });
		const { answer } = await agent.ended(promptId);
		expect(answer).toBe(`permission: ${driver === "acp" ? heard.acp.deny : "deny: not today"}`);
	});

	test("two wait at once, each with its own id, and are answered in any order", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("permit-two");
		const [first, second] = await agent.asked(2);
		expect(first!.id).not.toBe(second!.id);
		expect([first!.subject, second!.subject]).toEqual(["first", "second"]);
		await agent.answer(second!.id, "allow");
		await agent.state("needs-permission");
		await agent.answer(first!.id, "deny");
		const { allow, deny } = heard[driver];
		expect((await agent.ended(promptId)).answer).toBe(`permissions: ${deny}, ${allow}`);
	});

	test("an answer counts once; one that fits no request, or no option, changes nothing", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("permit make");
		const [asked] = await agent.asked();
		const base = { decision: "allow", optionId: null, by: "person", ruleId: null, reason: null } as const;
		expect(await agent.refusal("agentAnswer", { ...base, id: "p_0000000000" })).toBe("permission_not_found");
		const { id } = asked!;
		expect(await agent.refusal("agentAnswer", { ...base, id, optionId: "no such" })).toBe("bad_request");
		expect(await agent.refusal("agentAnswer", { ...base, id, optionId: options.deny })).toBe("bad_request");
		expect(agent.of("permission-ended")).toEqual([]);
		const answers = Array.from({ length: 5 }, (_, n) =>
			agent.refusal("agentAnswer", { ...base, id, decision: n === 0 ? "deny" : "allow" }),
		);
		const codes = await Promise.all(answers);
		expect(codes.sort()).toEqual(["no error", ...Array(4).fill("permission_ended")]);
		expect((await agent.ended(promptId)).answer).toBe(`permission: ${heard[driver].deny}`);
		expect(await agent.refusal("agentAnswer", { ...base, id })).toBe("permission_ended");
		expect(agent.of("permission-ended").length).toBe(1);
	});

	test("nobody answers: it is denied at its deadline, with no daemon there", async () => {
		await using agent = await AgentHolder.idle(driver, { agent: { permissionTimeoutMs: 200 } });
		const { answer } = await agent.turn("permit wait");
		expect(answer).toBe(`permission: ${driver === "acp" ? heard.acp.deny : "deny: nobody answered in time"}`);
		const [ended] = agent.of("permission-ended");
		expect(ended!.permission).toMatchObject({ state: "expired", decision: "deny", by: "deadline" });
		expect(agent.bodies("permission")).toMatchObject([{ state: "expired", decision: "deny" }]);
	});

	test("an interrupt denies what waits", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("permit interrupt");
		await agent.asked();
		await agent.call("agentInterrupt", {});
		expect(await agent.ended(promptId)).toMatchObject({
			...{ outcome: "stopped", answer: `permission: ${heard[driver].cancelled}` },
		});
		expect(agent.of("permission-ended")[0]!.permission).toMatchObject({
			...{ state: "cancelled", decision: "deny", by: "holder" },
		});
	});

	test("a request that the agent takes back is over", async () => {
		await using agent = await AgentHolder.idle(driver);
		const { answer } = await agent.turn("withdraw");
		expect(answer).toContain("withdrawn");
		const [ended] = agent.of("permission-ended");
		expect(ended!.permission).toMatchObject({ state: "cancelled", decision: "deny", by: "agent" });
		const answering = {
			decision: "allow",
			optionId: null,
			by: "person",
			ruleId: null,
			reason: null,
		} as const;
		expect(await agent.refusal("agentAnswer", { id: ended!.permission.id, ...answering })).toBe(
			"permission_ended",
		);
	});

	test("an agent that ends while it asks leaves no request behind", async () => {
		await using agent = await AgentHolder.idle(driver);
		const promptId = await agent.prompt("permit-crash");
		await agent.exit();
		const [ended] = agent.of("permission-ended");
		expect(ended!.permission).toMatchObject({ state: "cancelled", decision: "deny", by: "holder" });
		expect(await agent.ended(promptId)).toMatchObject({ outcome: "failed" });
	});
});
