/** Completion in the real shells, with the sessions that there are. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Berth, program } from "../support/berth.ts";

let berth: Berth;
let bin: string;
beforeAll(async () => {
	berth = await Berth.start();
	bin = join(berth.home, "bin");
	mkdirSync(bin);
	if (program.length === 1) symlinkSync(program[0]!, join(bin, "berth"));
	else {
		writeFileSync(join(bin, "berth"), `#!/bin/sh\nexec ${program.join(" ")} "$@"\n`, { mode: 0o755 });
	}
	await berth.ok(["new", "alpha", "-d", "-t", "red", "--", "cat"]);
	await berth.ok(["new", "alpine", "-d", "--", "cat"]);
	await berth.ok(["new", "beta", "-d", "--", "true"]);
	await berth.ok(["wait", "beta", "--exit"]);
	mkdirSync(join(berth.home, "folder"));
	writeFileSync(join(berth.home, "file.cast"), "");
});
afterAll(() => berth[Symbol.asyncDispose]());

function shell(argv: string[]): string[] {
	const { stdout, stderr } = Bun.spawnSync(argv, {
		env: { ...berth.env, PATH: `${bin}:${berth.env.PATH}`, ZDOTDIR: berth.home, XDG_CONFIG_HOME: berth.home },
		cwd: berth.home,
	});
	expect(stderr.toString()).toBe("");
	return stdout
		.toString()
		.split("\n")
		.map((line) => line.split("\t")[0]!.trim())
		.filter((line) => line !== "");
}

/** What each shell offers for a command line that ends at the cursor. */
const offers: Record<string, (line: string) => string[]> = {
	bash(line) {
		const script = `
			source <(berth completion bash)
			line=$1
			# Splits as readline does: at blanks, and at = with the sign as a word of its own.
			read -ra words <<<"\${line//=/ = }"
			[[ $line == *' ' ]] && words+=("")
			[[ $line == *= ]] && words+=("")
			COMP_WORDS=("\${words[@]}") COMP_CWORD=$((\${#words[@]} - 1)) COMP_LINE=$line COMP_POINT=\${#line}
			_berth 2>/dev/null
			printf '%s\\n' "\${COMPREPLY[@]}"`;
		return shell(["bash", "--norc", "-c", script, "bash", line]);
	},
	fish(line) {
		return shell(["fish", "--no-config", "-c", "berth completion fish | source; complete -C $argv[1]", line]);
	},
	zsh(line) {
		// zsh completes only in its line editor: a zsh in a pseudo-terminal of zsh's own, with the list printed between marks.
		const script = `
			zmodload zsh/zpty
			zpty inner zsh -f -i
			zpty -w inner 'PS1=; autoload -Uz compinit; compinit -u -D; eval "$(berth completion zsh)"'
			zpty -w inner 'zstyle ":completion:*" list-separator "@@"; zstyle ":completion:*" verbose yes'
			zpty -w inner 'list() { compstate[list]=; print -r -- "<<"; print -rl -- "\${(@)found}"; print -r -- ">>"; exit }'
			zpty -w inner 'compadd() { builtin compadd "$@"; local -a got; builtin compadd -O got "$@"; found+=("\${got[@]}") }'
			zpty -w inner 'typeset -ga found; comppostfuncs=(list); complete-it() { found=(); comppostfuncs=(list); zle complete-word }; zle -N complete-it; bindkey "^T" complete-it'
			# Quoted apart, so that the terminal's echo of the line is not taken for its output.
			zpty -w inner 'print rea""dy'
			zpty -r -m inner seen '*ready*'
			zpty -w -n inner "$1"$'\\C-t'
			zpty -r -m inner seen '*>>*'
			print -r -- "$seen"`;
		const lines = shell(["zsh", "-f", "-c", script, "zsh", line]).map((each) => each.replaceAll("\r", ""));
		const from = lines.findIndex((each) => each.endsWith("<<"));
		return lines.slice(from + 1, lines.indexOf(">>", from));
	},
};

describe.each(["bash", "zsh", "fish"])("%s", (name) => {
	const there = Bun.which(name) !== null;
	const offer = (line: string) => [...new Set(offers[name]!(line))].sort();

	test.if(there)("offers commands, and those below a word", () => {
		expect(offer("berth at")).toEqual(["attach"]);
		expect(offer("berth ren")).toEqual(["rename"]);
		expect(offer("berth re")).toEqual(expect.arrayContaining(["rename", "restart", "repo"]));
		expect(offer("berth daemon sta")).toEqual(["start", "status"]);
	});

	test.if(there)("offers the sessions that fit the command", () => {
		expect(offer("berth attach al")).toEqual(["alpha", "alpine"]);
		expect(offer("berth rm ")).toEqual(["beta"]);
		expect(offer("berth info ")).toEqual(["alpha", "alpine", "beta"]);
		expect(offer("berth exec --session alp")).toEqual(["alpha", "alpine"]);
	});

	test.if(there)("offers flags and their values", () => {
		expect(offer("berth attach --det")).toEqual(["--detach-keys"]);
		expect(offer("berth screen alpha --format ")).toEqual(["ansi", "html", "json", "text"]);
		expect(offer("berth new --tag r")).toEqual([]);
		expect(offer("berth ls --tag ")).toEqual(["red"]);
		expect(offer("berth signal alpha T")).toEqual(["TERM", "TSTP", "TTIN", "TTOU"]);
	});

	test.if(there)("offers values behind an equals sign", () => {
		const offered = offer("berth screen alpha --format=j");
		expect(offered.map((each) => each.replace("--format=", ""))).toEqual(["json"]);
	});

	test.if(there)("leaves files and directories to the shell", () => {
		expect(offer("berth export alpha -o fi").some((each) => each.includes("file.cast"))).toBe(true);
		const folders = offer("berth new --cwd f");
		expect(folders.some((each) => each.includes("folder"))).toBe(true);
		expect(folders.some((each) => each.includes("file.cast"))).toBe(false);
	});
});

test("pressing Tab starts no daemon and prints no error", async () => {
	await using other = await Berth.home();
	expect(await other.run(["__complete", "--", "attach", ""])).toEqual({ code: 0, stdout: "", stderr: "" });
	expect(existsSync(other.socket)).toBe(false);
});
