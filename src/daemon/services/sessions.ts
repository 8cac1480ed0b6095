/** Sessions, as the routes ask for them: references are resolved here, and what is answered is composed here. */
import type { SessionProcess } from "../../contract/activity.ts";
import type { RestartOptions } from "../../contract/agent-start.ts";
import { BerthError } from "../../contract/errors.ts";
import type { HolderSpec } from "../../contract/link.ts";
import type {
	DeletedSession,
	NewSession,
	NewWorker,
	Restarted,
	Session,
	SessionPatch,
	Worker,
	WorkerPatch,
} from "../../contract/session.ts";
import type { SignalName } from "../../contract/signals.ts";
import { isLive } from "../../contract/state.ts";
import type { WorktreeState } from "../../contract/worktree.ts";
import type { HolderClient } from "../../link/client.ts";
import { readJson } from "../../platform/files.ts";
import { workerSpecFile } from "../../platform/paths.ts";
import { foregroundGroupOf, livingProcess } from "../../platform/processes/index.ts";
import { worktreeOf } from "../../store/repositories.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import { allSessions, sessionById, updateSession } from "../../store/sessions.ts";
import { allWorkers, workersOf } from "../../store/workers.ts";
import { checkNewName } from "./admission.ts";
import { agentView } from "./agents/view.ts";
import { Alarms } from "./alarms.ts";
import type { ControlContext } from "./control-context.ts";
import { Creation } from "./creation.ts";
import { Git } from "./git.ts";
import { IdleReaper, idleTimeout } from "./idle.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Pausing } from "./pausing.ts";
import { type Reconciled, Reconciler } from "./reconcile.ts";
import { findSession, findWorker } from "./references.ts";
import { Removal } from "./removal.ts";
import { Repositories } from "./repositories.ts";
import type { SessionsService } from "./sessions-service.ts";
import type { StopRequest } from "./stopper.ts";
import type { Supervisor } from "./supervisor.ts";
import { sessionView, type ViewSources, workerView } from "./views.ts";
import { checkForgettable } from "./worker-changes.ts";
import { rolesOf } from "./worker-processes.ts";
import { WorkerUpdates } from "./worker-updates.ts";
import { factsOf, Worktrees } from "./worktrees.ts";

export class Sessions implements SessionsService {
	readonly #context: ControlContext;
	readonly #lifecycle: Lifecycle;
	readonly #alarms: Alarms;
	readonly #idle: IdleReaper;
	readonly #views: ViewSources;
	readonly #pausing: Pausing;
	readonly #worktrees: Worktrees;
	readonly #updates: WorkerUpdates;
	readonly #removal: Removal;
	readonly #creation: Creation;

