/** `run` in the shells of people who have made them their own. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BerthError } from "../contract/errors.ts";
import type { RunResult } from "../contract/io.ts";
import { runCommand } from "./run.ts";
import { RealShell } from "./shell/real-shell.ts";

setDefaultTimeout(300_000);

const shells: RealShell[] = [];
afterEach(async () => {
	for (const shell of shells.splice(0)) await shell.close();
});

function start(argv: string[], files: Record<string, string>): RealShell {
	const shell = new RealShell({ argv, files });
	shells.push(shell);
	return shell;
}

const run = (shell: RealShell, command: string): Promise<RunResult> =>
	runCommand(shell, shell.tracker, { command });

/** Output and status are exact, whatever stands around the command. */
async function holds(shell: RealShell): Promise<void> {
	for (const [command, exitCode, output] of [
		["printf abc", 0, "abc"],
		["true", 0, ""],
		["sh -c 'echo x; exit 9'", 9, "x\n"],
		["echo a\necho b", 0, "a\nb\n"],
		["true", 0, ""],
	] as const) {
		expect(await run(shell, command)).toMatchObject({ status: "completed", exitCode, output });
	}
	expect(shell.blocks.map(({ exitCode }) => exitCode)).toEqual([0, 0, 9, 0, 0]);
}

const bashHomes: Record<string, string> = {
	"a PROMPT_COMMAND that prints": "PROMPT_COMMAND='echo noise; false; printf \"\\e]0;title\\a\"'",
	"a PROMPT_COMMAND array that prints": "PROMPT_COMMAND=('echo one' 'echo two; false')",
	"an exported PROMPT_COMMAND": "export PROMPT_COMMAND='echo noise; false'",
	"a theme that sets PS1 and PS0 each time":
		'theme() { echo noise; PS1="[$?] \\$ "; PS0=; }; PROMPT_COMMAND=theme',
	"a theme that sets PS1 under a DEBUG trap":
		"theme() { PS1=\"$ \"; }; trap 'last=$BASH_COMMAND' DEBUG; PROMPT_COMMAND='echo noise; theme'",
	"hooks in the manner of bash-preexec": `
		__bp_precmd_invoke_cmd() { local s=$? f; for f in "\${precmd_functions[@]}"; do (exit $s); "$f"; done; }
		noise() { echo noise; }
		__bp_install() { trap : DEBUG; PROMPT_COMMAND=__bp_precmd_invoke_cmd; }
		precmd_functions=(noise); PROMPT_COMMAND=__bp_install`,
	"a slow prompt": "PS1='$(sleep 0.2; echo slow)$ '",
	"an exported prompt": "export PS1='$ ' PS2='> '",
	"a prompt of many lines": "PS1='one\\ntwo\\n\\[\\e[31m\\]three\\[\\e[m\\] $ '",
	"vi mode with the mode shown": "set -o vi; bind 'set show-mode-in-prompt on'",
	"bracketed paste off": "bind 'set enable-bracketed-paste off'",
	"keys bound to other things":
		"bind '\"\\C-m\": self-insert'; bind '\"\\C-j\": self-insert'; bind '\"\\C-^\": kill-line'",
	"strict modes": "set -uo pipefail; shopt -s failglob extdebug; set -C",
	"output led elsewhere": "exec 2>>err.log",
	"ble-like TERM": "TERM=dumb",
	"no history": "set +o history; HISTFILE=",
};

describe("bash", () => {
	test.each(Object.keys(bashHomes))("%s", async (name) => {
		await holds(start(["bash"], { ".bashrc": bashHomes[name]! }));
	});

	test("what PS0 of the user's prints is no output", async () => {
		const shell = start(["bash"], { ".bashrc": "PS0='<run>\\n'" });
		expect(await run(shell, "printf abc; false")).toMatchObject({ output: "abc", exitCode: 1 });
		expect(shell.output).toContain("<run>");
	});

	test("a PROMPT_COMMAND that is replaced while we look costs one status at most", async () => {
		const shell = start(["bash"], { ".bashrc": "PROMPT_COMMAND='echo noise'" });
		for (const change of [
			"PROMPT_COMMAND=(true)",
			"unset PROMPT_COMMAND",
			"PROMPT_COMMAND='echo other'",
			". ~/.bashrc",
		]) {
			expect((await run(shell, change)).status).toBe("completed");
			expect(await run(shell, "printf abc; false")).toMatchObject({ exitCode: 1, output: "abc" });
		}
	});

	test("a run stands in the history once, as it was given, like a line that somebody typed", async () => {
		const shell = start(["bash"], { ".bashrc": "HISTCONTROL=ignorespace" });
		await run(shell, "echo 'it is !here' \"$HOME\"");
		await run(shell, " echo hidden");
		await run(shell, "for i in 1\ndo echo $i\ndone");
		const { output } = await run(shell, "history");
		expect(output.replace(/^ +\d+ +/gm, "")).toBe(
			"echo 'it is !here' \"$HOME\"\nfor i in 1; do echo $i; done\nhistory\n",
		);
	});

	test("a run takes the line also from a search through the history", async () => {
		const shell = start(["bash"], {});
		await run(shell, "echo findme");
		await shell.prompt();
		shell.type("\x12find");
		await shell.until(() => shell.screenText().includes("i-search)`find"), "the search");
		expect(await run(shell, "echo taken")).toMatchObject({ output: "taken\n", exitCode: 0 });
	});

	test("a run at a numeric argument, a quoted insert or a half escape runs what it was given or nothing", async () => {
		for (const keys of ["\x1b3", "\x16", "\x1b", "\x18"]) {
			const shell = start(["bash"], {});
			await shell.prompt();
			shell.type(keys);
			const result = await run(shell, "echo taken").then(({ output }) => output, BerthError.from);
			if (result instanceof BerthError) expect(result.code).toBe("session_busy");
			else expect(result).toBe("taken\n");
		}
	});

	test("sudo -s is a job in the foreground like any other", async () => {
		const shell = start(["bash"], {});
		await shell.prompt();
		// With this test's own home: what root's start-up files do, and how long, is not ours.
		shell.type('sudo -n HOME="$HOME" -s\r');
		await shell.until(
			() => shell.tracker.phase === "running" && shell.foregroundGroup() !== shell.pid,
			"the job",
		);
		expect(await run(shell, "true").then(() => null, BerthError.from)).toMatchObject({
			code: "session_busy",
		});
		shell.type("exit\r");
		await shell.prompt();
		expect((await run(shell, "echo back")).output).toBe("back\n");
	});
});

