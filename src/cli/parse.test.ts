import { describe, expect, test } from "bun:test";
import { UsageError } from "./command.ts";
import { defineCommand } from "./command-spec.ts";
import { parseCommand } from "./parse.ts";
import { commands } from "./registry/index.ts";

const spec = defineCommand({
	name: "demo",
	group: "berth",
	summary: "",
	usage: ["demo NAME [-- CMD…]"],
	examples: [],
	flags: {
		all: { kind: "boolean", short: "a", summary: "" },
		quiet: { kind: "boolean", short: "q", summary: "" },
		lines: { kind: "integer", short: "n", summary: "" },
		timeout: { kind: "duration", summary: "" },
		tag: { kind: "list", short: "t", summary: "" },
		format: { kind: "string", choices: ["text", "json"], summary: "" },
	},
	operands: { min: 1, max: 2 },
	argv: "optional",
});

const usage = (...words: string[]) => {
	try {
		parseCommand(spec, words);
	} catch (error) {
		if (error instanceof UsageError) return error.message;
		throw error;
	}
	return null;
};

describe("parsing", () => {
	test("takes flags anywhere, joined and apart, long and short, and repeated", () => {
		const { flags, operands } = parseCommand(spec, [
			"-aqn5",
			"one",
			"--timeout=1m30s",
			"-t",
			"x",
			"two",
			"--tag=y",
			"--format",
			"json",
		]);
		expect(operands).toEqual(["one", "two"]);
		expect(flags).toMatchObject({
			all: true,
			quiet: true,
			lines: 5,
			timeout: 90_000,
			tag: ["x", "y"],
			format: "json",
		});
	});

	test("leaves everything after -- as it was given", () => {
		const { argv, flags } = parseCommand(spec, ["one", "--", "ls", "-a", "--", "--all", ""]);
		expect(argv).toEqual(["ls", "-a", "--", "--all", ""]);
		expect(flags.all).toBe(false);
	});

	test("keeps a lone dash as an operand", () => {
		expect(parseCommand(spec, ["one", "-"]).operands).toEqual(["one", "-"]);
	});

	test("says what is wrong and what was most likely meant", () => {
		expect(usage("one", "--formt", "text")).toContain("did you mean --format?");
		expect(usage("one", "--format", "xml")).toContain('text or json, not "xml"');
		expect(usage("one", "--lines", "many")).toContain("whole number");
		expect(usage("one", "--timeout", "soon")).toContain("500ms, 10s");
		expect(usage("one", "--lines")).toContain("needs a value");
		expect(usage("one", "--all=yes")).toContain("takes no value");
		expect(usage("one", "-x")).toContain("after --");
		expect(usage("one", "two", "three")).toContain("one word too many");
		expect(usage()).toContain("berth demo NAME");
		expect(usage("one", "--")).toContain("nothing after --");
	});
});

describe("the registry", () => {
	test.each(commands.map(({ spec: each }) => [each.name, each] as const))("%s explains itself", (_, each) => {
		expect(each.summary).not.toBe("");
		expect(each.usage.every((line) => line.startsWith(each.name))).toBe(true);
		if (!each.hidden) expect(each.examples.length).toBeGreaterThan(0);
		for (const [, typed] of each.examples) expect(typed).toContain(`berth ${each.name}`);
	});

	test("gives no two flags of a command the same letter", () => {
		for (const { spec: each } of commands) {
			const letters = Object.values(each.flags).flatMap(({ short }) => short ?? []);
			expect(new Set(letters).size).toBe(letters.length);
		}
	});
});
