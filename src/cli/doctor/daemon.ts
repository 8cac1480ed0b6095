/** The daemon, its port, and the holders that it looks after. */
import { BerthError } from "../../contract/errors.ts";
import type { Session } from "../../contract/session.ts";
import { VERSION } from "../../contract/version.ts";
import { HolderClient } from "../../link/client.ts";
import { loadSettings } from "../../platform/config.ts";
import { provesItself, readDaemonFile } from "../../platform/daemon-file.ts";
import type { Cli } from "../cli.ts";
import { lastLogLine } from "../daemon-log.ts";
import { runningDaemon } from "../daemon-process.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

/** Milliseconds that a holder may take to say who it is. */
const IDENTIFY_MS = 1000;

export async function checkDaemon(cli: Cli): Promise<Finding[]> {
	let health: Awaited<ReturnType<typeof runningDaemon>>;
	try {
		health = await runningDaemon(cli);
	} catch (error) {
		return [fail("daemon", BerthError.from(error).message, "berth daemon restart; sessions keep running")];
	}
	if (health === null) return [checkLastStart(cli), ...(await checkFreePort(cli))];
	const findings = [
		health.version === VERSION
			? ok("daemon", `runs (pid ${health.pid}, berth ${health.version})`)
			: warn(
					"daemon",
					`runs berth ${health.version}, this is ${VERSION}`,
					"berth daemon restart; sessions keep running",
				),
	];
	findings.push(await checkAddress(cli));
	const sessions = await (await cli.runningApi()).listSessions(false);
	return [...findings, ...(await checkHolders(sessions))];
}

/** The daemon's log ends with why it could not start, when that was the last thing that happened. */
function checkLastStart(cli: Cli): Finding {
	const reason = / error cannot start: (.*)$/.exec(lastLogLine(cli.paths.daemonLog) ?? "")?.[1];
	if (reason === undefined) return ok("daemon", "does not run; the first command starts it");
	return fail("daemon", `the last start failed: ${reason}`, "when that is put right: berth daemon start");
}

/** Whether it is our daemon that answers on its port, by its proof. */
async function checkAddress(cli: Cli): Promise<Finding> {
	const file = readDaemonFile(cli.paths);
	if (!file?.url) return ok("address", "no TCP port (port = 0)");
	if (await provesItself(file, IDENTIFY_MS)) return ok("address", file.url);
	return fail("address", `something else answers on ${file.url}`, "end it, then berth daemon restart");
}

/** Whether the port that a daemon would take is free. */
async function checkFreePort(cli: Cli): Promise<Finding[]> {
	const { port, host } = loadSettings(cli.paths, cli.env);
	if (port === 0) return [ok("address", "no TCP port (port = 0)")];
	try {
		const server = Bun.listen({ hostname: host, port, socket: { data: () => {} } });
		server.stop(true);
		return [ok("address", `${host}:${port} is free`)];
	} catch (error) {
		return [
			fail(
				"address",
				`${host}:${port} cannot be used: ${(error as Error).message}`,
				`end what uses it, or set another port (port in config.toml, BERTH_PORT)`,
			),
		];
	}
}

async function checkHolders(sessions: readonly Session[]): Promise<Finding[]> {
	const versions = new Map<string, number>();
	const silent: string[] = [];
	for (const { name, workers } of sessions) {
		for (const { socket } of workers) {
			if (socket === null) continue;
			const version = await holderVersion(socket);
			if (version === null) silent.push(name);
			else versions.set(version, (versions.get(version) ?? 0) + 1);
		}
	}
	const told = [...versions].map(([version, count]) => `${count} of berth ${version}`).join(", ");
	const findings: Finding[] = [];
	if (silent.length > 0) {
		findings.push(
			fail(
				"holders",
				`no answer from ${silent.join(", ")}`,
				"berth kill ends such a session; berth restart starts it again",
			),
		);
	}
	const old = [...versions.keys()].some((version) => version !== VERSION);
	if (old)
		findings.push(
			warn("holders", told, "they work on; berth restart of a session brings it to this version"),
		);
	else if (silent.length === 0) findings.push(ok("holders", told || "no session runs"));
	return findings;
}

async function holderVersion(socket: string): Promise<string | null> {
	try {
		const client = await HolderClient.connect(socket);
		try {
			return (await client.identify(IDENTIFY_MS)).version;
		} finally {
			client.close();
		}
	} catch {
		// Refused or silent: the same for whoever wants to attach.
		return null;
	}
}
