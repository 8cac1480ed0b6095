import { expect, test } from "bun:test";
import { parse } from "smol-toml";
import { codex } from "./codex.ts";

interface Config {
	hooks: Record<string, { hooks: { command: string; timeout: number }[] }[]> & {
		state: Record<string, { trusted_hash: string }>;
	};
}

const settings = (line: string): Config =>
	parse(codex.settings({ line, file: "", argv: [], seconds: 300, env: {} })) as unknown as Config;

test("each hook is trusted by the hash that Codex itself makes of it", () => {
	// As hooks/list of codex app-server 0.169.0 tells it for this command.
	const { hooks } = settings("echo hi");
	const of = (event: string) => hooks.state[`/<session-flags>/config.toml:${event}:0:0`]?.trusted_hash;
	expect(hooks.UserPromptSubmit![0]!.hooks[0]).toEqual({
		type: "command",
		command: "echo hi",
		timeout: 30,
	} as never);
	expect(of("stop")).toBe("sha256:90fbfd513a94547d730a1340e0f075543d8dee965aef652211b6882e121d64f7");
	expect(of("permission_request")).toBe(
		"sha256:ebd0c1e55d4f09f53690d61476d9548205244f1d42af3ce86d27abe34e9d1532",
	);
	expect(Object.keys(hooks.state)).toHaveLength(Object.keys(hooks).length - 1);
});

test("whatever characters are in the program's path, Codex reads them as they are", () => {
	const line = "'/a b/\\\"ü\u007f$x' hook codex";
	const { hooks } = settings(line);
	expect(hooks.Stop![0]!.hooks[0]!.command).toBe(line);
	expect(hooks.PermissionRequest![0]!.hooks[0]!.command).toBe(`${line} || exit 2`);
});
