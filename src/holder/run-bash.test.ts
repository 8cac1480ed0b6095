import { afterEach, describe, expect, test } from "bun:test";
import type { RunRequest, RunResult } from "../contract/io.ts";
import { runCommand } from "./run.ts";
import { RealShell, type RealShellOptions } from "./shell/real-shell.ts";

const shells: RealShell[] = [];
afterEach(async () => {
	for (const shell of shells.splice(0)) await shell.close();
});

function bash(options: Partial<RealShellOptions> = {}): RealShell {
	const shell = new RealShell({ argv: ["/bin/bash"], ...options });
	shells.push(shell);
	return shell;
}

function run(
	shell: RealShell,
	command: string,
	options: Omit<RunRequest, "command"> = {},
): Promise<RunResult> {
	return runCommand(shell, shell.tracker, { command, ...options });
}

describe("exact output and status", () => {
	test.each([
		["true", 0, ""],
		["false", 1, ""],
		["printf abc", 0, "abc"],
		["printf 'a\\nb'", 0, "a\nb"],
		["echo hi", 0, "hi\n"],
		["(exit 42)", 42, ""],
		["echo \"a!b\" '!!' !x ^a^b^", 0, "a!b !! !x ^a^b^\n"],
		["echo 'tab\there'", 0, "tab\there\n"],
		["echo one\necho two\nfalse", 1, "one\ntwo\n"],
		["cat <<'EOF'\n$HOME \"q\" !x\nEOF", 0, '$HOME "q" !x\n'],
		["for i in 1 2 3; do\n  echo $i\ndone", 0, "1\n2\n3\n"],
		["  echo leading", 0, "leading\n"],
		["# a comment", 0, ""],
		["echo a; echo b >&2", 0, "a\nb\n"],
		["printf 'x\\r\\ny'", 0, "x\r\ny"],
		["echo ünïcödé 漢字 🎉", 0, "ünïcödé 漢字 🎉\n"],
		["echo a \\\n  b", 0, "a b\n"],
	])("%j ends with %d and prints %j", async (command, exitCode, output) => {
		const result = await run(bash(), command);
		expect(result).toMatchObject({ status: "completed", exitCode, output, truncatedBytes: 0 });
	});
});
