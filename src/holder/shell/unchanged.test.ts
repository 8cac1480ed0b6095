/** What the user sees does not change: the same typing in the same shell, with integration and without, shows the same screen. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { waitFor } from "../wait.ts";
import { RealShell } from "./real-shell.ts";

setDefaultTimeout(300_000);

const shells: RealShell[] = [];
afterEach(async () => {
	for (const shell of shells.splice(0)) await shell.close();
});

/** Milliseconds of silence after a prompt that show that nothing else is on its way. */
const QUIET_MS = 50;

/** The end of every prompt below, primary and secondary, on the left and on the right. */
const PROMPT = /[>#$%R] *$/;

/** Told when the shell learns of it, which is now before and now after the next prompt. */
const JOB_ENDED = /^\[1\]\+ +Terminated .*\n/gm;

interface Scene {
	argv: string[];
	files?: Record<string, string>;
	env?: Record<string, string>;
	keys: string[];
	/** Whether the shell tells its commands here. */
	told?: boolean;
}

/** The screen after the keys, without what differs: the home's path, the process ids of jobs, and when their end is told. */
async function play({ argv, files, env, keys, told = true }: Scene, integrate: boolean): Promise<string> {
	const shell = new RealShell({ argv, files, env, integrate, cols: 200, rows: 50 });
	shells.push(shell);
	await settle(shell, 0);
	for (const input of keys) {
		const { offset } = shell;
		shell.type(input);
		await settle(shell, offset);
	}
	if (integrate) expect(shell.tracker.blocks.length > 0).toBe(told);
	return shell
		.screenText()
		.replaceAll(shell.home, "HOME")
		.replace(/^\[1\] \d+$/gm, "[1] PID")
		.replace(JOB_ENDED, "");
}

async function settle(shell: RealShell, offset: number): Promise<void> {
	// In the cursor's row: after an empty line the prompt before it is still the last text on the screen.
	const answered = () => shell.exit !== null || (shell.offset > offset && PROMPT.test(shell.cursorRow()));
	do {
		await shell.until(answered, "a prompt");
		await waitFor(shell, shell.tracker, { idleMs: QUIET_MS });
	} while (!answered());
}

async function same(scene: Scene): Promise<string> {
	const [plain, integrated] = await Promise.all([play(scene, false), play(scene, true)]);
	expect(integrated).toBe(plain);
	return integrated;
}

/** What a prompt can see of the last command. */
const seen = (label: string) => `echo "${label} $? [$_] \${PIPESTATUS[*]}"`;

const bashKeys = [
	"false\r",
	"true arg | false | true\r",
	`echo "$? $_ \${PIPESTATUS[*]}"\r`,
	"echo last arg\r",
	'echo "$_ $-"\r',
	"\r",
	"echo typ\x03",
	"echo 'two\rlines'\r",
	"history | tail -n 4\r",
	"sleep 60 &\r",
	"jobs; kill %1; wait; echo\r",
	"trap -p; shopt login_shell expand_aliases inherit_errexit\r",
	"(exit 3)\r",
	"shopt -o | sort | cksum; shopt | sort | cksum\r",
];

const bashHomes: Record<string, string> = {
	"no start-up file": "",
	"a PROMPT_COMMAND string": `PROMPT_COMMAND='${seen("pc")}'; PS1='> '`,
	"a PROMPT_COMMAND array": `PROMPT_COMMAND=('${seen("one")}' 'false' '${seen("two")}'); PS1='> '`,
	"a prompt that a theme sets anew each time": `
		render() { local s=$?; PS1="[$s \${#PIPESTATUS[@]}]\\n\\[\\e[32m\\]$ \\[\\e[m\\]"; }
		PROMPT_COMMAND=render`,
	"PS0 and PS2 of the user's": "PS0='<run \\#>\\n'; PS2='more> '; PS1='> '",
	"a timer in a DEBUG trap": `
		begin() { [[ $BASH_COMMAND == *finish* || $BASH_COMMAND == *berth* ]] || began=\${began:-$BASH_COMMAND}; }
		finish() { echo "timed: $began"; unset began; }
		trap begin DEBUG
		PROMPT_COMMAND=finish; PS1='> '`,
	"hooks in the manner of bash-preexec": `
		__bp_precmd_invoke_cmd() { local s=$? f; for f in "\${precmd_functions[@]}"; do (exit $s); "$f"; done; }
		__bp_interactive_mode() { __bp_mode=on; }
		__bp_debug() {
			[[ -t 1 && -n $__bp_mode ]] || return 0
			__bp_mode=
			case $PROMPT_COMMAND in *"$BASH_COMMAND"*) ;; *) echo "preexec: $BASH_COMMAND" ;; esac
		}
		__bp_install() {
			trap __bp_debug DEBUG
			PROMPT_COMMAND=$'__bp_precmd_invoke_cmd\n__bp_interactive_mode'
			__bp_interactive_mode
		}
		mine() { echo "precmd $?"; }
		precmd_functions=(mine); PROMPT_COMMAND=__bp_install; PS1='> '`,
	"vi mode shown in the prompt": "set -o vi; bind 'set show-mode-in-prompt on'; PS1='> '",
	"nounset, pipefail and allexport": "set -u -o pipefail -a; PS1='> '",
	"histories without doubles and spaces": "HISTCONTROL=ignoreboth; HISTTIMEFORMAT='%Y '; PS1='> '",
	"aliases of builtins":
		"alias local='echo alias' printf='echo alias' builtin='echo alias' read='echo alias'; PS1='> '",
	"functions of builtins' names": "printf() { echo mine; }; history() { command history \"$@\"; }; PS1='> '",
	"bracketed paste off": "bind 'set enable-bracketed-paste off'; PS1='> '",
	"failglob and nullglob": "shopt -s failglob nullglob extglob; PS1='> '",
	"an exported prompt": "export PS1='> ' PS2='more> '",
	"an exported PROMPT_COMMAND": "export PROMPT_COMMAND='echo status $?'; PS1='> '",
};

describe("bash", () => {
	test.each(Object.keys(bashHomes))("%s", async (name) => {
		await same({ argv: ["bash"], files: { ".bashrc": bashHomes[name]! }, keys: bashKeys });
	});

	test("without expansion of prompts nothing can be told, and nothing is shown", async () => {
		const files = { ".bashrc": "shopt -u promptvars; PS1='\\W> '" };
		await same({ argv: ["bash"], files, keys: bashKeys, told: false });
	});

	test("a login shell runs the first profile there is, and its logout file", async () => {
		const files = {
			".bash_profile": "echo bash_profile; PS1='> '",
			".profile": "echo profile",
			".bashrc": "echo bashrc",
			".bash_logout": "echo logged out",
		};
		const keys = [...bashKeys, `echo $HISTFILE $0 \${POSIXLY_CORRECT-none} $SHELLOPTS\r`, "logout\r"];
		const screen = await same({ argv: ["bash", "-l"], files, env: { ENV: "/nowhere" }, keys });
		expect(screen).toContain("bash_profile");
		expect(screen).toContain("logged out");
		delete (files as Partial<typeof files>)[".bash_profile"];
		expect(await same({ argv: ["bash", "--login"], files, keys })).toContain("profile");
	});

	test("the environment of commands is the same", async () => {
		const rows = ["env | sort | grep -v ^_=\r"];
		await same({ argv: ["bash"], keys: rows });
		await same({ argv: ["bash", "-l"], keys: rows });
		await same({ argv: ["bash", "-l"], keys: rows, env: { ENV: "/nowhere", HISTFILE: "/tmp/none" } });
		const files = { ".bashrc": "PS1='> '; set -a" };
		await same({ argv: ["bash"], files, keys: ["true\r", ...rows] });
	});

	test("an EXIT trap, and what a nested shell inherits", async () => {
		const files = { ".bashrc": "export PS1='> '; export PROMPT_COMMAND='echo pc $?'" };
		const keys = ["trap 'echo bye' EXIT\r", "bash --norc\r", "false\r", "exit\r", "exit 4\r"];
		expect(await same({ argv: ["bash"], files, keys })).toContain("bye");
	});

	test("PROMPT_COMMAND that is changed later does what it does without us", async () => {
		const change = [
			"PROMPT_COMMAND='echo added; '$PROMPT_COMMAND\r",
			"PROMPT_COMMAND+='; echo more'\r",
			"PROMPT_COMMAND='echo other'\r",
			'PROMPT_COMMAND=("echo 1" "echo 2")\r',
			'PROMPT_COMMAND+=("echo 3")\r',
			". ~/.bashrc\r",
			"unset PROMPT_COMMAND\r",
			"echo end\r",
		];
		for (const rc of [
			"PROMPT_COMMAND='echo first'; PS1='> '",
			"PS1='> '",
			"PROMPT_COMMAND=('echo a' 'echo b'); PS1='> '",
		]) {
			// At the prompt of the change itself bash walks the old array.
			const keys = change.flatMap((line) => [line, "clear\r", "true\r"]);
			await same({ argv: ["bash"], files: { ".bashrc": rc }, keys });
		}
	});
});

const zshKeys = [
	"false\r",
	"true arg | false | true\r",
	`print "$? \${pipestatus[*]}"\r`,
	"print last arg\r",
	'print "$_ $-"\r',
	"\r",
	"print typ\x03",
	"print 'two\rlines'\r",
	"fc -l -3\r",
	"print -n unfinished line\r",
	"setopt | sort | cksum\r",
	"(exit 3)\r",
	`print \${ZDOTDIR-none} \${+functions[precmd]} $HISTFILE $histchars\r`,
];

const zshHomes: Record<string, Record<string, string>> = {
	"an empty start-up file": { ".zshrc": "" },
	"all start-up files": {
		".zshenv": "print zshenv",
		".zprofile": "print zprofile",
		".zshrc": "print zshrc; PS1='> '",
		".zlogin": "print zlogin",
	},
	"a ZDOTDIR of the user's": { ".zshenv": "ZDOTDIR=~/z", "z/.zshrc": "print in z; PS1='> '" },
	"precmd and preexec": {
		".zshrc": `precmd() { print "pre $? \${pipestatus[*]}" }; preexec() { print "exec $1" }; PS1='> '`,
	},
	"hooks in arrays": {
		".zshrc": `autoload -Uz add-zsh-hook; a() { print "a $? \${pipestatus[*]}" }; b() { print "b $? \${pipestatus[*]}"; PS1="[$?]> " }
			add-zsh-hook precmd a; precmd_functions+=(b); PS1='> '`,
	},
	"prompts on both sides and of two lines": {
		".zshrc": "PS1=$'%~\\n%(?.ok.%?)> '; RPS1='%h R'; PS2='%_ more> '",
	},
	"strange options": {
		".zshrc": "setopt ksh_arrays sh_word_split no_unset null_glob interactive_comments; PS1='> '",
	},
	"prompts that are expanded": { ".zshrc": "setopt prompt_subst; PS1='$(print -n sub)> '" },
	"no prompt_sp, no prompt_cr": { ".zshrc": "setopt no_prompt_sp no_prompt_cr; PS1='> '" },
	"vi keys": { ".zshrc": "bindkey -v; PS1='> '" },
	"a line-init widget": { ".zshrc": "zle-line-init() { BUFFER= }; zle -N zle-line-init; PS1='> '" },
	"aliases of builtins": {
		".zshenv": "alias print=echo",
		".zshrc": "alias builtin='echo alias' local='echo alias'; PS1='> '",
	},
};

describe("zsh", () => {
	test.each(Object.keys(zshHomes))("%s", async (name) => {
		await same({ argv: ["zsh"], files: zshHomes[name]!, keys: zshKeys });
		await same({ argv: ["zsh", "-l"], files: zshHomes[name]!, keys: zshKeys });
	});

	test("the environment of commands is the same", async () => {
		const rows = ["env | sort | grep -v ^_=\r"];
		await same({ argv: ["zsh"], files: { ".zshrc": "PS1='> '" }, keys: rows });
		await same({ argv: ["zsh"], files: { ".zshrc": "PS1='> '; setopt all_export" }, keys: rows });
		const files = { "d/.zshrc": "PS1='> '; print d" };
		await same({ argv: ["zsh", "-l"], files, env: { ZDOTDIR: "d" }, keys: rows });
	});
});

const fishKeys = [
	"false\r",
	"true arg | false | true\r",
	"echo $status $pipestatus\r",
	"echo last arg\r",
	"\r",
	"printf unfinished\r",
	"sh -c 'exit 3'\r",
	"env | sort | string match -rv '^(_|SHLVL)=' \r",
];

const fishHomes: Record<string, string> = {
	"the greeting and the prompt of fish": "",
	"a prompt function": 'function fish_prompt; echo -n "[$status $pipestatus]> "; end; set -g fish_greeting',
	"prompts on both sides":
		"set -g fish_greeting; function fish_prompt; printf 'a\\nb> '; end; function fish_right_prompt; echo R; end",
	"vi keys": "set -g fish_greeting; fish_vi_key_bindings; function fish_mode_prompt; echo -n M; end",
	"event handlers": "set -g fish_greeting; function h --on-event fish_postexec; echo post $status $argv; end",
	"a prompt without a title":
		"set -g fish_greeting; function fish_title; end; function fish_prompt; echo -n '> '; end",
};

describe("fish", () => {
	test.each(Object.keys(fishHomes))("%s", async (name) => {
		const files = { ".config/fish/config.fish": fishHomes[name]! };
		await same({ argv: ["fish"], files, keys: fishKeys });
	});

	test("a login shell", async () => {
		const files = { ".config/fish/config.fish": "set -g fish_greeting; status is-login; and echo login" };
		expect(await same({ argv: ["fish", "-l"], files, keys: fishKeys })).toContain("login");
	});
});
