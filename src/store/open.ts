/**
 * Opening the database: a file that is damaged, foreign or from a newer Berth is refused by name and stays exactly as it is; one
 * that needs a migration is copied first.
 */
import { Database } from "bun:sqlite";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { BerthError } from "../contract/errors.ts";
import { ensurePrivateDir, makePrivateFile, syncFile } from "../platform/files.ts";
import { applyMigrations, type Migration, pendingMigrations, versionOf } from "./migrate.ts";

/** "BRTH" in the header of every database of ours (PRAGMA application_id), so that a foreign SQLite file is told apart. */
const APPLICATION_ID = 0x42525448;

/** The first bytes of every SQLite file (https://sqlite.org/fileformat2.html §1.3). */
const MAGIC = "SQLite format 3\0";

/** Milliseconds to wait for another process (a backup tool, `sqlite3`) that holds the file. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens, and brings up to date, the database at `path`. The caller closes it. Throws `store_failed`. */
export function openDatabase(path: string, migrations: readonly Migration[], now: () => number): Database {
	ensurePrivateDir(dirname(path));
	if (existsSync(path) && statSync(path).size > 0) inspect(path, migrations, now);
	else makePrivateFile(path);
	let database: Database | null = null;
	try {
		database = new Database(path, { readwrite: true, create: false, strict: true });
		database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
		database.run("PRAGMA journal_mode = WAL");
		// FULL: a number that a client has seen must not be given again after a power failure.
		database.run("PRAGMA synchronous = FULL");
		database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
		applyMigrations(database, migrations);
		// Only now: a migration that rebuilds a table must be able to switch them off.
		database.run("PRAGMA foreign_keys = ON");
		return database;
	} catch (error) {
		database?.close();
		if (error instanceof BerthError) throw error;
		const why = error instanceof Error ? error.message : String(error);
		const detail = `the database ${path} cannot be opened (${why}). Look at its permissions, and whether the disk is full.`;
		throw new BerthError("store_failed", detail, { file: path }, error);
	}
}

/** Looks at an existing file without changing it; keeps a copy of one that is about to be migrated. */
function inspect(path: string, migrations: readonly Migration[], now: () => number): void {
	if (firstBytes(path, MAGIC.length) !== MAGIC) {
		throw refusal(path, "is not a database", "Move it away to start with an empty one");
	}
	let database: Database | null = null;
	try {
		database = new Database(path, { readonly: true, strict: true });
		database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
		const verdict = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
		if (verdict !== "ok") throw damaged(path, verdict ?? "no verdict");
		const owner = database.query<{ application_id: number }, []>("PRAGMA application_id").get();
		if (isEmpty(database)) return;
		if (owner?.application_id !== APPLICATION_ID) {
			throw refusal(path, "is another program's database", "Move it away to start with an empty one");
		}
		const { from, pending } = pendingMigrations(database, migrations, path);
		if (pending.length > 0) keepCopy(database, path, from, now());
	} catch (error) {
		throw error instanceof BerthError ? error : damaged(path, String(error), error);
	} finally {
		database?.close();
	}
}

/**
 * Nobody has put anything into it: a daemon that died while it made its database leaves such a file, and whoever made it loses nothing.
 */
function isEmpty(database: Database): boolean {
	const objects = database.query<{ count: number }, []>("SELECT count(*) AS count FROM sqlite_schema").get();
	return objects?.count === 0 && versionOf(database) === 0;
}

function keepCopy(database: Database, path: string, version: number, at: number): void {
	const time = new Date(at).toISOString().replaceAll(/[:.]/g, "-");
	const copy = `${path}.v${version}.${time}.bak`;
	makePrivateFile(copy);
	database.query("VACUUM INTO ?").run(copy);
	syncFile(copy);
}

function firstBytes(path: string, count: number): string {
	const fd = openSync(path, "r");
	try {
		const bytes = Buffer.alloc(count);
		return bytes.toString("latin1", 0, readSync(fd, bytes, 0, count, 0));
	} finally {
		closeSync(fd);
	}
}

function damaged(path: string, detail: string, cause?: unknown): BerthError {
	const advice = `Put a copy back (${path}.v*.bak), or move it away to start with an empty one; sessions that run go on`;
	return refusal(path, `is damaged (${detail})`, advice, cause);
}

/** What is wrong with the file, and what to do about it. */
export function refusal(path: string, what: string, advice: string, cause?: unknown): BerthError {
	const detail = `the database ${path} ${what}. It was left as it is. ${advice}.`;
	return new BerthError("store_failed", detail, { file: path }, cause);
}
