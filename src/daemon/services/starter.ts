/**
 * Starts workers: from the stored row to a running process, the first time and after an end. The caller holds the worker's lock.
 * A start that fails leaves the worker ended (`failed`), with no process, socket or descriptor of it left.
 */
import { rmSync } from "node:fs";
import { BerthError } from "../../contract/errors.ts";
import { START_DEADLINE_MS } from "../../contract/limits.ts";
import { type HolderSpec, LINK_PROTOCOL } from "../../contract/link.ts";
import { generationDir, holderSocket } from "../../platform/paths.ts";
import { endProcesses } from "../../platform/processes/ending.ts";
import { bootId, type ProcessIdentity, readProcess, signalProcess } from "../../platform/processes/index.ts";
import { updateAgent } from "../../store/agents.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import { moveWorker } from "../../store/workers.ts";
import { agentSpec, writeSettings } from "./agents/spec.ts";
import type { ControlContext } from "./control-context.ts";
import { workerEnvironment } from "./environment.ts";
import type { Exits } from "./exits.ts";
import type { Launcher } from "./launcher.ts";
import { IDENTIFY_MS, type Supervisor, type SupervisorParts } from "./supervisor.ts";
import { revokeStart } from "./unfinished-start.ts";
import { treeOf } from "./worker-processes.ts";
import { startOfRow, type WorkerRecords } from "./worker-records.ts";
import { newNonce, type RestartPlan } from "./worker-start.ts";

/** Milliseconds for what a failed start left: there was hardly time to start anything. */
const CLEAR_MS = 1000;

export class Starter {
	readonly #context: ControlContext;
	readonly #records: WorkerRecords;
	readonly #exits: Exits;
	readonly #launcher: Launcher;
	readonly #supervisor: Supervisor;
	readonly #aborts = new Map<string, AbortController>();

	constructor({ context, records, exits }: SupervisorParts, launcher: Launcher, supervisor: Supervisor) {
		this.#context = context;
		this.#records = records;
		this.#exits = exits;
		this.#launcher = launcher;
		this.#supervisor = supervisor;
	}

	/** Gives up a start of this worker that is under way; it then fails. */
	abort(workerId: string): void {
		this.#aborts.get(workerId)?.abort();
	}

