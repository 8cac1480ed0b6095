import { expect, test } from "bun:test";
import { agentOf } from "../../../store/agents.ts";
import { eventsAfter } from "../../../store/events.ts";
import { itemsAfter } from "../../../store/items.ts";
import { LogReader } from "./log-reader.ts";
import type { AgentSinks } from "./sinks.ts";
import { AgentHome, message } from "./testing.ts";

function readerOf(home: AgentHome, sinks: AgentSinks = {}): LogReader {
	const { store, paths } = home;
	return new LogReader({ store, paths, sinks, log: () => {}, onItems: () => {} });
}

function items(home: AgentHome) {
	return itemsAfter(home.store.read, home.workerId, 0, 1000);
}

/** The conversation's messages, in its order. */
function said(home: AgentHome): string[] {
	return items(home)
		.sort((a, b) => a.index - b.index)
		.flatMap(({ body }) => (body.type === "message" ? [body.parts] : []))
		.map((parts) => parts.map((part) => (part.type === "text" ? part.text : "")).join(""));
}

test("a line that is still being written is taken when it is whole, wherever it was cut", async () => {
	using home = new AgentHome();
	const reader = readerOf(home);
	const lines = home.line(message("1.1", "grüße")) + home.line({ kind: "text", id: "1.1", text: ", 世界" });
	for (const byte of Buffer.from(lines)) {
		home.writesText(Uint8Array.of(byte));
		await reader.catchUp(home.workerId);
	}
	expect(said(home)).toEqual(["grüße, 世界"]);
});

test("a change gives an item a new cursor and leaves its place; what comes together is one change", async () => {
	using home = new AgentHome();
	const reader = readerOf(home);
	home.writes(message("1.1", "a", false), message("1.2", "b"));
	await reader.catchUp(home.workerId);
	const [first, second] = items(home);
	home.writes({ kind: "text", id: "1.1", text: "A" }, { kind: "text", id: "1.1", text: "AA" });
	await reader.catchUp(home.workerId);
	const after = itemsAfter(home.store.read, home.workerId, second!.cursor, 10);
	expect(after.map(({ id, index, cursor }) => [id, index, cursor])).toEqual([["1.1", 0, second!.cursor + 1]]);
	expect(first!.index).toBe(0);
	expect(said(home)).toEqual(["aAAA", "b"]);
});

test("a daemon that dies after any reading finds the rest and nothing twice", async () => {
	using home = new AgentHome();
	const expected: string[] = [];
	for (let i = 1; i <= 20; i++) {
		home.writes(message(`1.${i}`, `m${i}`, false), { kind: "text", id: `1.${i}`, text: "!" });
		expected.push(`m${i}!`);
		if (i % 3 === 0) await readerOf(home).catchUp(home.workerId);
		if (i % 5 === 0) home.reopen();
	}
	home.writesText('{"n":41,"at":1,"kind":"it');
	await readerOf(home).catchUp(home.workerId);
	expect(said(home)).toEqual(expected);
	expect(agentOf(home.store.read, home.workerId)).toMatchObject({ logRecords: 40, items: 20 });
});

test("what a restart left unread is read before the next generation, and the end is told between them", async () => {
	using home = new AgentHome();
	const order: string[] = [];
	const note = (what: string) => () => void order.push(`${what}: ${said(home).join(" ")}`);
	const reader = readerOf(home, {
		permissions: { asked: () => {}, answered: () => {}, ended: note("permissions") },
		prompts: { started: () => {}, finished: () => {}, ended: note("prompts") },
		states: { protocol: () => {}, hook: () => {}, ended: note("states"), started: note("started") },
	});
	home.writes(message("1.1", "old", false));
	home.ends();
	home.restarts();
	home.writes(message("2.1", "new"));
	await reader.catchUp(home.workerId);
	expect(order).toEqual(["permissions: old", "prompts: old", "states: old", "started: old"]);
	expect(said(home)).toEqual(["old", "new"]);
	expect(items(home).map(({ generation, body }) => [generation, "done" in body && body.done])).toEqual([
		[1, true],
		[2, true],
	]);
});

test("what a dead holder left open is closed when its agent has ended", async () => {
	using home = new AgentHome();
	home.writes(
		message("1.1", "half a sent", false),
		{
			kind: "item",
			id: "1.2",
			body: {
				...{ type: "tool", call: "c1", title: "Run it", name: "Bash", kind: "execute", status: "running" },
				...{ input: {}, output: [], locations: [] },
			},
		},
		{
			kind: "item",
			id: "1.3",
			body: { type: "turn", promptId: null, state: "running", stopReason: null, durationMs: null },
		},
	);
	home.ends();
	await readerOf(home).catchUp(home.workerId);
	expect(items(home).map(({ body }) => body)).toMatchObject([
		{ type: "message", done: true },
		{ type: "tool", status: "failed" },
		{ type: "turn", state: "failed" },
	]);
});

test("what the agent tells of itself is an event, once", async () => {
	using home = new AgentHome();
	const models = [{ id: "m", name: "M" }];
	home.writes({ kind: "agent", conversation: "c-1", model: "m", models });
	await readerOf(home).catchUp(home.workerId);
	home.writes({ kind: "agent", model: "m", models });
	await readerOf(home).catchUp(home.workerId);
	const events = eventsAfter(home.store.read, 0, 100, { types: ["agent.configured"] });
	expect(events.map(({ data }) => data)).toEqual([{ conversation: "c-1", model: "m", models }]);
	expect(agentOf(home.store.read, home.workerId)).toMatchObject({ conversation: "c-1", model: "m", models });
});

test("a broken line is passed over, and told in the log", async () => {
	using home = new AgentHome();
	const told: unknown[] = [];
	const { store, paths } = home;
	const log = (_level: string, _message: string, facts?: object) => void told.push(facts);
	const reader = new LogReader({ store, paths, sinks: {}, log, onItems: () => {} });
	home.writes(message("1.1", "before"));
	home.writesText("\u0000garbage\n");
	home.line(message("1.2", "lost"));
	home.writes(message("1.3", "after"));
	await reader.catchUp(home.workerId);
	expect(said(home)).toEqual(["before", "after"]);
	expect(told).toEqual([{ worker: "w_1", missing: 1, broken: 1 }]);
});

test("a log of any length is read to its end, a message longer than a piece included", async () => {
	using home = new AgentHome();
	const long = "x".repeat(1_500_000);
	for (let i = 1; i <= 2000; i++) home.writes(message(`1.${i}`, `m${i}`));
	home.writes(message("1.2001", long), message("1.2002", "end"));
	await readerOf(home).catchUp(home.workerId);
	expect(agentOf(home.store.read, home.workerId)).toMatchObject({ logRecords: 2002, items: 2002 });
	const last = itemsAfter(home.store.read, home.workerId, 2000, 10);
	expect(
		last.map(({ body }) =>
			body.type === "message" && body.parts[0]?.type === "text" ? body.parts[0].text.length : 0,
		),
	).toEqual([1_500_000, 3]);
});
