import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ConversationPage, Image } from "../../src/contract/conversation.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import type { Session, Worker } from "../../src/contract/session.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, until } from "../support/berth.ts";
import { allEvents } from "../support/torture.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.home();
	installFakeAgent(berth.home);
	installFakeAgent(berth.home, { id: "stream", driver: "claude-stream" });
	await berth.startDaemon();
});
afterAll(() => berth[Symbol.asyncDispose]());

/** A session of one agent. */
async function agent(definition = "fake"): Promise<Session> {
	const { status, body } = await berth.api<Session>("POST", "/sessions", {
		agent: { definition },
		port: null,
	});
	expect([status, body]).toMatchObject([201, {}]);
	return body;
}

async function prompt(ref: string, text: string, more: object = {}): Promise<Prompt> {
	const { status, body } = await berth.api<Prompt>("POST", `/sessions/${ref}/prompts`, { text, ...more });
	expect([status, body]).toMatchObject([201, {}]);
	return body;
}

/** The prompt when it has ended. */
async function ended(ref: string, { id }: Prompt): Promise<Prompt> {
	const { body } = await berth.api<Prompt>("GET", `/sessions/${ref}/prompts/${id}?wait=60000`);
	return body;
}

async function state(ref: string, { id }: Prompt, wanted: Prompt["state"]): Promise<void> {
	await until(
		async () => (await berth.api<Prompt>("GET", `/sessions/${ref}/prompts/${id}`)).body.state === wanted,
		`the prompt is ${wanted}`,
	);
}

async function conversation(ref: string): Promise<string[]> {
	const { body } = await berth.api<ConversationPage>("GET", `/sessions/${ref}/conversation?limit=500`);
	return body.items
		.sort((a, b) => a.index - b.index)
		.flatMap(({ body: item }) =>
			item.type === "message"
				? [
						`${item.role}: ${item.parts.map((part) => (part.type === "text" ? part.text : part.type)).join("")}`,
					]
				: [],
		);
}

describe.each(["fake", "stream"])("an agent that speaks %s", (definition) => {
	test("answers a prompt, and the conversation has both", async () => {
		const { id } = await agent(definition);
		const done = await ended(id, await prompt(id, "say hello there"));
		expect(done).toMatchObject({ state: "completed", answer: "hello there", detail: null });
		expect(done.startedAt).toBeGreaterThanOrEqual(done.createdAt);
		expect(await conversation(id)).toEqual(["user: say hello there", "assistant: hello there"]);
	});

	test("takes what was asked in the order of asking, one at a time", async () => {
		const { id } = await agent(definition);
		const asked: Prompt[] = [];
		for (const word of ["one", "two", "three"]) asked.push(await prompt(id, `say ${word}`));
		for (const [index, each] of asked.entries()) {
			expect(await ended(id, each)).toMatchObject({ answer: ["one", "two", "three"][index] });
		}
		expect(await conversation(id)).toEqual(
			["one", "two", "three"].flatMap((word) => [`user: say ${word}`, `assistant: ${word}`]),
		);
	});

	test("is interrupted, and what waits goes on", async () => {
		const { id } = await agent(definition);
		const first = await prompt(id, "hang");
		const second = await prompt(id, "say after");
		await state(id, first, "running");
		const { body } = await berth.api("POST", `/sessions/${id}/interrupt`);
		expect(body).toEqual({ status: "interrupted", promptId: first.id });
		expect(await ended(id, first)).toMatchObject({ state: "stopped" });
		expect(await ended(id, second)).toMatchObject({ state: "completed", answer: "after" });
	});

	test("that dies in the middle fails what it was at; the rest waits for a restart", async () => {
		const { id } = await agent(definition);
		const busy = await prompt(id, "hang");
		const first = await prompt(id, "crash");
		const second = await prompt(id, "say back again");
		await state(id, busy, "running");
		await berth.api("POST", `/sessions/${id}/interrupt`);
		expect(await ended(id, first)).toMatchObject({ state: "failed" });
		await until(
			async () => (await berth.api<Worker[]>("GET", `/sessions/${id}/workers`)).body[0]!.state === "exited",
			"the agent has ended",
		);
		expect((await berth.api<Prompt[]>("GET", `/sessions/${id}/prompts`)).body).toMatchObject([
			{ id: second.id, state: "pending" },
		]);
		expect((await berth.api("POST", `/sessions/${id}/restart`)).status).toBe(200);
		expect(await ended(id, second)).toMatchObject({ state: "completed", answer: "back again" });
	});
});

