/**
 * Queries that are asked again and again. Drizzle builds a query's text anew at every call: 0.25 to 0.5 ms and 50 KB of garbage in a daemon
 * that has just started, where running it takes 0.05. Taking up 100 sessions asks a dozen such queries of each.
 */
import { eq, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Reader } from "./change.ts";

/** The query that `make` prepares, made once for each database. What varies in it are placeholders. */
export function prepared<Database extends object, Query>(
	make: (database: Database) => Query,
): (database: Database) => Query {
	const made = new WeakMap<Database, Query>();
	return (database) => {
		let query = made.get(database);
		if (query === undefined) {
			query = make(database);
			made.set(database, query);
		}
		return query;
	};
}

/** The query for the row that has this text in a column. */
export function rowBy<Table extends SQLiteTable>(
	table: Table,
	column: SQLiteColumn,
): (read: Reader, value: string) => Table["$inferSelect"] | undefined {
	const query = prepared((read: Reader) =>
		read
			.select()
			.from(table as SQLiteTable)
			.where(eq(column, sql.placeholder("value")))
			.prepare(),
	);
	return (read, value) => query(read).get({ value });
}
