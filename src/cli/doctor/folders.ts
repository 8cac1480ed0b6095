/** Folders and files: there, ours, private, and with room. */
import { accessSync, constants, lstatSync, readdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { connect } from "../../link/client.ts";
import { loadSettings } from "../../platform/config.ts";
import type { Cli } from "../cli.ts";
import { tildePath } from "../text/paths.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

/** Bytes free below which output may soon not be kept. */
const LOW_DISK_BYTES = 512 * 1024 * 1024;

export function checkFolders(cli: Cli): Finding[] {
	const { state, config, run, cache } = cli.paths;
	return [
		...checkFolder(cli, "state", state),
		...checkFolder(cli, "configuration", config),
		...checkFolder(cli, "sockets", run),
		...checkFolder(cli, "cache", cache),
	];
}

function checkFolder(cli: Cli, what: string, path: string): Finding[] {
	const name = `${what} folder`;
	const shown = tildePath(path, cli.env.HOME);
	let stat: ReturnType<typeof lstatSync>;
	try {
		stat = lstatSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing(name, path, shown);
		return [
			fail(
				name,
				`${shown}: ${(error as Error).message}`,
				`make ${dirname(path)} accessible to you, or set BERTH_HOME`,
			),
		];
	}
	if (!stat!.isDirectory()) return [fail(name, `${shown} is not a folder`, `move ${path} away`)];
	if (stat!.uid !== process.getuid?.()) {
		return [
			fail(name, `${shown} belongs to another user`, `chown it, or set BERTH_HOME to a folder of yours`),
		];
	}
	if (!writable(path)) return [fail(name, `${shown} cannot be written to`, `chmod u+rwx ${path}`)];
	if ((stat!.mode & 0o077) !== 0 && what !== "configuration") {
		return [warn(name, `${shown} is open to others`, `chmod 700 ${path}`)];
	}
	return [ok(name, shown)];
}

/** Files that hold what others must not read or change; a backup tool or an editor may have opened them up. */
export function checkFiles(cli: Cli): Finding[] {
	const { configFile, database, daemonSocket, daemonLog, tokensFile } = cli.paths;
	const files = [database, tokensFile, daemonLog, daemonSocket].filter(exists);
	const open = files.filter((path) => (lstatSync(path).mode & 0o077) !== 0);
	// Whoever can write the settings decides which shell and which certificate are used.
	if (exists(configFile) && (lstatSync(configFile).mode & 0o022) !== 0) open.push(configFile);
	if (open.length === 0) return [ok("files", "private")];
	const shown = open.map((path) => tildePath(path, cli.env.HOME)).join(" ");
	return [warn("files", `open to others: ${shown}`, `chmod go-rwx ${open.join(" ")}`)];
}

/** It is made when it is needed, if its parent lets us. */
function missing(name: string, path: string, shown: string): Finding[] {
	let parent = dirname(path);
	while (parent !== "/" && !exists(parent)) parent = dirname(parent);
	return writable(parent)
		? [ok(name, `${shown} (made when needed)`)]
		: [
				fail(
					name,
					`${shown} cannot be made: ${parent} is not writable`,
					`make ${parent} writable, or set BERTH_HOME`,
				),
			];
}

function exists(path: string): boolean {
	try {
		lstatSync(path);
		return true;
	} catch {
		// Not there, or not to be seen: either way not a place to start from.
		return false;
	}
}

function writable(path: string): boolean {
	try {
		accessSync(path, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		// EACCES or EROFS: what was asked.
		return false;
	}
}

export function checkSettings(cli: Cli): Finding[] {
	const file = tildePath(cli.paths.configFile, cli.env.HOME);
	try {
		loadSettings(cli.paths, cli.env);
	} catch (error) {
		return [fail("settings", (error as Error).message, `correct ${file} or the variable that is named`)];
	}
	return [ok("settings", exists(cli.paths.configFile) ? file : "defaults (there is no configuration file)")];
}

export function checkDisk(cli: Cli): Finding[] {
	let path = cli.paths.state;
	while (!exists(path)) path = dirname(path);
	const { bavail, bsize } = statfsSync(path);
	const free = bavail * bsize;
	const detail = `${Math.floor(free / 1024 / 1024)} MiB free for output`;
	return free < LOW_DISK_BYTES
		? [warn("disk", detail, "make room, or lower journal_limit_bytes; berth rm --all forgets ended sessions")]
		: [ok("disk", detail)];
}

/** Sockets that nobody listens on: their owners died without clearing up. */
export async function checkSockets(cli: Cli): Promise<Finding[]> {
	const { run } = cli.paths;
	if (!exists(run)) return [ok("sockets", "none yet")];
	const names = readdirSync(run).filter((name) => name.endsWith(".sock"));
	const stale: string[] = [];
	for (const name of names) if (!(await listens(join(run, name)))) stale.push(name);
	if (stale.length === 0) return [ok("sockets", `${names.length} in use, none stale`)];
	return [
		warn(
			"sockets",
			`${stale.length} stale: ${stale.join(" ")}`,
			"harmless: the daemon clears them at its next start; berth daemon restart does it now",
		),
	];
}

async function listens(path: string): Promise<boolean> {
	try {
		(await connect(path, { onFrame: () => {}, onClose: () => {} })).close();
		return true;
	} catch {
		// Refused: the file is all that is left.
		return false;
	}
}