	/** Begins the next generation of a worker that has ended, in the store; `start` does the rest. */
	nextGeneration(row: WorkerRow, { command, env, agent }: RestartPlan, restarts: number): WorkerRow {
		return this.#context.store.change((change) => {
			if (agent) updateAgent(change, row.id, agent);
			return moveWorker(change, row.id, "starting", {
				command,
				env,
				restarts,
				generation: row.generation + 1,
				nonce: newNonce(),
				offset: 0,
				title: "",
				exitCode: null,
				exitSignal: null,
				exitReason: null,
				startedAt: null,
				endedAt: null,
				nextRestartAt: null,
				deadlineAt: change.at + START_DEADLINE_MS,
			});
		});
	}

	/** Takes back what a start that failed was to change of the agent's configuration. */
	takeBack({ id }: WorkerRow, { undo }: RestartPlan): void {
		if (undo) this.#context.store.change((change) => updateAgent(change, id, undo));
	}

	/** Starts a worker that is stored as `starting`. Throws when its process does not run; the worker is then stored as ended. */
	async start(session: SessionRow, row: WorkerRow): Promise<void> {
		const start = startOfRow(row);
		const abort = new AbortController();
		this.#aborts.set(row.id, abort);
		try {
			if (row.kind === "agent") writeSettings(this.#context, row);
			const facts = await this.#launcher.launch(
				this.#spec(session, row),
				(spawned, boot) => this.#records.spawned(start, spawned, boot),
				abort.signal,
			);
			this.#supervisor.watch(row, facts.holder);
			const contact = await this.#supervisor.reach(row, IDENTIFY_MS);
			// A process that has ended by now may have taken its holder along: then its exit is on the disk.
			if (contact !== "connected" && !this.#exits.of(start)) {
				throw new BerthError("spawn_failed", "the holder started and does not answer");
			}
			// It may have ended while it was being met, and been recorded so.
			if (!this.#records.live(start)) return;
			this.#records.running(start, facts);
			if (contact === "connected") this.#supervisor.listen(row.id);
			else this.#exits.settle(start);
		} catch (error) {
			// The holder's identity was stored when it was spawned.
			const now = this.#records.live(start);
			if (now) await this.fail(now);
			throw error;
		} finally {
			if (this.#aborts.get(row.id) === abort) this.#aborts.delete(row.id);
		}
	}

	/** Finishes a start that an earlier daemon began: its holder has been reached. */
	async adopt(row: WorkerRow): Promise<void> {
		const client = this.#supervisor.client(row.id);
		const holder = this.#supervisor.holder(row.id);
		if (!client || !holder) return;
		const { pid } = await client.call("status", {}, IDENTIFY_MS);
		const child = pid === null ? null : readProcess(pid);
		if (this.#records.live(startOfRow(row))?.state !== "starting") return;
		this.#records.running(startOfRow(row), { holder, child, bootId: bootId() });
	}

	/** Ends a start that nobody will finish. */
	async fail(row: WorkerRow): Promise<void> {
		const start = startOfRow(row);
		if (this.#records.live(start)?.state !== "starting") return;
		await this.#clear(row, await revokeStart(this.#context, this.#supervisor, row));
		const exit = { code: null, signal: null, reason: "failed" } as const;
		this.#records.ended({
			...start,
			exit,
			offset: this.#exits.journalEnd(row),
			at: this.#context.now(),
		});
	}

	/** Ends whatever a failed start has started, its holder last. */
	async #clear(row: WorkerRow, holder: ProcessIdentity | null): Promise<void> {
		this.#supervisor.release(row.id);
		const tree = treeOf(row, { holder, child: null }, false, () => this.#supervisor.holderPids());
		const { monotonic: now, sleep } = this.#context;
		const left = await endProcesses(tree, [{ signals: ["SIGKILL"], withinMs: CLEAR_MS }], { now, sleep });
		if (left.length > 0) {
			this.#context.log("error", "a failed start left processes", {
				worker: row.id,
				pids: left.map(({ pid }) => pid),
			});
		}
		if (holder) signalProcess(holder, "SIGKILL");
		rmSync(holderSocket(this.#context.paths, row.id), { force: true });
	}

	#spec(session: SessionRow, row: WorkerRow): HolderSpec {
		const { paths, settings, env } = this.#context;
		const primary = row.position === 0;
		const isShell = session.command === null && primary;
		const agent = agentSpec(this.#context, row);
		return {
			protocol: LINK_PROTOCOL,
			sessionId: session.id,
			sessionName: session.name,
			workerId: row.id,
			generation: row.generation,
			nonce: row.nonce,
			argv: row.command,
			cwd: row.cwd,
			env: workerEnvironment(env, row.env, {
				sessionId: session.id,
				sessionName: session.name,
				workerId: row.id,
				cwd: row.cwd,
				shell: isShell ? session.shell : null,
			}),
			cols: row.cols,
			rows: row.rows,
			sizePolicy: session.sizePolicy,
			port: primary ? session.port : null,
			pty: settings.pty,
			screen: settings.screen,
			shellIntegration: settings.shellIntegration,
			journalLimitBytes: settings.journalLimitBytes,
			scrollbackLines: settings.scrollbackLines,
			socketPath: holderSocket(paths, row.id),
			generationDir: generationDir(paths, row.id, row.generation),
			tokensFile: paths.tokensFile,
			...(agent ? { agent } : {}),
			allowedOrigins: [`127.0.0.1:${settings.port}`, `localhost:${settings.port}`, ...settings.allowedHosts],
		};
	}
}
