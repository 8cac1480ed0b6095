/** Brings a database to this binary's schema. The version is SQLite's `user_version`; `meta` keeps each migration's hash. */
import type { Database } from "bun:sqlite";
import { BerthError } from "../contract/errors.ts";
import type { Migration } from "./migrations.macro.ts";

export type { Migration };

const hashKey = (version: number) => `migration:${version}`;

/** What is still to be applied; refuses a database that a newer Berth, or another history, has made. */
export function pendingMigrations(
	database: Database,
	migrations: readonly Migration[],
	path: string,
): { from: number; pending: readonly Migration[] } {
	const from = versionOf(database);
	const known = migrations.length;
	const refuse = (what: string): never => {
		const advice = "Start the Berth that made it, or move the file away to start with an empty one";
		const detail = `the database ${path} ${what}. It was left as it is. ${advice}.`;
		throw new BerthError("store_failed", detail, { file: path, version: from, known });
	};
	if (from > known) refuse(`was made by a newer Berth (version ${from}; this one knows ${known})`);
	for (const migration of migrations.slice(0, from)) {
		const applied = database
			.query<{ value: string }, [string]>("SELECT value FROM meta WHERE key = ?")
			.get(hashKey(migration.version));
		if (applied?.value !== migration.hash) refuse(`has another history at version ${migration.version}`);
	}
	return { from, pending: migrations.slice(from) };
}

/** Applies what is missing, all in one transaction: after a crash the file is as before or as after. */
export function applyMigrations(database: Database, migrations: readonly Migration[]): void {
	const apply = database.transaction(() => {
		for (const migration of migrations.slice(versionOf(database))) {
			for (const statement of migration.statements) database.run(statement);
			database
				.query("INSERT INTO meta (key, value) VALUES (?, ?)")
				.run(hashKey(migration.version), migration.hash);
			database.run(`PRAGMA user_version = ${migration.version}`);
		}
		const orphan = database.query("PRAGMA foreign_key_check").get();
		if (orphan !== null) throw new Error(`a migration left an orphan: ${JSON.stringify(orphan)}`);
	});
	apply.immediate();
}

export function versionOf(database: Database): number {
	return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}
