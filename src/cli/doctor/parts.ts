/** Parts that Berth brings or uses: native libraries, shells. */

import { dlopen } from "bun:ffi";
import { userInfo } from "node:os";
import { defaultSettings, loadSettings, type Settings } from "../../platform/config.ts";
import { bunPtyLibrary, ghosttyLibrary } from "../../platform/native.ts";
import type { Cli } from "../cli.ts";
import { shells } from "../words.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

interface Library {
	/** The part that it is, and the setting that chooses it. */
	part: string;
	setting: "screen" | "pty";
	choice: string;
	/** What stands in where there is no build. */
	other: string;
	/** A function that it must have: the loader wants one to look for. */
	symbol: string;
	find: (cacheDir: string) => string | null;
}

const libraries: readonly Library[] = [
	{
		part: "screen engine",
		setting: "screen",
		choice: "ghostty",
		other: "xterm",
		symbol: "ghostty_terminal_new",
		find: (cacheDir) => ghosttyLibrary(cacheDir)?.main ?? null,
	},
	{
		part: "PTY driver",
		setting: "pty",
		choice: "bun-pty",
		other: "bun",
		symbol: "bun_pty_spawn",
		find: bunPtyLibrary,
	},
];

export function checkNativeLibraries(cli: Cli): Finding[] {
	const settings = settingsOf(cli);
	return libraries.map((library) => {
		const chosen = settings[library.setting];
		return chosen === library.choice ? checkLibrary(library, cli.paths.cache) : ok(library.part, chosen);
	});
}

function checkLibrary({ part, setting, choice, other, symbol, find }: Library, cacheDir: string): Finding {
	const settle = `set ${setting} = "${other}" in config.toml`;
	try {
		const path = find(cacheDir);
		if (path === null)
			return warn(part, `${choice} has no build for this system; ${other} stands in`, settle);
		dlopen(path, { [symbol]: { args: [], returns: "void" } }).close();
		return ok(part, choice);
	} catch (error) {
		return fail(part, `${choice} cannot be loaded: ${(error as Error).message}`, settle);
	}
}

export function checkShell(cli: Cli): Finding[] {
	const settings = settingsOf(cli);
	const name = "shell";
	// As the daemon chooses it: what is not there is passed over, unless it was asked for.
	const usual = [cli.env.SHELL, userInfo().shell, "/bin/sh"].find((each) => each && Bun.which(each) !== null);
	const shell = settings.shell || (usual ?? "/bin/sh");
	if (Bun.which(shell) === null)
		return [fail(name, `${shell} is not there`, "set shell in config.toml, or $SHELL")];
	const kind = shell.slice(shell.lastIndexOf("/") + 1);
	if (!shells.some((each) => each === kind)) {
		return [
			warn(
				name,
				`${shell} does not report its commands`,
				`berth run needs ${shells.join(", ")}; berth exec works with any`,
			),
		];
	}
	if (!settings.shellIntegration) {
		return [
			warn(
				name,
				`${shell}, its integration is turned off`,
				"berth run and wait --prompt need shell_integration = true",
			),
		];
	}
	return [ok(name, `${shell}, with integration`)];
}

/** Broken settings are another check's finding; here the defaults stand in. */
function settingsOf(cli: Cli): Settings {
	try {
		return loadSettings(cli.paths, cli.env);
	} catch {
		return defaultSettings;
	}
}
