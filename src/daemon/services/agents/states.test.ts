import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Evidence } from "../../../contract/agent.ts";
import type { Question } from "../../../contract/question.ts";
import type { AgentState } from "../../../contract/words.ts";
import { agentOf, createAgent } from "../../../store/agents.ts";
import { eventsAfter } from "../../../store/events.ts";
import { permissions, type WorkerRow } from "../../../store/schema.ts";
import { createSession } from "../../../store/sessions.ts";
import { Store } from "../../../store/store.ts";
import { agent, session, worker } from "../../../store/testing.ts";
import { createWorker, moveWorker } from "../../../store/workers.ts";
import { CONTRADICTION_MS } from "./decide.ts";
import type { HookFact } from "./sinks.ts";
import { States } from "./states.ts";

let folder: string;
let store: Store;
let states: States;
let clock = 1000;
const watched = new Set<string>();
const alarms = new Map<string, { at: number; ring: () => void }>();

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-states-"));
	clock = 1000;
	store = Store.open(join(folder, "berth.db"), { now: () => clock });
	states = begin();
	store.change((change) => {
		createSession(change, session("s_1"));
		createWorker(change, worker("w_1", "s_1", { kind: "agent" }));
		createAgent(change, agent("w_1"));
	});
	states.started(move("running"));
});
afterEach(() => {
	states.stop();
	store.close();
	rmSync(folder, { recursive: true });
});

/** What a daemon's start does. */
function begin(): States {
	alarms.clear();
	watched.clear();
	const made = new States({
		store,
		alarms: {
			set: (key, at, ring) => void alarms.set(key, { at, ring }),
			cancel: (key) => void alarms.delete(key),
		},
		screens: { watch: (id) => void watched.add(id), forget: (id) => void watched.delete(id) },
		now: () => clock,
		log: (_level, message, facts) => {
			throw new Error(`${message} ${JSON.stringify(facts)}`);
		},
	});
	made.start();
	return made;
}

function move(to: "starting" | "running" | "exited", more: Partial<WorkerRow> = {}): WorkerRow {
	return store.change((change) => moveWorker(change, "w_1", to, more));
}

const status = () => agentOf(store.read, "w_1")!.status;
const told = () =>
	eventsAfter(store.read, 0, 100, { types: ["agent.state"] }).map(
		({ data }) => `${data.from} → ${data.state}`,
	);

function later(ms: number): void {
	clock += ms;
	for (const [key, { at, ring }] of [...alarms]) {
		if (at > clock) continue;
		alarms.delete(key);
		ring();
	}
}

function live(): WorkerRow {
	return worker("w_1", "s_1", { kind: "agent", state: "running" });
}

function seen(state: AgentState, rule = `shows-${state}`): void {
	const evidence: Evidence = { kind: state === "unknown" ? "none" : "screen", rule, text: null, at: clock };
	states.seen("w_1", { state, evidence });
}

function hook(event: string, more: Partial<HookFact> = {}, of = live()): void {
	const fact = { at: clock, conversation: null, about: null, text: null, subagent: false };
	states.hook(of, { event, ...fact, ...more });
}

function restart(): void {
	states.stop();
	states = begin();
}

test("an agent that shows nothing after its start is unknown, not idle", () => {
	expect(status().state).toBe("starting");
	seen("unknown", "no-rule-holds");
	expect(status().state).toBe("starting");
	later(60_000);
	expect(status()).toMatchObject({ state: "unknown", evidence: { kind: "none", rule: "no-rule-holds" } });
	expect(told()).toEqual(["starting → unknown"]);
});

test("a turn by Claude Code's hooks", () => {
	hook("SessionStart", { about: "startup" });
	expect(status()).toMatchObject({ state: "idle", evidence: { kind: "hook", rule: "SessionStart" } });
	later(10);
	hook("UserPromptSubmit");
	hook("PreToolUse", { about: "Bash" });
	expect(status()).toMatchObject({ state: "busy", evidence: { rule: "PreToolUse", text: "Bash" } });
	hook("Stop", { subagent: true });
	hook("Notification", { about: "permission_prompt", text: "Claude needs your permission" });
	expect(status()).toMatchObject({ state: "needs-permission", since: 1010 });
	hook("PostToolUse", { about: "Bash" });
	hook("SubagentStop");
	hook("Stop");
	later(60_000);
	hook("Notification", { about: "idle_prompt" });
	expect(told()).toEqual([
		"starting → idle",
		"idle → busy",
		"busy → needs-permission",
		"needs-permission → busy",
		"busy → idle",
	]);
	hook("SessionEnd");
	expect(status()).toMatchObject({ state: "unknown", evidence: { kind: "none" } });
});

test("a screen that shows something else than the hooks said is believed when it lasts", () => {
	hook("UserPromptSubmit");
	later(100);
	seen("idle");
	expect(status().state).toBe("busy");
	later(CONTRADICTION_MS);
	expect(status()).toMatchObject({ state: "idle", since: 1100, evidence: { kind: "screen" } });
	expect(states.words(live()).map(({ word, counted }) => [word.source, word.state, counted])).toEqual([
		["hook", "busy", false],
		["rules", "idle", true],
	]);
});

