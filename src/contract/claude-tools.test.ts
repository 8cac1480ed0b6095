import { expect, test } from "bun:test";
import { claudeToolCall } from "./claude-tools.ts";

test("what a tool acts upon is its command, its path or its address", () => {
	expect(claudeToolCall("Bash", { command: "npm test", description: "Run the tests" })).toEqual({
		kind: "execute",
		title: "Run `npm test`",
		subject: "npm test",
	});
	expect(claudeToolCall("Write", { file_path: "/a/b", content: "x" })).toEqual({
		kind: "edit",
		title: "Write `/a/b`",
		subject: "/a/b",
	});
	expect(claudeToolCall("WebFetch", { url: "https://example.org/", prompt: "?" }).kind).toBe("fetch");
});

test("a tool that is not known is shown by its name, whatever its input is", () => {
	expect(claudeToolCall("mcp__files__remove", { path: "/a", extra: 1 })).toEqual({
		kind: "other",
		title: "mcp__files__remove `/a`",
		subject: "/a",
	});
	for (const input of [null, undefined, "text", 7, [], { command: 7 }])
		expect(claudeToolCall("constructor", input)).toEqual({
			kind: "other",
			title: "constructor",
			subject: "",
		});
});

test("a title is one short line; the subject stays whole", () => {
	const command = `cat <<E\n${"x".repeat(1000)}\nE`;
	const { title, subject } = claudeToolCall("Bash", { command });
	expect(title).toBe("Run `cat <<E…`");
	expect(subject).toBe(command);
	expect(claudeToolCall("Bash", { command: "y".repeat(500) }).title.length).toBeLessThan(150);
});
