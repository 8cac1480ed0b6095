/**
 * Queries that are asked again and again. Drizzle builds a query's text anew at every call: 0.25 to 0.5 ms and 50 KB of garbage in a daemon
 * that has just started, where running it takes 0.05. Taking up 100 sessions asks a dozen such queries of each.
 */
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
