import { expect, test } from "bun:test";
import { opencode } from "./opencode.ts";

const place = (env: Record<string, string>) => ({
	...{ file: "/a b/plugin.js", line: "", seconds: 300, env },
	argv: ["/x $&/berth", "hook", "opencode"],
});

test("the plugin is added to what the environment's configuration has already", () => {
	const theirs = JSON.stringify({ model: "a/b", plugin: ["mine"] });
	expect(JSON.parse(opencode.settings(place({ OPENCODE_CONFIG_CONTENT: theirs })))).toEqual({
		model: "a/b",
		plugin: ["mine", "file:///a%20b/plugin.js"],
	});
	expect(JSON.parse(opencode.settings(place({})))).toEqual({ plugin: ["file:///a%20b/plugin.js"] });
});

test("the plugin runs this program, whatever characters are in its path", () => {
	expect(opencode.content!(place({}))).toContain('= ["/x $&/berth","hook","opencode"];');
});
