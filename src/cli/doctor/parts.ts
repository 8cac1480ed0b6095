/** Parts that Berth brings or uses: native libraries, shells. */

import { dlopen } from "bun:ffi";
import { userInfo } from "node:os";
import { defaultSettings, loadSettings, type Settings } from "../../platform/config.ts";
import { bunPtyLibrary, ghosttyLibrary } from "../../platform/native.ts";
import type { Cli } from "../cli.ts";
import { shells } from "../words.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

export function checkNativeLibraries(cli: Cli): Finding[] {
	const { screen, pty } = settingsOf(cli);
	const { cache } = cli.paths;
	const findings = [
		checkLibrary(
			"screen engine",
			screen === "ghostty",
			() => ghosttyLibrary(cache)?.main ?? null,
			"libghostty-vt",
			"xterm",
		),
		checkLibrary("PTY driver", pty === "bun-pty", () => bunPtyLibrary(cache), "bun-pty", "bun"),
	];
	return findings;
}

/** `used` says whether sessions depend on it; another part stands in where there is no build. */
function checkLibrary(
	name: string,
	used: boolean,
	find: () => string | null,
	library: string,
	other: string,
): Finding {
	if (!used) return ok(name, other);
	const setting = name === "screen engine" ? "screen" : "pty";
	let path: string | null;
	try {
		path = find();
		if (path !== null) dlopen(path, {}).close();
	} catch (error) {
		return fail(
			name,
			`${library} cannot be loaded: ${(error as Error).message}`,
			`set ${setting} = "${other}" in config.toml, and report it`,
		);
	}
	if (path === null)
		return warn(
			name,
			`${library} has no build for this system; ${other} stands in`,
			`set ${setting} = "${other}" to settle it`,
		);
	return ok(name, library);
}

export function checkShell(cli: Cli): Finding[] {
	const settings = settingsOf(cli);
	const shell = settings.shell || cli.env.SHELL || userInfo().shell || "/bin/sh";
	const name = "shell";
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
