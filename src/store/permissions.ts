/** Queries of requests for permission. Every change of state goes through the contract's table. */
import { and, asc, count, eq } from "drizzle-orm";
import { type PermissionRow, permissions } from "./schema.ts";
import type { Reader } from "./store.ts";

/** How many of an agent's requests wait for an answer. */
export function waitingPermissions(read: Reader, workerId: string): number {
	const waiting = and(eq(permissions.workerId, workerId), eq(permissions.state, "pending"));
	return read.select({ count: count() }).from(permissions).where(waiting).get()?.count ?? 0;
}

/** The request of an agent that has waited longest, of those that came this way. */
export function oldestWaiting(
	read: Reader,
	workerId: string,
	source: PermissionRow["source"],
): PermissionRow | undefined {
	const { state, createdAt } = permissions;
	const waiting = and(
		eq(permissions.workerId, workerId),
		eq(state, "pending"),
		eq(permissions.source, source),
	);
	return read.select().from(permissions).where(waiting).orderBy(asc(createdAt)).limit(1).get();
}
