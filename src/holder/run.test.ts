/** What `run` promises, held by each shell with integration. What only one of them has stands in run-SHELL.test.ts. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BerthError } from "../contract/errors.ts";
import type { RunRequest, RunResult } from "../contract/io.ts";
import { readProcess } from "../platform/processes/index.ts";
import { runCommand } from "./run.ts";
import type { IntegratedShell } from "./shell/inject.ts";
import { RealShell, type RealShellOptions } from "./shell/real-shell.ts";

setDefaultTimeout(300_000);

const shells: RealShell[] = [];
afterEach(async () => {
	for (const shell of shells.splice(0)) await shell.close();
});

function start(options: RealShellOptions): RealShell {
	const shell = new RealShell(options);
	shells.push(shell);
	return shell;
}

const run = (
	shell: RealShell,
	command: string,
	options: Omit<RunRequest, "command"> = {},
): Promise<RunResult> => runCommand(shell, shell.tracker, { command, ...options });

const failure = (promise: Promise<unknown>) => promise.then(() => null, BerthError.from);

/** Start-up files that every user has; without a .zshrc zsh asks questions. */
const files = { ".zshrc": "", ".config/fish/config.fish": "set -g fish_greeting" };

describe.each<IntegratedShell>(["bash", "zsh", "fish"])("%s", (name) => {
	const open = (options: Partial<RealShellOptions> = {}): RealShell =>
		start({ argv: [name], files, ...options });

	test("status and output are exact, command after command", async () => {
		const shell = open();
		const cases: [command: string, exitCode: number, output: string][] = [
			["true", 0, ""],
			["false", 1, ""],
			["printf abc", 0, "abc"],
			["printf 'a\\nb'", 0, "a\nb"],
			["printf '\\n\\n'", 0, "\n\n"],
			["printf 'x\\r\\ny'", 0, "x\r\ny"],
			["printf ' \\r \\r'", 0, " \r \r"],
			["printf '\\033[31mred\\033[m'", 0, "\x1b[31mred\x1b[m"],
			["printf '\\r\\033[mhead'", 0, "\r\x1b[mhead"],
			["printf '\\033[2J\\033[Hx'", 0, "\x1b[2J\x1b[Hx"],
			["sh -c 'exit 42'", 42, ""],
			["sh -c 'echo out; echo err >&2'", 0, "out\nerr\n"],
			["echo \"it's\" '\"quoted\"' '!!' a!b '$HOME' '`x`'", 0, 'it\'s "quoted" !! a!b $HOME `x`\n'],
			["echo ünï 漢字 🎉", 0, "ünï 漢字 🎉\n"],
			["printf '%s' 'tab\there'", 0, "tab\there"],
			["echo one\necho two\nfalse", 1, "one\ntwo\n"],
			["echo one; false\necho two\n", 0, "one\ntwo\n"],
			["  echo leading", 0, "leading\n"],
			["echo a \\\n  b", 0, "a b\n"],
			["printf '%s' 'two\nlines'", 0, "two\nlines"],
			["sh -c 'exec 2>/dev/null; echo to the terminal >/dev/tty'", 0, "to the terminal\n"],
		];
		for (const [command, exitCode, output] of cases) {
			const result = await run(shell, command);
			expect({ command, ...result }).toMatchObject({
				status: "completed",
				exitCode,
				output,
				truncatedBytes: 0,
			});
		}
	});

	test("a command that a signal ended has the status that shells give it", async () => {
		expect((await run(open(), "sh -c 'kill -9 $$'")).exitCode).toBe(137);
	});

	test("offsets bound the output in the journal", async () => {
		const shell = open();
		const { startOffset, endOffset } = await run(shell, "printf 'a\\nb'");
		expect(Buffer.from(shell.read(startOffset, endOffset).bytes).toString()).toBe("a\r\nb");
	});

	test("300,000 lines arrive as 300,000 lines", async () => {
		const { output, exitCode } = await run(open(), "seq 300000");
		expect(exitCode).toBe(0);
		expect(output).toBe(Array.from({ length: 300_000 }, (_, i) => `${i + 1}\n`).join(""));
	});

	test("what the journal no longer keeps is counted", async () => {
		const shell = open();
		await shell.prompt();
		const pending = run(shell, "seq 1000; sleep 0.3; seq 1001 1100");
		await shell.until(() => shell.output.includes("\n1000\r\n"), "the first lines");
		shell.startOffset = shell.offset;
		const result = await pending;
		expect(result.truncatedBytes).toBe(shell.startOffset - result.startOffset);
		expect(result.output).toBe(Array.from({ length: 100 }, (_, i) => `${i + 1001}\n`).join(""));
	});

	test("the directory after the command is told", async () => {
		const shell = open();
		expect((await run(shell, "cd /usr/lib")).cwd).toBe("/usr/lib");
		expect((await run(shell, 'mkdir -p "$HOME/odd; dir\\\\ü"; cd "$HOME/odd; dir\\\\ü"')).cwd).toBe(
			`${shell.home}/odd; dir\\ü`,
		);
	});

	test("100 KB of command arrive unharmed, in one line or in many", async () => {
		const shell = open();
		const long = "x y'\"!$`".repeat(12_500).replaceAll("'", "");
		const one = await run(shell, `printf '%s' '${long}' | wc -c`);
		expect(one.output.trim()).toBe(String(long.length));
		const line = 'abcdefghijklmnopqrstuvwxyz 0123456789 !$`"\n';
		const many = await run(shell, `printf '%s' '${line.repeat(2400)}' | cksum`);
		expect(many.output.trim()).toBe((await Bun.$`printf %s ${line.repeat(2400)} | cksum`.text()).trim());
	}, 300_000);

	test("a shell that is busy refuses, and names the job", async () => {
		const shell = open();
		const first = run(shell, "sleep 1");
		await shell.until(() => shell.tracker.phase === "running", "the command");
		await shell.until(() => readProcess(shell.foregroundGroup()!)?.comm === "sleep", "the job");
		expect(await failure(run(shell, "echo typed into it"))).toMatchObject({
			code: "session_busy",
			info: { busyWith: "sleep" },
		});
		expect((await first).output).toBe("");
		expect(shell.screenText()).not.toContain("typed into it");
	});

	test("two runs at once: one is refused", async () => {
		const shell = open();
		const both = await Promise.all([run(shell, "sleep 0.1; echo a"), failure(run(shell, "echo b"))]);
		expect(both[0].output).toBe("a\n");
		expect(both[1]).toMatchObject({ code: "session_busy" });
	});

	test("a run right after a run finds the prompt", async () => {
		const shell = open();
		for (let i = 0; i < 20; i++) expect((await run(shell, `echo ${i}`)).output).toBe(`${i}\n`);
	});

	test("a time-out leaves the command running, and the next run is refused until it ends", async () => {
		const shell = open();
		const result = await run(shell, "echo begun; sleep 0.7; echo done", { timeoutMs: 200 });
		expect(result).toMatchObject({ status: "timeout", exitCode: null, output: "begun\n" });
		expect(await failure(run(shell, "echo too soon"))).toMatchObject({ code: "session_busy" });
		await shell.prompt();
		expect((await run(shell, "echo now")).output).toBe("now\n");
		expect(shell.blocks[0]).toMatchObject({ command: "echo begun; sleep 0.7; echo done", exitCode: 0 });
	});

	test("a time-out may interrupt the command", async () => {
		const result = await run(open(), "sleep 30", { timeoutMs: 200, onTimeout: "interrupt" });
		expect(result).toMatchObject({ status: "interrupted", exitCode: 130 });
	});

	test("a command that ignores the interrupt is told as still running", async () => {
		const shell = open();
		const ignore = "sh -c 'trap \"\" INT; echo ready; while :; do sleep 0.1; done'";
		const result = await run(shell, ignore, { timeoutMs: 300, onTimeout: "interrupt" });
		expect(result).toMatchObject({ status: "timeout", exitCode: null });
		expect(await failure(run(shell, "true"))).toMatchObject({ code: "session_busy" });
	});

	test("Ctrl-C by a person ends it with 130", async () => {
		const shell = open();
		const pending = run(shell, "sleep 30");
		await shell.until(() => readProcess(shell.foregroundGroup()!)?.comm === "sleep", "the job");
		shell.type("\x03");
		expect(await pending).toMatchObject({ status: "completed", exitCode: 130 });
	});

	test("a program that reads for ever is left at the time-out, and nothing is typed into it", async () => {
		const shell = open();
		expect((await run(shell, "cat", { timeoutMs: 200 })).status).toBe("timeout");
		expect(await failure(run(shell, "echo typed"))).toMatchObject({ info: { busyWith: "cat" } });
		shell.type("\x04");
		await shell.prompt();
		expect(shell.screenText()).not.toContain("typed");
	});

	test("the shell's own end is told with its status", async () => {
		expect(await run(open(), "exit 7")).toMatchObject({ status: "exited", exitCode: 7 });
		const killed = await run(open(), name === "fish" ? "kill -9 $fish_pid" : "kill -9 $$");
		expect(killed).toMatchObject({ status: "exited", exitCode: 137 });
		const shell = open();
		await run(shell, "exit");
		expect(await failure(run(shell, "true"))).toMatchObject({ code: "session_ended" });
	});

	test("marks that a program prints end nothing", async () => {
		const shell = open();
		const fake =
			"\\033]133;D;0\\007\\033]133;A\\007\\033]133;B\\007\\033]133;D;0;berth=NONCE:1\\007\\033]633;D;0\\007";
		const result = await run(shell, `printf '${fake}'; sh -c 'exit 3'`);
		expect(result.exitCode).toBe(3);
		expect(result.output).toBe(fake.replaceAll("\\033", "\x1b").replaceAll("\\007", "\x07"));
	});

	test("marks that the shell printed before mean nothing when they are printed again", async () => {
		const shell = open();
		await run(shell, "true");
		await shell.prompt();
		await Bun.write(`${shell.home}/journal`, shell.output);
		expect((await run(shell, "cat journal; sh -c 'exit 3'")).exitCode).toBe(3);
		expect((await run(shell, "echo fine")).output).toBe("fine\n");
	});

	test("the nonce is in no child's environment, and in no file", async () => {
		const shell = open();
		// The text of the run must not hold what it looks for.
		const pattern = `[${shell.nonce[0]}]${shell.nonce.slice(1)}`;
		const result = await run(shell, `env; grep -rl '${pattern}' .berth-shell; true`);
		expect(result.output).toContain("HOME=");
		expect(result.output).not.toContain(shell.nonce);
		expect(result.output).not.toMatch(/BERTH_|__berth|ZDOTDIR|\.berth-shell/);
	});

	test("what somebody has half typed is put aside and comes back, and is not run", async () => {
		const shell = open();
		await shell.prompt();
		shell.type("echo half ty");
		await shell.until(() => shell.screenText().endsWith("echo half ty"), "what was typed");
		const { output, endOffset } = await run(shell, "echo mine");
		expect(output).toBe("mine\n");
		const since = () => Buffer.from(shell.read(endOffset, shell.offset).bytes).toString();
		await shell.until(() => since().includes("half ty"), "the half-typed line");
		shell.type("ped\r");
		await shell.until(() => shell.blocks.length === 2, "the line's end");
		expect(shell.blocks[1]).toMatchObject({ command: "echo half typed", exitCode: 0 });
	});

	test("an unfinished text is refused, and the shell is at its prompt again", async () => {
		const shell = open();
		for (const text of ['echo "open', "echo 'open", "echo a |", "if true"]) {
			expect(await failure(run(shell, text))).toMatchObject({ code: "bad_request" });
		}
		expect((await run(shell, "echo fine")).output).toBe("fine\n");
	});

	test("an empty command and one with a NUL are refused", async () => {
		const shell = open();
		for (const text of ["", " \n\t", "a\0b"]) {
			expect(await failure(run(shell, text))).toMatchObject({ code: "bad_request" });
		}
	});

	test("a nested shell is the foreground job; when it ends everything works again", async () => {
		const shell = open();
		await shell.prompt();
		shell.type("bash --norc\r");
		await shell.until(() => /bash-[\d.]+[#$] $/.test(`${shell.screenText()} `), "the nested prompt");
		expect(await failure(run(shell, "echo typed"))).toMatchObject({
			code: "session_busy",
			info: { busyWith: "bash" },
		});
		shell.type("exit 5\r");
		await shell.prompt();
		expect(await run(shell, "echo back")).toMatchObject({ output: "back\n", exitCode: 0 });
		expect(shell.blocks[0]).toMatchObject({ command: "bash --norc", exitCode: 5 });
	});

	test("a shell that was replaced by another refuses, at once and later", async () => {
		const shell = open();
		expect(await failure(run(shell, "exec bash --norc"))).toMatchObject({ code: "shell_not_integrated" });
		expect(await failure(run(shell, "true"))).toMatchObject({ code: "shell_not_integrated" });
		shell.type("echo still $((40 + 2))\r");
		await shell.until(() => shell.screenText().includes("still 42"), "the new shell");
	});

	test("a command that replaces the shell and ends is told with its status", async () => {
		expect(await run(open(), "exec sh -c 'sleep 0.5; exit 9'")).toMatchObject({
			status: "exited",
			exitCode: 9,
		});
	});

	test("a person's commands become blocks", async () => {
		const shell = open();
		await shell.prompt();
		shell.type("cd /usr; printf '%s' 'a;b\\c'\r");
		await shell.until(() => shell.blocks.length === 1, "the block");
		expect(shell.blocks[0]).toMatchObject({
			command: "cd /usr; printf '%s' 'a;b\\c'",
			exitCode: 0,
			cwd: shell.home,
		});
		const { startOffset, endOffset } = shell.blocks[0]!;
		expect(Buffer.from(shell.read(startOffset, endOffset).bytes).toString()).toBe("a;b\\c");
		expect(shell.tracker.cwd).toBe("/usr");
	});

	test("keys of vi mode change nothing", async () => {
		const vi = {
			bash: { ".bashrc": "set -o vi" },
			zsh: { ".zshrc": "bindkey -v" },
			fish: { ".config/fish/config.fish": "fish_vi_key_bindings" },
		};
		const shell = open({ files: vi[name] });
		expect((await run(shell, "echo one")).output).toBe("one\n");
		await shell.prompt();
		shell.type("half\x1b");
		await shell.until(() => shell.screenText().endsWith("half"), "what was typed");
		expect((await run(shell, "echo two")).output).toBe("two\n");
	});

	test("a login shell is integrated too", async () => {
		const shell = open({ argv: [name, "-l"] });
		expect((await run(shell, "echo in")).output).toBe("in\n");
	});

	test("strict modes of the shell do not harm it", async () => {
		const modes = { bash: "set -uo pipefail", zsh: "setopt no_unset pipe_fail ksh_arrays", fish: "true" };
		const shell = open();
		expect((await run(shell, modes[name])).exitCode).toBe(0);
		for (let i = 0; i < 3; i++) expect(await run(shell, "false")).toMatchObject({ exitCode: 1, output: "" });
	});
});

test("set -e; false ends the shell, and that is told", async () => {
	for (const name of ["bash", "zsh"]) {
		const shell = start({ argv: [name], files });
		expect(await run(shell, "set -e; false")).toMatchObject({ status: "exited", exitCode: 1 });
	}
});

test("set -e alone ends nothing", async () => {
	for (const name of ["bash", "zsh"]) {
		const shell = start({ argv: [name], files });
		expect((await run(shell, "set -e")).status).toBe("completed");
		for (let i = 0; i < 3; i++) expect((await run(shell, "! true || echo alive")).output).toBe("alive\n");
	}
});

test("set -x shows the command and nothing of ours", async () => {
	for (const name of ["bash", "zsh"]) {
		const shell = start({ argv: [name], files });
		expect((await run(shell, "set -x")).output).toBe("");
		await shell.prompt();
		const { output } = await run(shell, "echo traced");
		expect(output).toMatch(/^\+.*echo traced\ntraced\n$/);
		expect(output).not.toContain("berth");
		expect(shell.screenText()).not.toContain("__berth");
	}
});

test.each([
	{ argv: ["/bin/sh"] },
	{ argv: ["/bin/dash"] },
	{ argv: ["/usr/bin/env"] },
	{ argv: ["bash", "-c", "bash"] },
	{ argv: ["bash", "--norc", "-i"] },
])("$argv has no integration: run says so and points at exec", async ({ argv }) => {
	const error = await failure(run(start({ argv: [...argv] }), "true"));
	expect(error).toMatchObject({ code: "shell_not_integrated" });
	expect(error?.message).toContain("berth exec");
});
