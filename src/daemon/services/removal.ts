/** Forgetting sessions and workers: their rows and folders go, their events stay; a worktree goes with its session when that is asked. */
import { BerthError } from "../../contract/errors.ts";
import type { DeletedSession } from "../../contract/session.ts";
import { isLive } from "../../contract/state.ts";
import type { RemovedWorktree } from "../../contract/worktree.ts";
import { worktreeOf } from "../../store/repositories.ts";
import type { SessionRow, WorkerRow, WorktreeRow } from "../../store/schema.ts";
import { deleteSession, sessionById } from "../../store/sessions.ts";
import { deleteWorker, workerById, workersOf } from "../../store/workers.ts";
import type { ControlContext } from "./control-context.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { removeWith } from "./worker-folders.ts";
import type { Worktrees } from "./worktrees.ts";

export class Removal {
	readonly #context: ControlContext;
	readonly #lifecycle: Lifecycle;
	readonly #worktrees: Worktrees;
	readonly #onChanged: (sessionId: string) => void;
	/** Sessions whose worktree is being removed. */
	readonly #leaving = new Set<string>();

	/** `onChanged` is told when something of the session is gone. */
	constructor(
		context: ControlContext,
		lifecycle: Lifecycle,
		worktrees: Worktrees,
		onChanged: (sessionId: string) => void,
	) {
		this.#context = context;
		this.#lifecycle = lifecycle;
		this.#worktrees = worktrees;
		this.#onChanged = onChanged;
	}

	/** Throws `illegal_transition` while the session's worktree is being removed. */
	checkStays(sessionId: string): void {
		if (this.#leaving.has(sessionId))
			throw new BerthError("illegal_transition", "the session's worktree is just being removed");
	}

	/** Throws `session_running`, and what a worktree's removal refuses: then all is as it was, but for due restarts. */
	async remove(session: SessionRow, worktree?: { force: boolean }): Promise<DeletedSession> {
		const workers = workersOf(this.#read, session.id);
		if (workers.some(({ state }) => isLive(state))) {
			throw new BerthError(
				"session_running",
				`${session.name} runs; end it first: berth close ${session.name}`,
			);
		}
		const row = worktree ? worktreeOf(this.#read, session.id) : undefined;
		const removed = worktree && row ? await this.#removeWorktree(session, row, worktree.force) : undefined;
		this.forget(session, workers);
		return { status: "deleted", ...(removed ? { worktree: removed } : {}) };
	}

	forgetWorker(worker: WorkerRow): void {
		if (!workerById(this.#read, worker.id)) return;
		this.#lifecycle.armRestart({ ...worker, nextRestartAt: null });
		const { paths, store } = this.#context;
		removeWith(paths, [worker.id], () => store.change((change) => deleteWorker(change, worker.id)));
		this.#onChanged(worker.sessionId);
	}

	/** Nothing is left but its events. */
	forget(session: SessionRow, workers: readonly WorkerRow[]): void {
		if (!sessionById(this.#read, session.id)) return;
		for (const worker of workers) this.#lifecycle.armRestart({ ...worker, nextRestartAt: null });
		const { paths, store } = this.#context;
		const ids = workers.map(({ id }) => id);
		removeWith(paths, ids, () => store.change((change) => deleteSession(change, session.id)));
		this.#onChanged(session.id);
	}

	/** Nothing of the session starts while its directory goes; a removal that is refused leaves all as it was, but for due restarts. */
	async #removeWorktree(session: SessionRow, row: WorktreeRow, force: boolean): Promise<RemovedWorktree> {
		this.checkStays(session.id);
		this.#leaving.add(session.id);
		try {
			for (const { id } of workersOf(this.#read, session.id))
				await this.#lifecycle.stop(id, { reason: "closed", force: false });
			return await this.#worktrees.remove(row, force);
		} finally {
			this.#leaving.delete(session.id);
		}
	}

	get #read() {
		return this.#context.store.read;
	}
}