test("a prompt that waits is taken back; one that is worked on is interrupted; one that has ended is left", async () => {
	const { id } = await agent();
	const first = await prompt(id, "hang");
	const second = await prompt(id, "say never");
	await state(id, first, "running");
	const cancel = (each: Prompt) => berth.api<Prompt>("DELETE", `/sessions/${id}/prompts/${each.id}`);
	expect((await cancel(second)).body).toMatchObject({ state: "stopped", startedAt: null });
	expect((await cancel(first)).status).toBe(200);
	expect(await ended(id, first)).toMatchObject({ state: "stopped" });
	expect(await cancel(first)).toMatchObject({ status: 409, body: { code: "prompt_ended" } });
	expect((await conversation(id)).join()).not.toContain("never");
	const all = (await berth.api<Prompt[]>("GET", `/sessions/${id}/prompts?all=true`)).body;
	expect(all.map(({ state: each }) => each)).toEqual(["stopped", "stopped"]);
	expect((await berth.api<Prompt[]>("GET", `/sessions/${id}/prompts`)).body).toEqual([]);
});

test("each step of a prompt is an event", async () => {
	const { id } = await agent();
	const done = await ended(id, await prompt(id, "say event"));
	const mine = (await allEvents(berth)).filter(({ data }) => data.id === done.id);
	expect(mine.map(({ type, data }) => [type, data.state])).toEqual([
		["prompt.queued", "pending"],
		["prompt.started", "running"],
		["prompt.ended", "completed"],
	]);
});

test("an image goes with a prompt, by its hash; one that is not in the store is refused", async () => {
	const { id } = await agent();
	await until(async () => {
		const { body } = await berth.api<Worker[]>("GET", `/sessions/${id}/workers`);
		return body[0]?.kind === "agent" && body[0].agent.status.state === "idle";
	}, "the agent is idle");
	const png = Buffer.from("\x89PNG\r\n\x1a\n0123456789", "latin1");
	const headers = { "content-type": "image/png" };
	const added = await berth.fetch("/images", { method: "POST", body: png, headers });
	const image = (await added.json()) as Image;
	const done = await ended(id, await prompt(id, "image", { images: [image.sha256] }));
	expect(done).toMatchObject({
		state: "completed",
		images: [image],
		answer: `image/png of ${png.length} bytes`,
	});
	const { body } = await berth.api<ConversationPage>("GET", `/sessions/${id}/conversation`);
	expect(JSON.stringify(body.items)).toContain(image.sha256);
	const refused = { text: "image", images: ["0".repeat(64)] };
	expect(await berth.api("POST", `/sessions/${id}/prompts`, refused)).toMatchObject({
		status: 404,
		body: { code: "blob_not_found" },
	});
});

test("a session without an agent takes no prompt, and one with several wants to know which", async () => {
	const terminal = await berth.api<Session>("POST", "/sessions", { command: ["/bin/cat"], port: null });
	const { id } = terminal.body;
	const ask = (path: string) => berth.api("POST", `/sessions/${path}/prompts`, { text: "say x" });
	expect(await ask(id)).toMatchObject({ status: 409, body: { code: "not_an_agent" } });
	const add = (name: string) =>
		berth.api("POST", `/sessions/${id}/workers`, { kind: "agent", name, agent: { definition: "fake" } });
	expect((await add("first")).status).toBe(201);
	expect((await ask(id)).status).toBe(201);
	expect((await add("second")).status).toBe(201);
	expect(await ask(id)).toMatchObject({ status: 409, body: { code: "ambiguous_reference" } });
	expect((await ask(`${id}/workers/second`)).status).toBe(201);
	expect(await ask(`${id}/workers/main`)).toMatchObject({ status: 409, body: { code: "not_an_agent" } });
});

test("an agent that has ended takes no prompt; a prompt of another agent's is not found", async () => {
	const { id } = await agent();
	const other = await agent();
	const mine = await prompt(other.id, "say mine");
	expect(await berth.api("GET", `/sessions/${id}/prompts/${mine.id}`)).toMatchObject({
		status: 404,
		body: { code: "prompt_not_found" },
	});
	await berth.api("POST", `/sessions/${id}/kill`);
	expect(await berth.api("POST", `/sessions/${id}/prompts`, { text: "say x" })).toMatchObject({
		status: 409,
		body: { code: "session_ended" },
	});
});
