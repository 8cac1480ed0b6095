/**
 * Runs at bundling time (and when the source is run directly): reads what drizzle-kit generated, so that a new migration is in the
 * binary without a list that somebody must remember to extend.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One migration of the folder `drizzle/`. */
export interface Migration {
	/** Position in the history, from 1; a database's version is the highest that was applied. */
	version: number;
	/** Name of its file without `.sql`. */
	tag: string;
	/** SHA-256 of the file: the same version with another content is another history. */
	hash: string;
	statements: string[];
}

interface Journal {
	entries: { idx: number; tag: string }[];
}

/** Where drizzle-kit separates the statements of a file. */
const BREAKPOINT = "--> statement-breakpoint";

export function readMigrations(): Migration[] {
	const folder = join(import.meta.dir, "../../drizzle");
	const journal = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8")) as Journal;
	return journal.entries.map(({ idx, tag }) => {
		const sql = readFileSync(join(folder, `${tag}.sql`), "utf8");
		return {
			version: idx + 1,
			tag,
			hash: createHash("sha256").update(sql).digest("hex"),
			statements: sql.split(BREAKPOINT).map((statement) => statement.trim()),
		};
	});
}
