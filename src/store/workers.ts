/** Queries of workers. Every change of state goes through the contract's table. */
import { asc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { type Exit, transition, type WorkerState } from "../contract/state.ts";
import { cancelPermissions } from "./permissions.ts";
import { prepared, rowBy } from "./prepared.ts";
import { type WorkerFacts, type WorkerRow, workers } from "./schema.ts";
import type { Bookkeeping, Change, Reader } from "./store.ts";

/** What may be written without an event: facts that change with every output, and whose process it is. */
export type WorkerNote = Partial<
	Pick<WorkerRow, "offset" | "title" | "cols" | "rows" | "holderPid" | "holderStart" | "bootId">
>;

/** Everything but identity and state; a new state goes through {@link moveWorker}. */
export type WorkerPatch = Partial<Omit<WorkerRow, "id" | "sessionId" | "position" | "state">>;

const LIVE: WorkerState[] = ["starting", "running", "stopping"];

const { env: _env, ...facts } = getTableColumns(workers);

const ofSession = prepared((read: Reader) =>
	read
		.select()
		.from(workers)
		.where(eq(workers.sessionId, sql.placeholder("sessionId")))
		.orderBy(asc(workers.position))
		.prepare(),
);

/** In the session's order: the primary worker first. */
export function workersOf(read: Reader, sessionId: string): WorkerRow[] {
	return ofSession(read).all({ sessionId });
}

const listed = prepared((read: Reader) =>
	read.select(facts).from(workers).orderBy(asc(workers.sessionId), asc(workers.position)).prepare(),
);

export function allWorkers(read: Reader): WorkerFacts[] {
	return listed(read).all();
}

/** Workers that have, or may have, a process. */
export function liveWorkers(read: Reader): WorkerRow[] {
	return read.select().from(workers).where(inArray(workers.state, LIVE)).all();
}

export const workerById = rowBy(workers, workers.id);

/** A new worker starts out `starting`. Throws `name_taken` when the session has one of this name. */
export function createWorker(change: Change, row: WorkerRow): void {
	change.tx.insert(workers).values(row).run();
	const { id, sessionId, name, kind, state, generation, command, cwd } = row;
	const data = { name, kind, state, generation, command, cwd };
	change.record({ type: "worker.created", sessionId, workerId: id, data });
}

/** Moves a worker to another state, with what belongs to that. Throws `illegal_transition`, and then nothing is written. */
export function moveWorker(change: Change, id: string, to: WorkerState, patch: WorkerPatch = {}): WorkerRow {
	const before = found(workerById(change.tx, id), id);
	const state = transition("worker", before.state, to);
	const row = change.tx
		.update(workers)
		.set({ ...patch, state })
		.where(eq(workers.id, id))
		.returning()
		.get();
	const after = found(row, id);
	const { generation, pid, stopReason } = after;
	const data = { state, from: before.state, generation, pid, exit: exitOf(after), stopReason };
	change.record({ type: `worker.${state}`, sessionId: after.sessionId, workerId: id, data });
	return after;
}

/** Changes facts of a worker that people follow, without a change of state. */
export function updateWorker(change: Change, id: string, patch: WorkerPatch): WorkerRow {
	const row = change.tx.update(workers).set(patch).where(eq(workers.id, id)).returning().get();
	const after = found(row, id);
	const { env: _env, nonce: _nonce, ...data } = patch;
	change.record({ type: "worker.updated", sessionId: after.sessionId, workerId: id, data });
	return after;
}

/** Takes a worker that has ended out of its session. */
export function deleteWorker(change: Change, id: string): void {
	cancelPermissions(change, { workerId: id });
	const row = found(change.tx.delete(workers).where(eq(workers.id, id)).returning().get(), id);
	change.record({
		type: "worker.updated",
		sessionId: row.sessionId,
		workerId: id,
		data: { deleted: true, name: row.name },
	});
}

export function noteWorker({ tx }: Bookkeeping, id: string, note: WorkerNote): void {
	tx.update(workers).set(note).where(eq(workers.id, id)).run();
}

/** How the worker ended; null while it has not. */
export function exitOf(row: Pick<WorkerRow, "exitReason" | "exitCode" | "exitSignal">): Exit | null {
	if (row.exitReason === null) return null;
	return { code: row.exitCode, signal: row.exitSignal, reason: row.exitReason };
}

function found(row: WorkerRow | undefined, id: string): WorkerRow {
	if (!row) throw new BerthError("worker_not_found", `there is no worker ${id}`);
	return row;
}
