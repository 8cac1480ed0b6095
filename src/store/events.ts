/** Queries of events. */
import { and, asc, desc, eq, gt, inArray, lt, lte, type SQL, sql } from "drizzle-orm";
import type { Event, EventType } from "../contract/system.ts";
import type { Bookkeeping, Change, NewEvent, Reader } from "./change.ts";
import { prepared } from "./prepared.ts";
import { events } from "./schema.ts";

export interface EventFilter {
	sessionId?: string;
	types?: readonly EventType[];
}

/** The numbers of the events that are kept. Without any, `oldest` is the number that the next one will get. */
export interface EventBounds {
	oldest: number;
	newest: number;
}

const insert = prepared((tx: Change["tx"]) =>
	tx
		.insert(events)
		.values({
			at: sql.placeholder("at"),
			type: sql.placeholder("type"),
			sessionId: sql.placeholder("sessionId"),
			workerId: sql.placeholder("workerId"),
			data: sql.placeholder("data"),
		})
		.returning()
		.prepare(),
);

/** Writers call `change.record`; this is what it does. */
export function insertEvent(tx: Change["tx"], at: number, event: NewEvent): Event {
	return insert(tx).get({ at, ...event });
}

/** Events after the number `after`, oldest first, at most `limit`. */
export function eventsAfter(read: Reader, after: number, limit: number, filter: EventFilter = {}): Event[] {
	return read
		.select()
		.from(events)
		.where(and(gt(events.seq, after), ...conditions(filter)))
		.orderBy(asc(events.seq))
		.limit(limit)
		.all();
}

/** The last `limit` events before the number `before`, oldest first. */
export function eventsBefore(read: Reader, before: number, limit: number, filter: EventFilter = {}): Event[] {
	return read
		.select()
		.from(events)
		.where(and(lt(events.seq, before), ...conditions(filter)))
		.orderBy(desc(events.seq))
		.limit(limit)
		.all()
		.reverse();
}

export function eventBounds(read: Reader): EventBounds {
	const newest =
		read.select({ seq: sql<number>`seq` }).from(sql`sqlite_sequence`).where(sql`name = 'events'`).get()
			?.seq ?? 0;
	const first = read.select({ seq: events.seq }).from(events).orderBy(asc(events.seq)).limit(1).get();
	return { oldest: first?.seq ?? newest + 1, newest };
}

/** Drops what is older than `before` (Unix milliseconds) or beyond the newest `count`. Numbers are never given again. */
export function pruneEvents({ tx }: Bookkeeping, before: number, count: number): void {
	const cut = tx
		.select({ seq: events.seq })
		.from(events)
		.orderBy(desc(events.seq))
		.offset(count)
		.limit(1)
		.get();
	if (cut) tx.delete(events).where(lte(events.seq, cut.seq)).run();
	// By number, not by time alone: a clock that was set back must not leave a hole in the middle.
	const old = tx
		.select({ seq: sql<number | null>`max(${events.seq})` })
		.from(events)
		.where(lt(events.at, before))
		.get();
	if (old?.seq != null) tx.delete(events).where(lte(events.seq, old.seq)).run();
}

function conditions({ sessionId, types }: EventFilter): SQL[] {
	const all: SQL[] = [];
	if (sessionId !== undefined) all.push(eq(events.sessionId, sessionId));
	if (types !== undefined) all.push(inArray(events.type, [...types]));
	return all;
}
