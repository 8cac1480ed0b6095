/**
 * Adds shell integration to the start of a shell, without touching the user's files.
 *
 *   bash        bash --rcfile DIR/berth.bash          instead of ~/.bashrc, which it then reads itself
 *   bash -l     bash --posix -l, ENV=DIR/berth.bash   the mode is undone there, and the profile files are read
 *   zsh         ZDOTDIR=DIR/zsh                       whose .zshenv gives ZDOTDIR back before zsh reads the user's files
 *   fish        fish -C 'source DIR/berth.fish'       after config.fish
 *
 * DIR belongs to the generation and goes with it. It holds the scripts, the nonce (emptied by the shell as it starts, before any of the
 * user's code runs) and, for a moment each, the texts of runs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ensurePrivateDir } from "../../platform/files.ts";
import bashScript from "./scripts/berth.bash" with { type: "text" };
import fishScript from "./scripts/berth.fish" with { type: "text" };
import zshScript from "./scripts/berth.zsh" with { type: "text" };

export type IntegratedShell = "bash" | "zsh" | "fish";

export interface ShellIntegration {
	shell: IntegratedShell;
	/** Folder of the scripts and of the texts of runs; 0700. */
	dir: string;
	/** Known to the shell and to the holder, and to no child of the shell. */
	nonce: string;
}

export interface ShellStart {
	argv: string[];
	env: Record<string, string>;
}

/** Arguments of an interactive shell without a script; anything else is left alone. */
const plainArguments: Record<IntegratedShell, ReadonlySet<string>> = {
	bash: new Set(["-i", "-l", "-il", "-li", "--login"]),
	zsh: new Set(["-i", "-l", "-il", "-li", "--login", "--interactive"]),
	fish: new Set(["-i", "-l", "-il", "-li", "--login", "--interactive"]),
};

/** Which shell integration exists for this command line; null when it is no plain interactive shell. */
export function integratedShell(argv: readonly string[]): IntegratedShell | null {
	const name = basename(argv[0] ?? "");
	if (name !== "bash" && name !== "zsh" && name !== "fish") return null;
	return argv.slice(1).every((argument) => plainArguments[name].has(argument)) ? name : null;
}

/** Writes the files into `dir` and returns how to start the shell with them; null when there is no integration for it. */
export function injectShellIntegration(
	start: ShellStart & { dir: string; nonce: string },
): (ShellStart & { shell: IntegratedShell }) | null {
	const shell = integratedShell(start.argv);
	if (shell === null) return null;
	ensurePrivateDir(start.dir);
	writePrivate(join(start.dir, "nonce"), `${start.nonce}\n`);
	return { shell, ...injectors[shell](start) };
}

const injectors: Record<IntegratedShell, (start: ShellStart & { dir: string }) => ShellStart> = {
	bash({ argv, env, dir }) {
		const script = join(dir, "berth.bash");
		writePrivate(script, bashScript);
		const [program, ...rest] = argv as [string, ...string[]];
		if (!rest.some((argument) => argument.includes("l"))) {
			return { argv: [program, "--rcfile", script, ...rest], env };
		}
		const login: Record<string, string> = { ...env, ENV: script, BERTH_BASH_LOGIN: "1" };
		if (env.ENV !== undefined) login.BERTH_BASH_ENV = env.ENV;
		return { argv: [program, "--posix", ...rest], env: login };
	},
	zsh({ argv, env, dir }) {
		const folder = join(dir, "zsh");
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		writePrivate(join(folder, ".zshenv"), zshScript);
		const wrapped: Record<string, string> = { ...env, ZDOTDIR: folder };
		if (env.ZDOTDIR !== undefined) wrapped.BERTH_ZDOTDIR = env.ZDOTDIR;
		return { argv: [...argv], env: wrapped };
	},
	fish({ argv, env, dir }) {
		const script = join(dir, "berth.fish");
		writePrivate(script, fishScript);
		return { argv: [...argv, "-C", `source ${quoteForFish(script)}`], env };
	},
};

function writePrivate(path: string, content: string): void {
	writeFileSync(path, content, { mode: 0o600 });
}

/** Inside fish's single quotes only the quote and the backslash mean something. */
function quoteForFish(text: string): string {
	return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
