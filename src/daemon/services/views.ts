/** Sessions and workers as the API shows them: what is stored, and what their holders last told. */
import type { Agent } from "../../contract/agent.ts";
import type { HolderStatus } from "../../contract/link.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { isLive } from "../../contract/state.ts";
import type { Worktree } from "../../contract/worktree.ts";
import { holderSocket, type Paths } from "../../platform/paths.ts";
import type { SessionFacts, WorkerFacts } from "../../store/schema.ts";
import { exitOf } from "../../store/workers.ts";

export interface ViewSources {
	paths: Paths;
	/** What a live worker's holder last told; null when nothing. */
	status(workerId: string): HolderStatus | null;
	/** Unix milliseconds; undefined while it is not paused. */
	pausedAt(sessionId: string): number | undefined;
	/** Of a session of that kind. */
	worktree(session: SessionFacts): Worktree | undefined;
	/** Of a worker of that kind. */
	agent(worker: WorkerFacts): Agent;
	/** Seconds; null when it is never reaped. */
	idleTimeout(session: SessionFacts): number | null;
}

export function workerView(sources: ViewSources, row: WorkerFacts): Worker {
	const live = isLive(row.state);
	const status = live ? sources.status(row.id) : null;
	const facts = {
		id: row.id,
		sessionId: row.sessionId,
		name: row.name,
		state: row.state,
		exit: exitOf(row),
		generation: row.generation,
		pid: row.pid,
		command: row.command,
		cwd: status?.cwd ?? row.cwd,
		title: status?.title ?? row.title,
		cols: status?.cols ?? row.cols,
		rows: status?.rows ?? row.rows,
		offset: Math.max(status?.offset ?? 0, row.offset),
		viewers: status?.viewers ?? 0,
		writers: status?.writers ?? 0,
		prompt: status?.prompt ?? "none",
		foreground: status?.foreground ?? null,
		lastLine: status?.lastLine ?? "",
		restarts: row.restarts,
		startedAt: row.startedAt,
		endedAt: row.endedAt,
		socket: live ? holderSocket(sources.paths, row.id) : null,
	};
	if (row.kind === "agent") return { ...facts, kind: "agent", agent: sources.agent(row) };
	return { ...facts, kind: "terminal" };
}

export function sessionView(
	sources: ViewSources,
	row: SessionFacts,
	workerRows: readonly WorkerFacts[],
): Session {
	const workers = workerRows.map((worker) => workerView(sources, worker));
	const pausedAt = sources.pausedAt(row.id);
	return {
		id: row.id,
		name: row.name,
		port: row.port,
		kind: row.kind,
		cwd: row.cwd,
		shell: row.shell,
		tags: row.tags,
		createdAt: row.createdAt,
		lastActiveAt: lastActiveAt(sources, row, workerRows),
		idleTimeoutSeconds: sources.idleTimeout(row),
		restart: row.restart,
		sizePolicy: row.sizePolicy,
		viewers: workers.reduce((sum, { viewers, writers }) => sum + viewers + writers, 0),
		...(pausedAt === undefined ? {} : { pausedAt }),
		...(row.kind === "worktree" ? { worktree: sources.worktree(row) } : {}),
		workers,
	};
}

/** The stored time, or what its holders have told since it was written. */
export function lastActiveAt(
	sources: Pick<ViewSources, "status">,
	row: SessionFacts,
	workers: readonly WorkerFacts[],
): number {
	const told = workers.map(({ id }) => {
		const status = sources.status(id);
		return status ? Math.max(status.lastOutputAt, status.lastInputAt) : 0;
	});
	return Math.max(row.lastActiveAt, ...told);
}
