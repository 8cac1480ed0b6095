/**
 * Starts the daemon when nobody answers. Ten commands that start at the same moment make ten processes, one of which takes the lock
 * and becomes the daemon; the others end, and their callers wait for the winner's socket.
 *
 * The daemon belongs to nobody: it has a session of its own, no terminal, and outlives whoever started it.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { BerthError, type Problem } from "../contract/errors.ts";
import { ensurePrivateDir } from "../platform/files.ts";
import { selfArgv } from "../platform/self.ts";
import { lastLogLine } from "./daemon-log.ts";
import { answersHealth } from "./health-check.ts";
import type { Env, Surroundings } from "./surroundings.ts";

/** Milliseconds until a daemon that started must have said that it is ready: a migration of a large database included. */
const READY_MS = 20_000;

/** Milliseconds that a loser of the race waits for the winner, and between its looks. */
const WINNER_MS = { limit: 15_000, look: 10 } as const;

/** What the daemon prints once on its standard output; anything else, or nothing, means that it died. */
type Readiness = { ready: true; pid: number } | { ready: false; problem: Problem };

/** `settings` go over the caller's environment. */
export async function startDaemon({ env, paths }: Surroundings, settings: Env = {}): Promise<void> {
	ensurePrivateDir(paths.state);
	const log = openSync(paths.daemonLog, "a", 0o600);
	const logStart = fstatSync(log).size;
	let child: Bun.Subprocess<"ignore", "pipe", number>;
	try {
		const [program, ...rest] = selfArgv();
		child = Bun.spawn([program!, ...rest, "daemon", "serve"], {
			argv0: "berth",
			cwd: "/",
			env: daemonEnv({ ...env, ...settings }),
			stdin: "ignore",
			stdout: "pipe",
			stderr: log,
			detached: true,
		});
	} finally {
		closeSync(log);
	}
	child.unref();
	const said = await readiness(child.stdout);
	if (said === "silent") {
		throw new BerthError(
			"daemon_unreachable",
			`the daemon did not get ready within ${READY_MS / 1000} s; see ${paths.daemonLog}`,
		);
	}
	if (said?.ready) return;
	if (said === null || said.problem.code === "daemon_running") {
		if (await winnerAnswers(paths.daemonSocket, said === null ? 0 : WINNER_MS.limit)) return;
	}
	const why = said?.problem.detail ?? lastLogLine(paths.daemonLog, logStart) ?? "it said nothing";
	throw new BerthError("daemon_unreachable", `the daemon cannot start: ${why} (log: ${paths.daemonLog})`);
}

/** The caller's environment without what marks a process as part of a session: the daemon is part of none. */
export function daemonEnv(env: Env): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && name !== "BERTH_SESSION" && name !== "BERTH_WORKER") kept[name] = value;
	}
	return kept;
}

/** The daemon's line; null when it ended without one, "silent" when it says nothing in time. */
async function readiness(stdout: ReadableStream<Uint8Array>): Promise<Readiness | null | "silent"> {
	const reader = stdout.getReader();
	const decoder = new TextDecoder();
	let timer: Timer | undefined;
	const late = new Promise<"silent">((resolve) => {
		timer = setTimeout(() => resolve("silent"), READY_MS);
	});
	let text = "";
	try {
		for (;;) {
			const chunk = await Promise.race([reader.read(), late]);
			if (chunk === "silent") return "silent";
			text += decoder.decode(chunk.value, { stream: !chunk.done });
			if (text.includes("\n")) return JSON.parse(text.slice(0, text.indexOf("\n"))) as Readiness;
			if (chunk.done) return null;
		}
	} finally {
		clearTimeout(timer);
		await reader.cancel();
	}
}

async function winnerAnswers(socket: string, limitMs: number): Promise<boolean> {
	const deadline = performance.now() + limitMs;
	do {
		if (await answersHealth(socket)) return true;
		await Bun.sleep(WINNER_MS.look);
	} while (performance.now() < deadline);
	return false;
}
