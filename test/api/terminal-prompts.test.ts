/** Prompts for agents that have a screen: pasted and entered, and over when the agent's state says so. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Problem } from "../../src/contract/errors.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import { Clerk } from "../support/agents/clerk.ts";
import { PNG } from "../support/agents/images.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

async function prompt(clerk: Clerk, text: string): Promise<Prompt> {
	const { status, body } = await berth.api<Prompt>("POST", `/sessions/${clerk.id}/prompts`, { text });
	expect([status, body]).toMatchObject([201, {}]);
	return body;
}

async function ended(clerk: Clerk, { id }: Prompt): Promise<Prompt> {
	return (await berth.api<Prompt>("GET", `/sessions/${clerk.id}/prompts/${id}?wait=60000`)).body;
}

async function running(clerk: Clerk, { id }: Prompt): Promise<void> {
	const look = async () => (await berth.api<Prompt>("GET", `/sessions/${clerk.id}/prompts/${id}`)).body.state;
	await until(async () => (await look()) === "running", "it runs");
}

test("what is asked is typed in one piece, one at a time, and answered with what the terminal shows new", async () => {
	const clerk = await Clerk.start(berth, "clerk");
	const asked = ["first\nof two lines", "second with an \x1b[201~end in it", "third"];
	const prompts: Prompt[] = [];
	for (const text of asked) prompts.push(await prompt(clerk, text));
	for (const [n, each] of prompts.entries()) {
		const done = await ended(clerk, each);
		expect(done.state).toBe("completed");
		expect(done.answer).toContain(`answer to ${["first", "second", "third"][n]}`);
		if (n > 0) expect(done.answer).not.toContain("answer to first");
	}
	expect(clerk.asked()).toEqual([asked[0]!, "second with an [201~end in it", asked[2]!]);
});

test("a program that asks for no marks around pastes gets none", async () => {
	const clerk = await Clerk.start(berth, "plain", { plain: true });
	expect(await ended(clerk, await prompt(clerk, "simple"))).toMatchObject({ state: "completed" });
	expect(clerk.asked()).toEqual(["simple"]);
});

test("an agent that shows its prompt again before it begins is not taken for done", async () => {
	const clerk = await Clerk.start(berth, "late");
	const done = await ended(clerk, await prompt(clerk, "slow to begin"));
	expect(done).toMatchObject({ state: "completed", stopReason: "idle" });
	expect(done.answer).toContain("answer to slow to begin");
});

test("an agent that loses the Return, and its screen for a moment, is given it again", async () => {
	const clerk = await Clerk.start(berth, "loser");
	const done = await ended(clerk, await prompt(clerk, "lost and found"));
	expect(done).toMatchObject({ state: "completed", stopReason: "idle" });
	expect(done.answer).toContain("answer to lost and found");
	expect(clerk.asked()).toEqual(["lost and found"]);
});

test("an interrupt is Escape, and what waits goes on", async () => {
	const clerk = await Clerk.start(berth, "hanging");
	const first = await prompt(clerk, "hang on");
	const second = await prompt(clerk, "after");
	await running(clerk, first);
	await until(() => clerk.asked().length === 1, "it works");
	const { body } = await berth.api("POST", `/sessions/${clerk.id}/interrupt`);
	expect(body).toEqual({ status: "interrupted", promptId: first.id });
	expect(await ended(clerk, first)).toMatchObject({ state: "stopped" });
	expect(await ended(clerk, second)).toMatchObject({ state: "completed" });
	expect(clerk.asked()).toEqual(["hang on", "after"]);
});

test("an agent that ends fails what it was at; it has no list of messages", async () => {
	const clerk = await Clerk.start(berth, "ending");
	const first = await prompt(clerk, "hang on");
	await running(clerk, first);
	expect(await berth.api("GET", `/sessions/${clerk.id}/conversation`)).toMatchObject({
		status: 409,
		body: { code: "not_an_agent" },
	});
	await berth.api("POST", `/sessions/${clerk.id}/kill`);
	expect(await ended(clerk, first)).toMatchObject({ state: "failed" });
});

test("an agent's own hooks begin and end a turn, and tell the answer", async () => {
	const clerk = await Clerk.start(berth, "hooking", { ruled: false });
	let calls = 0;
	const hook = async (hook_event_name: string, more: object = {}): Promise<void> => {
		const id = `p_${String(++calls).padStart(10, "0")}`;
		const body = { id, worker: clerk.workerId, hook: { hook_event_name, session_id: "c-1", ...more } };
		expect((await berth.api("POST", "/hooks/claude", body)).status).toBe(200);
	};
	const asked = await prompt(clerk, "what?");
	await hook("SessionStart", { source: "startup" });
	await until(() => clerk.asked().length === 1, "it was asked");
	await hook("UserPromptSubmit", { prompt: "what?" });
	await hook("Stop", { last_assistant_message: "That." });
	expect(await ended(clerk, asked)).toMatchObject({
		state: "completed",
		answer: "That.",
		stopReason: "idle",
	});
});

test("an agent whose state nobody can tell is asked at once when that is said, and is done when it is quiet", async () => {
	const clerk = await Clerk.start(berth, "unknown", { ruled: false });
	await berth.api("POST", `/sessions/${clerk.id}/wait`, { text: "clerk is here" });
	const waiting = await prompt(clerk, "later");
	const body = { text: "at once", now: true };
	const urgent = (await berth.api<Prompt>("POST", `/sessions/${clerk.id}/prompts`, body)).body;
	const done = await ended(clerk, urgent);
	expect(done).toMatchObject({ state: "completed", stopReason: "quiet" });
	expect(done.answer).toContain("answer to at once");
	expect(clerk.asked()).toEqual(["at once"]);
	const list = (await berth.api<Prompt[]>("GET", `/sessions/${clerk.id}/prompts`)).body;
	expect(list).toMatchObject([{ id: waiting.id, state: "pending" }]);
});

test("images are refused, with the drivers that take them, and nothing is queued", async () => {
	const clerk = await Clerk.start(berth, "blind");
	const image = await berth.fetch("/images", {
		...{ method: "POST", body: PNG, headers: { "content-type": "image/png" } },
	});
	const { sha256 } = (await image.json()) as { sha256: string };
	const path = `/sessions/${clerk.id}/prompts`;
	const refused = await berth.api<Problem>("POST", path, { text: "what is this?", images: [sha256] });
	expect([refused.status, refused.body.code]).toEqual([409, "agent_refused"]);
	expect(refused.body.detail).toContain("acp or claude-stream");
	expect((await berth.api<Prompt[]>("GET", path)).body).toEqual([]);
});