	constructor(context: ControlContext) {
		this.#context = context;
		this.#alarms = new Alarms(context.now, context.monotonic);
		this.#lifecycle = new Lifecycle(context, this.#alarms, (sessionId) => this.#idle.arm(sessionId));
		this.#idle = new IdleReaper(context, this.#alarms, {
			flush: () => this.#lifecycle.facts.flush(),
			ask: (workerId, withinMs) => this.#client(workerId).call("status", {}, withinMs),
			end: (session) => this.#stopAll(session, { reason: "idle", force: false }),
		});
		this.#updates = new WorkerUpdates(context, {
			holderOf: (workerId) => this.#client(workerId),
			restart: (workerId, options) => this.#lifecycle.restart(workerId, options),
		});
		this.#pausing = new Pausing(context, this.#lifecycle);
		const git = new Git(context.env);
		const { store, env, now } = context;
		const repositories = new Repositories({ store, git, home: env.HOME || "/", now });
		this.#worktrees = new Worktrees(git, context.paths);
		this.#removal = new Removal(context, this.#lifecycle, this.#worktrees, (sessionId) =>
			this.#idle.arm(sessionId),
		);
		this.#creation = new Creation(context, {
			...{ lifecycle: this.#lifecycle, removal: this.#removal },
			...{ repositories, worktrees: this.#worktrees },
		});
		this.#views = {
			pausedAt: (sessionId) => this.#pausing.pausedAt(sessionId),
			worktree: ({ id }) => {
				const row = worktreeOf(this.#read, id);
				return row && factsOf(row);
			},
			paths: context.paths,
			agent: (worker) => agentView(this.#read, worker),
			status: (workerId) => this.#lifecycle.supervisor.status(workerId),
			idleTimeout: (session) => idleTimeout(session, context.settings.idleTimeoutSeconds),
		};
	}

	/** Takes up what an earlier daemon left. Call once, before the first request is served. */
	async start(): Promise<Reconciled> {
		const counts = await new Reconciler(this.#context, this.#lifecycle).run();
		this.#pausing.finish();
		for (const { id } of allSessions(this.#read)) this.#idle.arm(id);
		return counts;
	}

	/** The connections to the holders, for what listens to them and asks them things besides the sessions. */
	get supervisor(): Supervisor {
		return this.#lifecycle.supervisor;
	}

	/** Lets go of everything; holders and their processes carry on. */
	async stop(): Promise<void> {
		this.#alarms.stop();
		await this.#lifecycle.shutdown();
		this.#alarms.stop();
	}

	list(all: boolean): Session[] {
		const workers = Map.groupBy(allWorkers(this.#read), ({ sessionId }) => sessionId);
		return allSessions(this.#read).flatMap((session) => {
			const own = workers.get(session.id) ?? [];
			// One that is about to be started again has not ended.
			const live = own.some(({ state, nextRestartAt }) => isLive(state) || nextRestartAt !== null);
			const listed = all || live || this.#pausing.pausedAt(session.id) !== undefined;
			return listed ? [sessionView(this.#views, session, own)] : [];
		});
	}

	get(ref: string): Session {
		return this.#view(findSession(this.#read, ref));
	}

	worker(ref: string, workerRef?: string): Worker {
		return workerView(this.#views, this.#find(ref, workerRef));
	}

	async create(asked: NewSession): Promise<Session> {
		return this.#view(await this.#creation.create(asked));
	}

	async addWorker(ref: string, input: NewWorker): Promise<Worker> {
		const session = findSession(this.#read, ref);
		this.#pausing.checkNotPaused(session);
		const { id } = await this.#creation.addWorker(session, input);
		return this.worker(session.id, id);
	}

	update(ref: string, patch: SessionPatch): Session {
		const session = findSession(this.#read, ref);
		const { name, tags, idleTimeoutSeconds } = patch;
		const change: Partial<SessionRow> = {};
		if (name !== undefined) {
			if (name !== session.name) checkNewName(this.#read, name);
			Object.assign(change, { name, named: true });
		}
		if (tags !== undefined) change.tags = tags;
		if (idleTimeoutSeconds !== undefined) change.idleTimeoutSeconds = idleTimeoutSeconds ?? 0;
		const updated = this.#context.store.change((transaction) =>
			updateSession(transaction, session.id, change),
		);
		this.#idle.arm(session.id);
		return this.#view(updated);
	}

	async updateWorker(ref: string, workerRef: string, patch: WorkerPatch): Promise<Worker> {
		const session = findSession(this.#read, ref);
		const { id } = findWorker(this.#read, session, workerRef);
		await this.#updates.apply(id, patch);
		return this.worker(session.id, id);
	}

	removeWorker(ref: string, workerRef: string): void {
		const session = findSession(this.#read, ref);
		const worker = findWorker(this.#read, session, workerRef);
		checkForgettable(session, worker);
		this.#removal.forgetWorker(worker);
	}

	async worktree(ref: string): Promise<WorktreeState> {
		const session = findSession(this.#read, ref);
		const row = worktreeOf(this.#read, session.id);
		if (!row) throw new BerthError("no_worktree", `${session.name} runs in a directory that it did not make`);
		return this.#worktrees.state(row);
	}

	async remove(ref: string, worktree?: { force: boolean }): Promise<DeletedSession> {
		return this.#removal.remove(findSession(this.#read, ref), worktree);
	}

	async close(ref: string, workerRef?: string): Promise<void> {
		await this.#stop(ref, workerRef, { reason: "closed", force: false });
	}

	async kill(ref: string, workerRef?: string): Promise<void> {
		await this.#stop(ref, workerRef, { reason: "killed", force: true });
	}

	async pause(ref: string): Promise<Session> {
		const session = findSession(this.#read, ref);
		await this.#pausing.pause(session);
		return this.#view(session);
	}

	async resume(ref: string): Promise<Session> {
		const session = findSession(this.#read, ref);
		this.#removal.checkStays(session.id);
		await this.#pausing.resume(session);
		return this.#view(session);
	}

	async restart(ref: string, workerRef?: string, options: RestartOptions = {}): Promise<Restarted> {
		const session = findSession(this.#read, ref);
		const worker = findWorker(this.#read, session, workerRef);
		this.#removal.checkStays(session.id);
		this.#pausing.checkNotPaused(session);
		const { generation } = await this.#lifecycle.restart(worker.id, options);
		const { port, name, shell } = sessionById(this.#read, worker.sessionId)!;
		return { status: "restarted", port, name, shell, generation };
	}

	/** Straight to the kernel: it works when the holder hangs. */
	async signal(ref: string, signal: SignalName, workerRef?: string): Promise<{ pgid: number }> {
		const worker = this.#find(ref, workerRef);
		const { child } = rolesOf(worker);
		const pgid = child && livingProcess(child) ? foregroundGroupOf(child.pid) : null;
		if (pgid === null)
			throw new BerthError("session_ended", `${worker.name} has ended; there is nothing to signal`);
		try {
			process.kill(-pgid, `SIG${signal}`);
		} catch (error) {
			const gone = (error as NodeJS.ErrnoException).code === "ESRCH";
			const why = gone ? "has ended meanwhile" : `does not take signals from us: ${(error as Error).message}`;
			throw new BerthError(
				gone ? "session_ended" : "stop_failed",
				`process group ${pgid} ${why}`,
				undefined,
				error,
			);
		}
		return { pgid };
	}

	holder(ref: string, workerRef?: string): HolderClient {
		const worker = this.#find(ref, workerRef);
		if (!isLive(worker.state))
			throw new BerthError("session_ended", `${worker.name} has ended; restart it to go on`);
		return this.#client(worker.id);
	}

	processes(ref: string, workerRef?: string): SessionProcess[] {
		const session = findSession(this.#read, ref);
		const workers =
			workerRef === undefined
				? workersOf(this.#read, session.id)
				: [findWorker(this.#read, session, workerRef)];
		return workers.flatMap((row) => this.#lifecycle.processesOf(row));
	}

	spec(ref: string, workerRef?: string): HolderSpec {
		const { id } = this.#find(ref, workerRef);
		const spec = readJson<HolderSpec>(workerSpecFile(this.#context.paths, id));
		if (!spec)
			throw new BerthError("internal", `the folder of ${id} is gone; forget the session, or restart it`);
		return spec;
	}

	get #read() {
		return this.#context.store.read;
	}

	#find(ref: string, workerRef?: string): WorkerRow {
		return findWorker(this.#read, findSession(this.#read, ref), workerRef);
	}

	#client(workerId: string): HolderClient {
		const client = this.#lifecycle.supervisor.client(workerId);
		if (client) return client;
		throw new BerthError(
			"holder_unreachable",
			"the holder does not answer; it may be stopped. Close and kill still work",
		);
	}

	#view(session: SessionRow): Session {
		const row = sessionById(this.#read, session.id);
		if (!row) throw new BerthError("session_not_found", `${session.name} was forgotten meanwhile`);
		return sessionView(this.#views, row, workersOf(this.#read, row.id));
	}

	async #stop(ref: string, workerRef: string | undefined, request: StopRequest): Promise<void> {
		const session = findSession(this.#read, ref);
		if (workerRef === undefined) {
			this.#pausing.forget(session.id);
			await this.#stopAll(session, request);
		} else await this.#lifecycle.stop(findWorker(this.#read, session, workerRef).id, request);
	}

	/** All workers at once; when some could not be ended the others still are, and the failure is told then. */
	async #stopAll(session: SessionRow, request: StopRequest): Promise<void> {
		const stops = workersOf(this.#read, session.id).map(({ id }) => this.#lifecycle.stop(id, request));
		for (const outcome of await Promise.allSettled(stops)) {
			if (outcome.status === "rejected") throw outcome.reason;
		}
	}
}
