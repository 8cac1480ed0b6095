/** What readers and writers of the database are given. */
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import type { EventType } from "../contract/system.ts";

/** What queries need to read. */
export type Reader = Pick<BunSQLiteDatabase, "select">;

/** The same connection within a transaction: what was prepared outside serves here as well. */
export type Transaction = Pick<BunSQLiteDatabase, "select" | "insert" | "update" | "delete">;

/** What happened, as a writer says it; number and time are added. */
export interface NewEvent {
	type: EventType;
	sessionId: string | null;
	workerId: string | null;
	data: Record<string, unknown>;
}

/** One transaction that must tell what it did. */
export interface Change {
	readonly tx: Transaction;
	/** Unix milliseconds, the same for the whole change. */
	readonly at: number;
	record(event: NewEvent): void;
}

/** One transaction of facts that nobody is told of: counters, the time of the last activity. */
export interface Bookkeeping {
	readonly tx: Transaction;
}
