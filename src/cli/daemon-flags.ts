/** Flags of `daemon start` and `daemon restart`: settings of the daemon that is started, over its environment and its file. */
import { resolve } from "node:path";
import { settingKinds } from "../platform/config.ts";
import type { Env } from "./cli.ts";
import type { Parsed } from "./command-spec.ts";
import type { daemonStart } from "./registry/berth.ts";

type DaemonFlags = Omit<Parsed<typeof daemonStart>["flags"], "json">;

/** The environment that makes the daemon take these flags; empty when none was given. */
export function flagSettings(flags: DaemonFlags, cwd: string): Env {
	const settings: Env = {};
	if (flags.port !== undefined) settings[settingKinds.port.env] = String(flags.port);
	if (flags.host !== undefined) settings[settingKinds.host.env] = flags.host;
	// The daemon's own directory is the root.
	if (flags["tls-cert"] !== undefined) settings[settingKinds.tlsCert.env] = resolve(cwd, flags["tls-cert"]);
	if (flags["tls-key"] !== undefined) settings[settingKinds.tlsKey.env] = resolve(cwd, flags["tls-key"]);
	if (flags.insecure) settings[settingKinds.insecure.env] = "1";
	if (flags.shell !== undefined) settings[settingKinds.shell.env] = flags.shell;
	if (flags.pty !== undefined) settings[settingKinds.pty.env] = flags.pty;
	if (flags.screen !== undefined) settings[settingKinds.screen.env] = flags.screen;
	return settings;
}