const zshHomes: Record<string, string> = {
	"a precmd that prints": "precmd() { print noise; false }",
	"hooks that print": "h() { print noise }; precmd_functions+=(h); preexec_functions+=(h)",
	"a theme that sets PS1 each time":
		"theme() { PS1='[%?] %# ' }; autoload -Uz add-zsh-hook; add-zsh-hook precmd theme",
	"hooks set anew in .zshrc": "h() { print noise }; precmd_functions=(h)",
	"prompts on both sides, of two lines": "PS1=$'one\\n%# '; RPS1='[%T]'",
	"no prompt_sp": "unsetopt prompt_sp",
	"no prompt_cr": "unsetopt prompt_cr",
	"a mark of one's own": "PROMPT_EOL_MARK='%F{red}<no end>%f'",
	"vi keys": "bindkey -v",
	"strange options":
		"setopt ksh_arrays sh_word_split no_unset null_glob all_export no_clobber interactive_comments",
	"an exported prompt": "export PS1='> ' PS2='more> '",
	"a slow prompt": "setopt prompt_subst; PS1='$(sleep 0.2)> '",
	"keys bound to other things": "bindkey '^M' self-insert; bindkey '^J' self-insert",
	"output led elsewhere": "exec 2>>err.log",
};

describe("zsh", () => {
	test.each(Object.keys(zshHomes))("%s", async (name) => {
		await holds(start(["zsh"], { ".zshrc": zshHomes[name]! }));
	});

	test("a run stands in the history once, as it was given", async () => {
		const shell = start(["zsh"], { ".zshrc": "" });
		await run(shell, "echo 'it is !here' \"$HOME\"");
		const { output } = await run(shell, "fc -l -n -2");
		expect(output).toBe("echo 'it is !here' \"$HOME\"\n");
	});

	test("a run takes the line also from a search through the history", async () => {
		const shell = start(["zsh"], { ".zshrc": "bindkey -e" });
		await run(shell, "echo findme");
		await shell.prompt();
		shell.type("\x12find");
		await shell.until(() => shell.screenText().includes("bck-i-search: find"), "the search");
		expect(await run(shell, "echo taken")).toMatchObject({ output: "taken\n", exitCode: 0 });
	});
});

const fishHomes: Record<string, string> = {
	"a handler that prints before": "function g --on-event fish_preexec; echo noise; end",
	"vi keys": "fish_vi_key_bindings",
	"a prompt that is set later": "function fish_prompt; echo -n '> '; end",
	"no title": "function fish_title; end",
};

describe("fish", () => {
	test.each(Object.keys(fishHomes))("%s", async (name) => {
		await holds(start(["fish"], { ".config/fish/config.fish": fishHomes[name]! }));
	});

	test("a text that fish cannot parse is refused, and nothing of it stays", async () => {
		const shell = start(["fish"], {});
		expect(await run(shell, "echo )").then(() => null, BerthError.from)).toMatchObject({
			code: "bad_request",
		});
		expect((await run(shell, "echo fine")).output).toBe("fine\n");
	});
});

describe("a text that the shell cannot parse has the shell's message as output", () => {
	test.each([
		["bash", 2, "syntax error near unexpected token `)'"],
		["zsh", 1, "parse error near `)'"],
	] as const)("%s", async (name, exitCode, message) => {
		const shell = start([name], { ".zshrc": "" });
		const result = await run(shell, "echo )");
		expect(result).toMatchObject({ status: "completed", exitCode });
		expect(result.output).toMatch(new RegExp(`^${name}: .*${message.replace(/[)]/g, "\\)")}\n$`));
		expect((await run(shell, "echo fine")).output).toBe("fine\n");
	});
});
