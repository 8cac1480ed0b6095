/**
 * Starts a holder and waits until it is ready. The holder is detached: own kernel session, no inherited terminal, and after the line
 * that says it is ready no pipe either, so that it outlives whoever started it. Whatever fails, nothing half-made is left running.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError, type Problem } from "../../contract/errors.ts";
import { START_DEADLINE_MS } from "../../contract/limits.ts";
import type { HolderSpec } from "../../contract/link.ts";
import { ensurePrivateDir, writeFileAtomic } from "../../platform/files.ts";
import { lockFile } from "../../platform/lock-file.ts";
import { holderLock, workerDir, workerSpecFile } from "../../platform/paths.ts";
import { bootId, type ProcessIdentity, readProcess } from "../../platform/processes/index.ts";
import type { ControlContext } from "./control-context.ts";
import { holderEnvironment } from "./environment.ts";
import { Turnstile } from "./turnstile.ts";
import type { HolderFacts } from "./worker-records.ts";

/** The most that a ready line may be, in bytes; a problem document is far below. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** Bytes of the holder's log that an error quotes. */
const LOG_TAIL_BYTES = 500;

/** Milliseconds that the last holder may take to let go after its exit is known, and between two looks. */
const LET_GO_MS = 3000;
const LET_GO_CHECK_MS = 5;

type Ready = { ready: true; pid: number } | { ready: false; problem: Problem };

/** Holders that start at once. More of them only make each other late: after a reboot all sessions may come back together. */
const STARTING_AT_ONCE = 16;

export class Launcher {
	readonly #context: ControlContext;
	readonly #turnstile = new Turnstile(STARTING_AT_ONCE);

	constructor(context: ControlContext) {
		this.#context = context;
	}

	/**
	 * Starts the holder of `spec`. `onSpawned` is told who it is before it is ready. Throws what the holder reports, or `spawn_failed`;
	 * the holder has then been ended. `aborted` gives up waiting.
	 */
	launch(
		spec: HolderSpec,
		onSpawned: (holder: ProcessIdentity, bootId: string) => void,
		aborted: AbortSignal,
	): Promise<HolderFacts> {
		return this.#turnstile.pass(() => this.#launch(spec, onSpawned, aborted));
	}

	async #launch(
		spec: HolderSpec,
		onSpawned: (holder: ProcessIdentity, bootId: string) => void,
		aborted: AbortSignal,
	): Promise<HolderFacts> {
		const { paths, env, selfArgv } = this.#context;
		const folder = workerDir(paths, spec.workerId);
		ensurePrivateDir(folder);
		ensurePrivateDir(spec.generationDir);
		await this.#lastHolderLetGo(spec.workerId);
		writeFileAtomic(workerSpecFile(paths, spec.workerId), JSON.stringify(spec));
		const logFile = join(folder, "holder.log");
		const log = openSync(logFile, "a", 0o600);
		const holder = Bun.spawn([...selfArgv(), "holder", spec.workerId], {
			argv0: "berth",
			cwd: "/",
			env: holderEnvironment(env),
			detached: true,
			stdin: "ignore",
			stdout: "pipe",
			stderr: log,
		});
		closeSync(log);
		holder.unref();
		try {
			const process = readProcess(holder.pid);
			if (!process) throw new BerthError("spawn_failed", "the holder ended at once");
			const identity = { pid: process.pid, startTime: process.startTime };
			const boot = bootId();
			onSpawned(identity, boot);
			const ready = await readReady(holder.stdout, aborted, () => tailOf(logFile));
			if (!ready.ready) throw BerthError.fromProblem(ready.problem);
			const child = readProcess(ready.pid);
			return {
				holder: identity,
				// A child that has ended and was waited for already is nobody any more.
				child: child && child.ppid === identity.pid ? { pid: child.pid, startTime: child.startTime } : null,
				bootId: boot,
			};
		} catch (error) {
			// It is our own child and nobody else waits for it, so its pid is still its own.
			holder.kill("SIGKILL");
			await holder.exited;
			throw error;
		}
	}

	/** A holder tells the exit just before it gives up its socket, its port and this lock; the next one needs all three. */
	async #lastHolderLetGo(workerId: string): Promise<void> {
		const { paths, monotonic, sleep } = this.#context;
		const deadline = monotonic() + LET_GO_MS;
		for (;;) {
			const lock = lockFile(holderLock(paths, workerId));
			if (lock) {
				lock.release();
				return;
			}
			if (monotonic() >= deadline) {
				throw new BerthError("spawn_failed", `the last holder of ${workerId} has not ended; try again`);
			}
			await sleep(LET_GO_CHECK_MS);
		}
	}
}

/** The one line that a holder prints. */
async function readReady(
	stdout: ReadableStream<Uint8Array>,
	aborted: AbortSignal,
	logTail: () => string,
): Promise<Ready> {
	const limit = AbortSignal.any([aborted, AbortSignal.timeout(START_DEADLINE_MS)]);
	const gaveUp = Promise.withResolvers<never>();
	const giveUp = (): void => {
		gaveUp.reject(
			aborted.aborted
				? new BerthError("session_ended", "it was ended while it started")
				: new BerthError("spawn_failed", `the holder was not ready within ${START_DEADLINE_MS} ms`),
		);
	};
	limit.addEventListener("abort", giveUp);
	if (limit.aborted) giveUp();
	const reader = stdout.getReader();
	const decoder = new TextDecoder();
	let text = "";
	try {
		for (;;) {
			const { done, value } = await Promise.race([reader.read(), gaveUp.promise]);
			if (done || text.length > LINE_LIMIT_BYTES) {
				throw new BerthError("spawn_failed", `the holder ended before it was ready. ${logTail()}`.trim());
			}
			text += decoder.decode(value, { stream: true });
			const end = text.indexOf("\n");
			if (end >= 0) return JSON.parse(text.slice(0, end)) as Ready;
		}
	} finally {
		limit.removeEventListener("abort", giveUp);
		// A timer that fires later rejects into nothing.
		gaveUp.promise.catch(() => {});
		await reader.cancel();
	}
}

function tailOf(logFile: string): string {
	return readFileSync(logFile, "utf8").slice(-LOG_TAIL_BYTES).trim();
}
