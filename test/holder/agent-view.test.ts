/** A structured agent as a person sees it in a terminal, and types to it. */
import { expect, test } from "bun:test";
import { AgentHolder } from "../support/agents/agent-holder.ts";
import { until } from "../support/berth.ts";

async function attached() {
	const agent = await AgentHolder.idle("acp");
	const client = await agent.holder.attach({ cols: 60, rows: 20 });
	await client.greeted();
	return { agent, client };
}

/** The screen's lines that are not blank. */
async function lines(agent: AgentHolder): Promise<string[]> {
	const { rendering } = await agent.call("screen", { format: "text" });
	return rendering!.split("\n").filter((line) => line.trim() !== "");
}

const shows = (agent: AgentHolder, text: string) =>
	until(async () => (await lines(agent)).some((line) => line.includes(text)), `the screen shows ${text}`);

test("a prompt is typed, corrected and sent with Enter; its answer follows, and an empty line for the next", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("say helo");
	await shows(agent, "❯ say helo");
	client.type("\x7flo there\x01\x05\r");
	await until(() => agent.texts("assistant").includes("hello there"), "it is answered");
	const [turn] = agent.of("turn");
	expect(turn!.promptId).toMatch(/^q_[0-9a-z]{10}$/);
	await shows(agent, "── completed");
	await until(async () => (await lines(agent)).at(-1)?.trim() === "❯", "the line is empty again");
	client.type("\x1b[A");
	await shows(agent, "❯ say hello there");
});

test("a pasted text is one prompt, line ends and all", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("\x1b[200~say one\rtwo\x1b[31m\x1b[201~");
	expect(agent.of("turn")).toEqual([]);
	client.type("\r");
	await until(() => agent.texts("user").length === 1, "it is sent");
	expect(agent.texts("user")).toEqual(["say one\ntwo[31m"]);
});

test("Ctrl-C clears what was typed first, and interrupts then", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("hang\r");
	await until(() => agent.texts("assistant").length === 1, "it works");
	client.type("something else");
	client.type("\x03");
	client.type("\x03");
	await until(() => agent.of("turn-ended").length === 1, "the turn ends");
	expect(agent.of("turn-ended")[0]!.outcome).toBe("stopped");
	await shows(agent, "── stopped");
});

test("what is sent while the agent is busy stays in the line, and says so", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("permit ls\r");
	await agent.asked();
	client.type("say later\r");
	await shows(agent, "(the agent is working on something else)");
	await shows(agent, "❯ say later");
	expect(agent.of("turn").length).toBe(1);
});

test("a request for permission is shown with its id and how to answer it, and rings the bell", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("permit rm -rf build\r");
	const [asked] = await agent.asked();
	await shows(agent, `berth permissions allow ${asked!.id}`);
	expect(await lines(agent)).toContain("▲ Run rm -rf build");
	expect(client.seen).toContain("\x07");
	await agent.answer(asked!.id, "deny");
	await shows(agent, `✗ denied ${asked!.id}`);
});

test("the line for the prompt leaves nothing behind when the terminal is made narrower and wider", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	const typed = "say a rather long prompt that fills most of the row";
	client.type(typed);
	await shows(agent, `❯ ${typed}`);
	for (const cols of [30, 12, 25, 60]) {
		client.resize(cols, 20);
		await until(async () => (await agent.call("status", {})).cols === cols, "the size is there");
		await until(async () => (await lines(agent)).at(-1)?.includes("❯"), "the line is there");
		const rows = (await lines(agent)).filter((line) => line.includes("❯"));
		expect(rows.length).toBe(1);
	}
	await shows(agent, `❯ ${typed}`);
	expect((await lines(agent)).length).toBe(1);
});

test("the title of the conversation and the marks of a plan are the terminal's", async () => {
	const { agent, client } = await attached();
	await using _ = agent;
	client.type("plan\r");
	await shows(agent, "✓ look");
	expect(await lines(agent)).toContain("▸ leap");
});
