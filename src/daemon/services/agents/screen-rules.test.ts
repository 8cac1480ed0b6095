import { expect, test } from "bun:test";
import type { ScreenRule } from "../../../contract/agent-definition.ts";
import type { BerthError } from "../../../contract/errors.ts";
import { type Picture, ScreenRules } from "./screen-rules.ts";

const picture = (text: string, title = ""): Picture => ({ lines: text.split("\n"), title });

function find(rules: ScreenRule[], on: Picture): string | null {
	const held = new ScreenRules(rules).find(on);
	return held && `${held.rule.id}: ${held.text}`;
}

const asks: ScreenRule = {
	id: "asks",
	state: "needs-permission",
	all: ["^Do you want"],
	any: ["1\\. Yes", "\\(y/n\\)"],
};

test("a rule holds when all of its patterns, one of any and none of the others are found", () => {
	expect(find([asks], picture("Do you want to proceed?\n❯ 1. Yes"))).toBe("asks: Do you want");
	expect(find([asks], picture("Do you want to proceed?"))).toBeNull();
	expect(find([asks], picture("  Do you want to proceed? (y/n)"))).toBeNull();
	const idle: ScreenRule = { id: "idle", state: "idle", any: ["^> *$"], none: ["esc to interrupt"] };
	expect(find([idle], picture("hello\n> "))).toBe("idle: >");
	expect(find([idle], picture("esc to interrupt\n> "))).toBeNull();
});

test("the first rule that holds wins, and explaining stops there", () => {
	const busy: ScreenRule = { id: "busy", state: "busy", any: ["Working"] };
	const late: ScreenRule = { id: "late", state: "idle", any: ["."] };
	const rules = new ScreenRules([asks, busy, late]);
	const on = picture("Working\nidle");
	expect(rules.find(on)?.rule).toBe(busy);
	expect(rules.explain(on)).toEqual([
		{ id: "asks", state: "needs-permission", matched: false, text: null },
		{ id: "busy", state: "busy", matched: true, text: "Working" },
	]);
});

test("a rule looks at the screen, at its last lines that are not blank, or at the title", () => {
	const on = picture("Working\n\nidle\n> \n\n", "✳ Claude");
	const rule = (more: Partial<ScreenRule>): ScreenRule[] => [
		{ id: "r", state: "busy", any: ["Working"], ...more },
	];
	expect(find(rule({}), on)).toBe("r: Working");
	expect(find(rule({ where: "bottom", lines: 3 }), on)).toBe("r: Working");
	expect(find(rule({ where: "bottom", lines: 2 }), on)).toBeNull();
	expect(find(rule({ where: "title" }), on)).toBeNull();
	expect(find(rule({ where: "title", any: ["^✳"] }), on)).toBe("r: ✳");
});

test("no pattern keeps the daemon busy, whatever stands on the screen", () => {
	const letters = "a".repeat(60_000);
	for (const pattern of ["(a+)+$", "(.*)(.*)(.*)(.*)x", "(a|aa)+b", "^(\\w+\\s?)*:$"]) {
		const before = performance.now();
		expect(find([{ id: "slow", state: "busy", any: [pattern] }], picture(`${letters}!`))).toBeNull();
		// JavaScript's own takes minutes; the limit is generous for a machine that is busy.
		expect(performance.now() - before).toBeLessThan(10_000);
	}
});

test("a pattern that cannot be bounded, or says nothing, is refused with the rule's name", () => {
	const refused = (rule: Partial<ScreenRule>): string => {
		try {
			new ScreenRules([{ id: "bad", state: "busy", ...rule }]);
			return "taken";
		} catch (error) {
			const { code, message } = error as BerthError;
			return `${code}: ${message}`;
		}
	};
	expect(refused({ any: ["(a)\\1"] })).toStartWith("invalid_agent: screen rule bad:");
	expect(refused({ all: ["(?=x)y"] })).toStartWith("invalid_agent: screen rule bad:");
	expect(refused({ none: ["("], any: ["x"] })).toStartWith("invalid_agent: screen rule bad:");
	expect(refused({ none: ["x"] })).toStartWith("invalid_agent: screen rule bad: needs a pattern");
	expect(refused({ any: ["(x{1,1000}){1,1000}"] })).toStartWith("invalid_agent");
});
