/** Queries of paused sessions. A session is paused exactly while it has a row here. */
import { eq } from "drizzle-orm";
import { type PauseRow, pauses } from "./schema.ts";
import type { Change, Reader } from "./store.ts";

export function allPauses(read: Reader): PauseRow[] {
	return read.select().from(pauses).all();
}

export function pauseOf(read: Reader, sessionId: string): PauseRow | undefined {
	return read.select().from(pauses).where(eq(pauses.sessionId, sessionId)).get();
}

export function savePause(change: Change, row: PauseRow): void {
	const { sessionId, ...rest } = row;
	change.tx.insert(pauses).values(row).onConflictDoUpdate({ target: pauses.sessionId, set: rest }).run();
	const workers = row.workers.map(({ id }) => id);
	change.record({ type: "session.paused", sessionId, workerId: null, data: { at: row.at, workers } });
}

/** `resumed`, or ended for good: it then is a session like any other that has ended. */
export function dropPause(change: Change, sessionId: string, why: "resumed" | "ended"): void {
	change.tx.delete(pauses).where(eq(pauses.sessionId, sessionId)).run();
	const told = { sessionId, workerId: null };
	if (why === "resumed") change.record({ type: "session.resumed", ...told, data: {} });
	else change.record({ type: "session.updated", ...told, data: { pausedAt: null } });
}
