import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import * as io from "../contract/io.ts";
import { checkAttach, checkClientMessage, checkInputText, checks, screenFormatNames } from "./params.ts";

/** Does the check accept it? What it throws must be one of ours. */
function accepts(check: (value: unknown) => unknown, value: unknown): boolean {
	try {
		check(value);
		return true;
	} catch (error) {
		expect((error as Error).name).toBe("BerthError");
		return false;
	}
}

/** Bodies near the schema: its own field names with right, wrong and missing values, and anything else. */
const near = (names: string[]) =>
	fc.oneof(
		fc.jsonValue(),
		fc.dictionary(
			fc.oneof(fc.constantFrom(...names), fc.string()),
			fc.oneof(
				fc.integer({ min: -2, max: 1100 }),
				fc.constantFrom("", "x", "leave", "interrupt", "INT", "KILL", "SIGKILL", "text"),
				fc.boolean(),
				fc.double(),
				fc.constant(null),
				fc.array(fc.constantFrom("C-c", "", "a"), { maxLength: 3 }),
				fc.constant(24 * 3600 * 1000 + 1),
			),
			{ maxKeys: 5 },
		),
	);

describe("the hand-written checks agree with the schemas of the contract", () => {
	test.each([
		["run", io.RunRequest, ["command", "timeoutMs", "onTimeout"]],
		["wait", io.WaitRequest, ["text", "regex", "idleMs", "prompt", "exit", "timeoutMs", "input"]],
		["keys", io.Keys, ["keys"]],
		["resize", io.Resize, ["cols", "rows"]],
		["signal", io.Signal, ["signal"]],
	] as const)("%s", (method, schema, names) => {
		fc.assert(
			fc.property(near([...names]), (value) => {
				expect(accepts((given) => checks[method](given, true), value)).toBe(Value.Check(schema, value));
			}),
			{ numRuns: 2000 },
		);
	});

	test("text input", () => {
		fc.assert(
			fc.property(near(["text"]), (value) => {
				expect(accepts(checkInputText, value)).toBe(Value.Check(io.InputText, value));
			}),
			{ numRuns: 1000 },
		);
	});

	test("screen formats", () => {
		expect([...screenFormatNames]).toEqual([...io.screenFormats]);
	});
});

test("over the link a newer daemon's field is ignored, over HTTP it is refused by name", () => {
	const request = { command: "make", colour: "blue" };
	expect(checks.run(request, false)).toEqual({ command: "make" });
	expect(() => checks.run(request, true)).toThrow(/colour/);
});

test("what would be typed is bounded", () => {
	const huge = "x".repeat(4 * 1024 * 1024 + 1);
	expect(() => checks.run({ command: huge }, true)).toThrow(/at most/);
	expect(() => checks.wait({ text: "x", input: huge }, true)).toThrow(/at most/);
});

test("an attach request is checked whole, and a resume needs both its numbers", () => {
	expect(checkAttach({ type: "attach" })).toEqual({ role: "writer" });
	expect(checkAttach({ role: "viewer", cols: 80, rows: 24, from: 0, generation: 1, later: true })).toEqual({
		role: "viewer",
		cols: 80,
		rows: 24,
		from: 0,
		generation: 1,
	});
	for (const wrong of [
		null,
		7,
		{ role: "admin" },
		{ cols: 80 },
		{ cols: 0, rows: 5 },
		{ from: 5 },
		{ from: -1, generation: 1 },
	]) {
		expect(accepts(checkAttach, wrong)).toBe(false);
	}
});

test("a control message is a resize with a size, or a claim", () => {
	expect(checkClientMessage({ type: "claim", extra: 1 })).toEqual({ type: "claim" });
	expect(checkClientMessage({ type: "resize", cols: 80, rows: 24 })).toEqual({
		type: "resize",
		cols: 80,
		rows: 24,
	});
	for (const wrong of [
		null,
		"claim",
		{},
		{ type: "resize" },
		{ type: "resize", cols: 1e9, rows: 1 },
		{ type: "kill" },
	]) {
		expect(accepts(checkClientMessage, wrong)).toBe(false);
	}
});
