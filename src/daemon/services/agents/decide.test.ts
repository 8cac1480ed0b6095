import { expect, test } from "bun:test";
import type { AgentStatus } from "../../../contract/agent.ts";
import type { AgentState } from "../../../contract/words.ts";
import { CONTRADICTION_MS, decide, type Source, sources, statusOf, type Word } from "./decide.ts";

const NOW = 1_000_000;

function word(source: Source, state: AgentState, over: Partial<Word> & { at?: number } = {}): Word {
	const { at = NOW, ...more } = over;
	const evidence = { kind: "screen", rule: source, text: null, at } as const;
	return { source, state, since: at, evidence, until: null, ...more };
}

const stateOf = (words: Word[], now = NOW) => decide(words, now).word?.state ?? "unknown";

test("the most trusted word counts, however the words come", () => {
	const states: AgentState[] = [
		"exited",
		"busy",
		"needs-permission",
		"idle",
		"busy",
		"needs-input",
		"starting",
	];
	const words = sources.slice(0, -1).map((source, index) => word(source, states[index] ?? "unknown"));
	while (words.length > 0) {
		expect(decide([...words].reverse(), NOW).word).toBe(words[0]!);
		words.shift();
	}
});

test("nobody's word is unknown, and says that nothing was heard", () => {
	const before: AgentStatus = { state: "busy", since: 5, evidence: word("hook", "busy").evidence };
	expect(statusOf(decide([], NOW), before, NOW)).toEqual({
		state: "unknown",
		since: NOW,
		evidence: { kind: "none", rule: "nothing-heard", text: null, at: NOW },
	});
});

test("a stale word does not count, and the decision says when it will be one", () => {
	const words = [word("signal", "busy", { until: NOW + 10 }), word("rules", "idle", { at: NOW - 5 })];
	expect(decide(words, NOW)).toEqual({ word: words[0]!, reviewAt: NOW + 10 });
	expect(decide(words, NOW + 10)).toEqual({ word: words[1]!, reviewAt: null });
});

test("a turn that was stopped with Escape fires no hook: the screen says so, and counts when it goes on saying so", () => {
	const hook = word("hook", "busy", { at: NOW });
	const screen = word("rules", "idle", { at: NOW + 500 });
	const due = NOW + 500 + CONTRADICTION_MS;
	expect(decide([hook, screen], due - 1)).toEqual({ word: hook, reviewAt: due });
	expect(decide([hook, screen], due).word).toBe(screen);
});

test("a hook that comes after what the screen shows is believed, however long the screen shows it", () => {
	const screen = word("rules", "idle", { at: NOW - 60_000 });
	expect(stateOf([screen, word("hook", "busy")], NOW + 60_000)).toBe("busy");
});

test("a protocol, and a request that Berth holds open, are contradicted by nothing", () => {
	const screen = word("rules", "idle", { at: NOW + 1 });
	const later = NOW + 1 + CONTRADICTION_MS;
	expect(stateOf([word("protocol", "busy"), screen], later)).toBe("busy");
	expect(stateOf([word("request", "needs-permission"), screen], later)).toBe("needs-permission");
});

test("that nothing can be seen, or that it has just started, contradicts nobody", () => {
	const later = NOW + 1 + CONTRADICTION_MS;
	expect(stateOf([word("hook", "idle"), word("silence", "unknown", { at: NOW + 1 })], later)).toBe("idle");
	expect(stateOf([word("hook", "idle"), word("start", "starting", { at: NOW + 1 })], later)).toBe("idle");
});

test("a state lasts since it began, and the times of states do not overlap", () => {
	const before: AgentStatus = { state: "idle", since: 900, evidence: word("rules", "idle").evidence };
	const again = decide([word("rules", "idle", { at: 950 })], NOW);
	expect(statusOf(again, before, NOW)).toMatchObject({ state: "idle", since: 900, evidence: { at: 950 } });
	const other = decide([word("rules", "busy", { at: 800 })], NOW);
	expect(statusOf(other, before, NOW)).toMatchObject({ state: "busy", since: 900 });
});
