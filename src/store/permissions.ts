/** Queries of requests for permission. Every change of state goes through the contract's table. */
import { and, asc, count, desc, eq, ne, type SQL } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import type { Answers } from "../contract/question.ts";
import { allows, type PermissionState } from "../contract/state.ts";
import { type PermissionRow, permissions } from "./schema.ts";
import type { Bookkeeping, Change, Reader } from "./store.ts";

export interface PermissionFilter {
	state?: PermissionState;
	sessionId?: string;
	workerId?: string;
}

/** How a request ended. */
export interface PermissionEnding extends Pick<PermissionRow, "optionId" | "ruleId" | "reason"> {
	/** To its questions, when it had some and they were answered. */
	answers?: Answers;
	state: Exclude<PermissionState, "pending">;
	decision: NonNullable<PermissionRow["decision"]>;
	by: NonNullable<PermissionRow["by"]>;
	/** Unix milliseconds. */
	endedAt: number;
}

/** Characters of a command or a path in an event: the request itself has all of it. */
const TOLD_SUBJECT = 2000;

/** How many of an agent's requests wait for an answer. */
export function waitingPermissions(read: Reader, workerId: string): number {
	const waiting = and(eq(permissions.workerId, workerId), eq(permissions.state, "pending"));
	return read.select({ count: count() }).from(permissions).where(waiting).get()?.count ?? 0;
}

export function permissionById(read: Reader, id: string): PermissionRow | undefined {
	return read.select().from(permissions).where(eq(permissions.id, id)).get();
}

/** The newest `limit`, oldest first. */
export function listPermissions(read: Reader, filter: PermissionFilter, limit: number): PermissionRow[] {
	return read
		.select()
		.from(permissions)
		.where(and(...conditions(filter)))
		.orderBy(desc(permissions.createdAt), desc(permissions.id))
		.limit(limit)
		.all()
		.reverse();
}

/** The request of an agent that has waited longest, of those that came this way. */
export function oldestWaiting(
	read: Reader,
	workerId: string,
	source: PermissionRow["source"],
): PermissionRow | undefined {
	return pendingPermissions(read, { workerId }).find((row) => row.source === source);
}

/** All that wait, oldest first. */
export function pendingPermissions(
	read: Reader,
	filter: Omit<PermissionFilter, "state"> = {},
): PermissionRow[] {
	return read
		.select()
		.from(permissions)
		.where(and(...conditions({ ...filter, state: "pending" })))
		.orderBy(asc(permissions.createdAt), asc(permissions.id))
		.all();
}

/** A new request starts out `pending`. */
export function createPermission(change: Change, row: PermissionRow): void {
	change.tx.insert(permissions).values(row).run();
	const { id, agent, source, tool, kind, title, deadlineAt } = row;
	const subject = row.subject.slice(0, TOLD_SUBJECT);
	const questions = row.questions.length;
	const data = { id, agent, source, tool, kind, title, subject, questions, deadlineAt };
	const { sessionId, workerId } = row;
	change.record({ type: "permission.requested", sessionId, workerId, data });
}

/** Ends a request. Throws `permission_ended` when it has ended, and then nothing is written. */
export function endPermission(change: Change, id: string, ending: PermissionEnding): PermissionRow {
	const before = permissionById(change.tx, id);
	if (!before) throw new BerthError("permission_not_found", `there is no request for permission ${id}`);
	if (!allows("permission", before.state, ending.state)) throw permissionEnded(before);
	change.tx.update(permissions).set(ending).where(eq(permissions.id, id)).run();
	const { sessionId, workerId, tool, title, source } = before;
	const { state, decision, optionId, by, ruleId, reason } = ending;
	const data = { id, source, tool, title, state, decision, optionId, by, ruleId, reason };
	change.record({ type: "permission.ended", sessionId, workerId, data });
	return { ...before, ...ending, answers: ending.answers ?? null };
}

/** Ends what still waits of those that are about to go with their worker or session. */
export function cancelPermissions(change: Change, of: { workerId: string } | { sessionId: string }): void {
	for (const { id } of pendingPermissions(change.tx, of)) {
		endPermission(change, id, {
			state: "cancelled",
			decision: "deny",
			optionId: null,
			by: "daemon",
			ruleId: null,
			reason: "the agent was deleted",
			endedAt: change.at,
		});
	}
}

/** Drops the oldest that have ended, all but `count`. */
export function prunePermissions({ tx }: Bookkeeping, count: number): void {
	const old = tx
		.select({ id: permissions.id })
		.from(permissions)
		.where(ne(permissions.state, "pending"))
		.orderBy(desc(permissions.createdAt), desc(permissions.id))
		// SQLite takes an offset only beside a limit.
		.limit(Number.MAX_SAFE_INTEGER)
		.offset(count)
		.all();
	for (const { id } of old) tx.delete(permissions).where(eq(permissions.id, id)).run();
}

export function permissionEnded({ id, state, decision, by, reason }: PermissionRow): BerthError {
	const how = reason === null ? "" : `: ${reason}`;
	return new BerthError(
		"permission_ended",
		`the request ${id} has ended (${state}, ${decision === "allow" ? "allowed" : "denied"} by ${by}${how})`,
		{ state, decision, by },
	);
}

function conditions({ state, sessionId, workerId }: PermissionFilter): SQL[] {
	const all: SQL[] = [];
	if (state !== undefined) all.push(eq(permissions.state, state));
	if (sessionId !== undefined) all.push(eq(permissions.sessionId, sessionId));
	if (workerId !== undefined) all.push(eq(permissions.workerId, workerId));
	return all;
}
