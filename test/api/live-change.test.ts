/** Another model for an agent in its own screen, while it runs: typed where its definition knows how, else by starting it again. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Problem } from "../../src/contract/errors.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import type { Event } from "../../src/contract/system.ts";
import { Clerk, type ClerkOptions } from "../support/agents/clerk.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

const TYPED: ClerkOptions = { live: { type: "/model {{model}}", taken: "^Model set to " } };

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

const change = async (clerk: Clerk, body: object) => {
	const answer = await berth.api<Problem>("PATCH", `/sessions/${clerk.id}/workers/${clerk.workerId}`, body);
	return [answer.status, answer.status === 200 ? null : answer.body.code] as [number, string | null];
};
const ask = async (clerk: Clerk, text: string): Promise<Prompt> =>
	(await berth.api<Prompt>("POST", `/sessions/${clerk.id}/prompts`, { text })).body;
const ended = async (clerk: Clerk, { id }: Prompt): Promise<Prompt> =>
	(await berth.api<Prompt>("GET", `/sessions/${clerk.id}/prompts/${id}?wait=60000`)).body;
const working = (clerk: Clerk) =>
	until(async () => (await clerk.worker()).agent.status.state === "busy", `${clerk.id} works`);
let hooks = 0;
const hook = async (clerk: Clerk, told: object): Promise<void> => {
	const id = `p_${String(++hooks).padStart(10, "0")}`;
	const { status } = await berth.api("POST", "/hooks/claude", { id, worker: clerk.workerId, hook: told });
	expect(status).toBe(200);
};
const configured = async (clerk: Clerk): Promise<Event["data"][]> => {
	const path = `/events?types=agent.configured&session=${clerk.id}`;
	const { body } = await berth.api<{ events: Event[] }>("GET", path);
	return body.events.map(({ data }) => data);
};

test("what its definition says is typed, and holds for the next prompt; the process goes on", async () => {
	const clerk = await Clerk.start(berth, "typed", TYPED);
	await clerk.idle();
	expect(await change(clerk, { agent: { model: "large" } })).toEqual([200, null]);
	expect(await clerk.worker()).toMatchObject({ generation: 1, agent: { model: "large" } });
	expect(await configured(clerk)).toEqual([{ model: "large", chosenModel: "large" }]);
	expect((await ended(clerk, await ask(clerk, "who?"))).answer).toContain("by large");
	await berth.api("POST", `/sessions/${clerk.id}/restart`);
	await clerk.idle();
	expect(await clerk.screen()).toContain("with large");
});

test("what it does not take is not stored, and what cannot be typed is not tried", async () => {
	const clerk = await Clerk.start(berth, "untaken", TYPED);
	await clerk.idle();
	expect(await change(clerk, { agent: { model: "none" } })).toEqual([409, "agent_refused"]);
	expect(await change(clerk, { agent: { model: "a\rb" } })).toEqual([400, "bad_request"]);
	expect((await clerk.worker()).agent.model).toBeNull();
	expect(clerk.asked()).toEqual([]);
});

test("what a person has begun to write stays, and keeps the line from being typed", async () => {
	const clerk = await Clerk.start(berth, "drafting", TYPED);
	await clerk.idle();
	await clerk.types("a draft");
	await until(async () => (await clerk.screen()).includes("> a draft"), "the draft stands there");
	expect(await change(clerk, { agent: { model: "large" } })).toEqual([409, "would_interrupt"]);
	await until(async () => /> a draft\s*$/.test(await clerk.screen()), "the draft stands alone again");
	expect(await change(clerk, { agent: { model: "large" }, now: true })).toEqual([200, null]);
	expect(await clerk.worker()).toMatchObject({ generation: 2, agent: { model: "large" } });
});

test("without such a line it is started again, in its conversation; a turn is not ended by that unless it is asked for", async () => {
	const clerk = await Clerk.start(berth, "again");
	await clerk.idle();
	await hook(clerk, { hook_event_name: "UserPromptSubmit", session_id: "c-77", prompt: "hi" });
	await hook(clerk, { hook_event_name: "Stop", session_id: "c-77" });
	await clerk.idle();
	const hanging = await ask(clerk, "hang on");
	await until(() => clerk.asked().includes("hang on"), "it works");
	await hook(clerk, { hook_event_name: "UserPromptSubmit", session_id: "c-77", prompt: "hang on" });
	expect(await change(clerk, { agent: { model: "large" } })).toEqual([409, "would_interrupt"]);
	expect(await clerk.worker()).toMatchObject({ generation: 1, agent: { model: null } });
	expect(await change(clerk, { name: "boss", agent: { model: "large" }, now: true })).toEqual([200, null]);
	expect((await ended(clerk, hanging)).state).toBe("failed");
	await clerk.idle();
	expect(await clerk.worker()).toMatchObject({ name: "boss", generation: 2, agent: { model: "large" } });
	expect(await clerk.screen()).toContain("with large and c-77");
	expect((await configured(clerk)).filter(({ model }) => model === "large")).toHaveLength(1);
	expect(await change(clerk, { agent: { model: "small" } })).toEqual([200, null]);
	await clerk.idle();
	expect(await clerk.screen()).toContain("with small and c-77");
});

test("one that does not stand the new start runs again as it was, and that is said", async () => {
	const clerk = await Clerk.start(berth, "fragile");
	await clerk.idle();
	const { status, body } = await berth.api<Problem>("PATCH", `/sessions/${clerk.id}/workers/main`, {
		agent: { model: "broken" },
	});
	expect([status, body.code]).toEqual([409, "agent_refused"]);
	expect(body.detail).toContain("status 3");
	expect(body.detail).toContain("runs again as it was");
	await clerk.idle();
	expect(await clerk.worker()).toMatchObject({ state: "running", agent: { model: null } });
	expect(await clerk.screen()).toContain("with usual");
});

test("the command line says what would be interrupted, and how to do it", async () => {
	const clerk = await Clerk.start(berth, "spoken");
	await clerk.idle();
	await ask(clerk, "hang on");
	await working(clerk);
	const refused = await berth.run(["agent", "set", "spoken", "--model", "large"]);
	expect(refused.code).toBe(1);
	expect(refused.stderr).toContain("--now");
	expect(await berth.ok(["agent", "set", "spoken", "--model", "large", "--now"])).toContain("model large");
});
