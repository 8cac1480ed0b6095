/** Queries of requests for permission. Every change of state goes through the contract's table. */
import { and, count, eq } from "drizzle-orm";
import { permissions } from "./schema.ts";
import type { Reader } from "./store.ts";

/** How many of an agent's requests wait for an answer. */
export function waitingPermissions(read: Reader, workerId: string): number {
	const waiting = and(eq(permissions.workerId, workerId), eq(permissions.state, "pending"));
	return read.select({ count: count() }).from(permissions).where(waiting).get()?.count ?? 0;
}