const asks: Question = {
	...{ id: "1", title: "", text: "Which?", type: "text", options: [] },
	...{ multiple: false, ownText: true, required: true },
};
const waiting: { state: string; questions: Question[] }[] = [
	{ state: "needs-permission", questions: [] },
	{ state: "needs-input", questions: [asks] },
];
test.each(waiting)("$state while a hook's request waits, and back after", ({ state, questions }) => {
	hook("PreToolUse", { about: "Bash" });
	const request = {
		questions,
		...{
			id: "p_1",
			sessionId: "s_1",
			workerId: "w_1",
			generation: 1,
			agent: "claude",
			source: "hook" as const,
		},
		...{ tool: "Bash", kind: "execute" as const, title: "Run `npm test`", subject: "npm test", cwd: "/" },
		...{ options: [], state: "pending" as const, createdAt: 1000, deadlineAt: 9000 },
	};
	store.bookkeep(({ tx }) => tx.insert(permissions).values(request).run());
	hook("PermissionRequest", { about: "Bash" });
	const waits = {
		state,
		evidence: { rule: "permission-request", text: "Run `npm test`" },
	};
	expect(status()).toMatchObject(waits);
	seen("idle");
	later(CONTRADICTION_MS);
	expect(status()).toMatchObject(waits);
	restart();
	expect(status()).toMatchObject(waits);
	store.bookkeep(({ tx }) => tx.update(permissions).set({ state: "answered" }).run());
	hook("PermissionEnded");
	expect(status().state).toBe("busy");
});

test("progress is busy until it is taken back, which is no idleness; a bell says nothing", () => {
	const heard = { workerId: "w_1", sessionId: "s_1", status: null };
	states.noticed(heard, { kind: "bell" });
	expect(status().state).toBe("starting");
	expect(states.words(live()).at(-1)).toMatchObject({
		word: { source: "attention", evidence: { rule: "bell" } },
	});
	states.noticed(heard, { kind: "progress", state: "normal", value: 40 });
	expect(status()).toMatchObject({ state: "busy", evidence: { kind: "terminal", text: "normal 40%" } });
	later(40_000);
	states.noticed(heard, { kind: "progress", state: "none", value: null });
	expect(status().state).toBe("unknown");
	states.noticed(heard, { kind: "progress", state: "indeterminate", value: null });
	later(3600_000);
	expect(status().state).toBe("unknown");
});

test("a daemon's start takes up what was said, and what was seen until it has looked again", () => {
	hook("Stop");
	restart();
	later(3600_000);
	expect(status()).toMatchObject({ state: "idle", evidence: { kind: "hook" } });
	hook("SessionEnd");
	seen("needs-input");
	restart();
	expect(status().state).toBe("needs-input");
	later(60_000);
	expect(status().state).toBe("unknown");
	seen("needs-input");
	restart();
	expect([...watched]).toEqual(["w_1"]);
	seen("busy");
	expect(status().state).toBe("busy");
});

test("the protocol's word is written in the change that it comes with, and never gets stale", () => {
	const evidence: Evidence = { kind: "protocol", rule: "session/prompt", text: null, at: 1500 };
	const say = () =>
		store.change((change) => {
			states.protocol(change, live(), { state: "busy", since: 1500, evidence });
			change.record({ type: "worker.updated", sessionId: "s_1", workerId: "w_1", data: {} });
		});
	say();
	expect(status()).toEqual({ state: "busy", since: 1500, evidence });
	say();
	restart();
	later(24 * 3600_000);
	expect(status()).toEqual({ state: "busy", since: 1500, evidence });
	expect(told()).toEqual(["starting → busy"]);
});

test("an end is the end: late words of its sources change nothing, and a restart begins anew", () => {
	hook("UserPromptSubmit");
	clock = 5000;
	const ended = move("exited", { exitCode: 7, exitReason: "exited", endedAt: 4000 });
	states.ended(ended);
	states.ended(ended);
	expect(status()).toEqual({
		state: "exited",
		since: 4000,
		evidence: { kind: "process", rule: "exited", text: "exited, exit status 7", at: 4000 },
	});
	hook("Stop", {}, ended);
	expect(status().state).toBe("exited");
	states.started(move("starting", { generation: 2 }));
	expect(status()).toMatchObject({ state: "starting", evidence: { kind: "process", rule: "started" } });
	hook("Stop");
	states.ended(ended);
	expect(status().state).toBe("starting");
	expect(told()).toEqual(["starting → busy", "busy → exited", "exited → starting"]);
});

test("an end that no daemon saw is told later", () => {
	states.stop();
	const ended = move("exited", { exitSignal: "KILL", exitReason: "killed", endedAt: 4000 });
	states = begin();
	states.ended(ended);
	expect(status()).toMatchObject({ state: "exited", evidence: { text: "killed, KILL" } });
	expect(states.words({ ...live(), state: "exited", exitReason: "killed" })).toMatchObject([
		{ counted: true },
	]);
});
