/** Queries of conversations' items. A changed item is taken out and put in again, which gives it a new cursor. */
import { and, asc, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Item } from "../contract/conversation.ts";
import { type ItemRow, items } from "./schema.ts";
import type { Bookkeeping, Reader } from "./store.ts";

export type NewItem = Omit<ItemRow, "cursor">;

/** Rows of one statement: SQLite takes 32,766 values in one, and an item has seven. */
const ROWS_AT_ONCE = 1000;

/** Those of these items that are stored. */
export function itemsById(read: Reader, workerId: string, ids: readonly string[]): ItemRow[] {
	return chunks(ids).flatMap((some) =>
		read
			.select()
			.from(items)
			.where(and(eq(items.workerId, workerId), inArray(items.id, [...some])))
			.all(),
	);
}

/** Stores new items and other versions of stored ones, in this order: each with a cursor beyond every other. */
export function putItems({ tx }: Bookkeeping, workerId: string, changed: readonly NewItem[]): void {
	for (const some of chunks(changed)) {
		const ids = some.map(({ id }) => id);
		tx.delete(items)
			.where(and(eq(items.workerId, workerId), inArray(items.id, ids)))
			.run();
		// Field by field: an item that was read has a cursor, and must not take it along.
		const rows = some.map(({ id, index, generation, at, updatedAt, body }) => ({
			...{ workerId, id, index, generation, at, updatedAt, body },
		}));
		tx.insert(items).values(rows).run();
	}
}

/** What is new or changed since the cursor `after`, at most `limit`, by cursor. */
export function itemsAfter(read: Reader, workerId: string, after: number, limit: number): Item[] {
	return read
		.select()
		.from(items)
		.where(and(eq(items.workerId, workerId), gt(items.cursor, after)))
		.orderBy(asc(items.cursor))
		.limit(limit)
		.all();
}

/** The last `limit` before the cursor `before`, by cursor. */
export function itemsBefore(read: Reader, workerId: string, before: number, limit: number): Item[] {
	return read
		.select()
		.from(items)
		.where(and(eq(items.workerId, workerId), lt(items.cursor, before)))
		.orderBy(desc(items.cursor))
		.limit(limit)
		.all()
		.reverse();
}

/** As the conversation went: `limit` items from place `from` on. */
export function itemsInOrder(read: Reader, workerId: string, from: number, limit: number): Item[] {
	const rest = and(eq(items.workerId, workerId), sql`${items.index} >= ${from}`);
	return read.select().from(items).where(rest).orderBy(asc(items.index)).limit(limit).all();
}

/** Items of a generation that something was still to come for. */
export function openItems(read: Reader, workerId: string, generation: number): ItemRow[] {
	const field = (name: "done" | "status" | "state") => sql`${items.body} ->> ${`$.${name}`}`;
	const open = sql`(${field("done")} = 0 or ${field("status")} in ('pending', 'running')
		or ${field("state")} in ('pending', 'claimed', 'running', 'stopping'))`;
	const mine = and(eq(items.workerId, workerId), eq(items.generation, generation));
	return read.select().from(items).where(and(mine, open)).orderBy(asc(items.index)).all();
}

/** The highest cursor ever given, of all conversations. */
export function newestCursor(read: Reader): number {
	const row = read
		.select({ seq: sql<number>`seq` })
		.from(sql`sqlite_sequence`)
		.where(sql`name = 'items'`)
		.get();
	return row?.seq ?? 0;
}

/** Hashes of the images that conversations show, some of them more than once. */
export function* imagesInItems(read: Reader): Generator<string, void, void> {
	const texts = read
		.select({ body: sql<string>`${items.body}` })
		.from(items)
		.where(sql`${items.body} like '%"sha256"%'`)
		.all();
	for (const { body } of texts) yield* hashesIn(body);
}

/** Everything in a JSON text that stands where an image's hash stands. */
export function hashesIn(text: string): string[] {
	return [...text.matchAll(/"sha256":"([0-9a-f]{64})"/g)].map(([, hash]) => hash!);
}

function chunks<T>(all: readonly T[]): (readonly T[])[] {
	const count = Math.ceil(all.length / ROWS_AT_ONCE);
	return Array.from({ length: count }, (_, n) => all.slice(n * ROWS_AT_ONCE, (n + 1) * ROWS_AT_ONCE));
}
