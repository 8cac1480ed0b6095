/**
 * A holder's process: `berth holder WORKER-ID` holds one worker until it ends; `berth holder archive WORKER-ID GENERATION` renders
 * an ended one and exits.
 *
 * Start: spec → lock → sockets → process → one line on stdout → silence. Whatever fails before the line is told in the line, and
 * leaves no process and no socket behind. After the line nothing ties the holder to whoever started it.
 */
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import type { AgentSpec } from "../contract/agent-log.ts";
import { BerthError } from "../contract/errors.ts";
import { type HolderSpec, LINK_PROTOCOL } from "../contract/link.ts";
import { compileAsUsual } from "../platform/compiling.ts";
import { ensurePrivateDir, readJson } from "../platform/files.ts";
import { becomeSubreaper, reapAdopted, replaceDescriptor } from "../platform/libc.ts";
import { lockFile } from "../platform/lock-file.ts";
import { holderLock, pathsFrom, workerDir, workerSpecFile } from "../platform/paths.ts";
import { tellActivity } from "./activity.ts";
import type { StructuredAgent } from "./agent/agent.ts";
import { hangUpOnTerm } from "./hangup.ts";
import { leave } from "./leave.ts";
import { openLog } from "./log.ts";
import { ptyDriver } from "./pty/index.ts";
import { screenEngine } from "./screen/index.ts";
import { HolderServer } from "./server.ts";
import { Worker } from "./worker.ts";

/** Too many to guess: the shell's children see the marks' form, never this. */
const SHELL_NONCE_BYTES = 16;

export async function runHolder(argv: string[]): Promise<void> {
	if (argv[0] === "archive") {
		const { runArchive } = await import("./archive.ts");
		await runArchive(argv.slice(1), process.env);
		return;
	}
	const now = Date.now;
	const report = openLog(now);
	// A fault in one callback must not take the terminal down with it.
	process.on("uncaughtException", report);
	process.on("unhandledRejection", report);
	try {
		const worker = await hold(argv[0] ?? "", now, report);
		tellStarter({ ready: true, pid: worker.pid });
	} catch (error) {
		tellStarter({ ready: false, problem: BerthError.from(error).toProblem() });
		process.exit(1);
	}
	detach();
}

async function hold(
	workerId: string,
	now: () => number,
	report: (failure: unknown) => void,
): Promise<Worker> {
	const paths = pathsFrom(process.env);
	const folder = workerDir(paths, workerId);
	if (!existsSync(folder)) throw new BerthError("worker_not_found", `there is no ${folder}`);
	// Locked before the spec is read: a daemon that revokes the spec and finds the lock free knows that nothing will start from it.
	const lock = lockFile(holderLock(paths, workerId));
	if (lock === null) throw new BerthError("session_running", `another holder holds ${workerId}`);
	const spec = readSpec(workerSpecFile(paths, workerId), workerId);
	let worker: Worker | null = null;
	const agent = spec.agent ? await openAgent(spec, spec.agent, () => worker, now, report) : null;
	const driver = agent ?? (await ptyDriver(spec.pty, paths.cache));
	const engine = await screenEngine(spec.screen, paths.cache);
	const portModule = spec.port === null ? null : await import("./port/port.ts");
	// Loading leaves more garbage than everything else in a holder's life; collected here, the heap never grows to hold it.
	Bun.gc(true);
	if (agent !== null) compileAsUsual();
	becomeSubreaper();
	ensurePrivateDir(paths.run);

	// From here to the process's start nothing waits, so that no caller is heard before there is a worker.
	const server = new HolderServer(spec.socketPath, () => worker!);
	try {
		const port = portModule?.openPort(spec, spec.port!, () => worker!, now) ?? null;
		try {
			worker = new Worker({
				spec,
				driver,
				engine,
				agent,
				shellNonce: Buffer.from(crypto.getRandomValues(new Uint8Array(SHELL_NONCE_BYTES))).toString("hex"),
				now,
				ticks: () => performance.now(),
				report,
				onExit() {
					// A restart may begin as soon as the exit is known: path and port are given up before clients have drained.
					server.stop();
					port?.stop();
					lock.release();
				},
				onEnded: () => void leave(worker!, () => server.answered && (port?.answered ?? true)),
			});
		} catch (error) {
			port?.stop();
			throw error;
		}
	} catch (error) {
		server.stop();
		throw error;
	}
	const awaited = (pid: number): boolean =>
		agent ? agent.owns(pid) : pid === worker!.pid && worker!.exit === null;
	process.on("SIGCHLD", () => reapAdopted(awaited));
	hangUpOnTerm(worker);
	tellActivity(worker);
	return worker;
}

/** A structured agent's driver is loaded for its own holder alone. */
async function openAgent(
	spec: HolderSpec,
	agent: AgentSpec,
	worker: () => Worker | null,
	now: () => number,
	report: (failure: unknown) => void,
): Promise<StructuredAgent> {
	const { structuredAgent } = await import("./agent/open.ts");
	const told = (records: number) => worker()?.notices.tellLimited({ kind: "agent", records });
	return structuredAgent({ spec, agent, now, told, report, failed: () => worker()?.intend("failed") });
}

function readSpec(file: string, workerId: string): HolderSpec {
	const spec = readJson<HolderSpec>(file);
	if (spec === null) throw new BerthError("worker_not_found", `there is no ${file}`);
	if (spec.protocol !== LINK_PROTOCOL) {
		throw new BerthError(
			"protocol_mismatch",
			`${file} speaks protocol ${spec.protocol}, this holder ${LINK_PROTOCOL}`,
		);
	}
	if (spec.revoked) throw new BerthError("session_ended", `the start of ${workerId} was given up`);
	if (spec.workerId !== workerId) throw new BerthError("worker_not_found", `${file} is of ${spec.workerId}`);
	return spec;
}

/** The one line that the starter waits for. A starter that is gone does not matter: the worker is what counts. */
function tellStarter(line: object): void {
	try {
		writeSync(1, `${JSON.stringify(line)}\n`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
	}
}

/** Lets go of the starter's pipe and of its directory, so that neither is kept alive by a session. */
function detach(): void {
	const nothing = openSync("/dev/null", "r+");
	for (const fd of [0, 1]) replaceDescriptor(nothing, fd);
	closeSync(nothing);
	process.chdir("/");
}
