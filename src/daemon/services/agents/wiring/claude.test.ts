import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSettings } from "../../../../platform/config.ts";
import { pathsFrom } from "../../../../platform/paths.ts";
import { hookSettings, writeHookFile } from "./wiring.ts";

let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "b h'k-"));
});
afterEach(() => rmSync(home, { recursive: true }));

interface ClaudeSettings {
	hooks: Record<string, { hooks: { type: string; command: string; timeout: number }[] }[]>;
}

function write(argv: string[]): ClaudeSettings & { file: string } {
	const settings = { ...defaultSettings, permissionTimeoutSeconds: 20 };
	const paths = pathsFrom({ BERTH_HOME: home, HOME: home });
	const around = { paths, settings, selfArgv: () => argv, env: {} };
	writeHookFile(around, "claude", "w_0000000000");
	const file = hookSettings(around, "claude", "w_0000000000");
	return { ...(JSON.parse(readFileSync(file, "utf8")) as ClaudeSettings), file };
}

const commandOf = ({ hooks }: ClaudeSettings, event: string) => hooks[event]![0]!.hooks[0]!;

test("the file is the owner's alone", () => {
	expect(statSync(write(["/bin/true"]).file).mode & 0o777).toBe(0o600);
});

test("a shell reads the program and its arguments as they are, whatever characters are in their paths", async () => {
	const script = join(home, "$(touch x) \"'\\berth");
	writeFileSync(script, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
	for (const event of ["Stop", "PermissionRequest"]) {
		const { command } = commandOf(write([script]), event);
		for (const shell of ["sh", "bash"]) {
			const said = await new Response(Bun.spawn([shell, "-c", command]).stdout).text();
			const { daemonSocket } = pathsFrom({ BERTH_HOME: home, HOME: home });
			expect(said).toBe(`hook\nclaude\n--socket\n${daemonSocket}\n--timeout\n20s\n`);
		}
	}
});

test("a program that is gone, or fails, refuses the tool and keeps nothing else up", async () => {
	for (const program of [join(home, "gone"), "/bin/false"]) {
		const settings = write([program]);
		const statusOf = async (event: string) =>
			Bun.spawn(["sh", "-c", commandOf(settings, event).command], { stderr: "ignore" }).exited;
		expect([await statusOf("PreToolUse"), await statusOf("PermissionRequest")]).toEqual([2, 2]);
		expect(await statusOf("Stop")).not.toBe(2);
	}
});

test("Claude Code waits longer than Berth does, so that the denial is Berth's", () => {
	const settings = write(["/bin/true"]);
	for (const event of ["PreToolUse", "PermissionRequest"])
		expect(commandOf(settings, event).timeout).toBeGreaterThan(20);
});
