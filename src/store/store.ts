/**
 * The daemon's database. Owned by the daemon for as long as it runs; after a crash the next daemon opens what was committed.
 *
 * Every change is made together with the event that tells of it, in one transaction: writers get a {@link Change}, and a change that
 * recorded no event does not commit. Listeners hear of events after the commit, in the order of their numbers.
 */
import type { Database } from "bun:sqlite";
import { dirname } from "node:path";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";
import { BerthError } from "../contract/errors.ts";
import type { Event } from "../contract/system.ts";
import { whyNotWritable } from "../platform/files.ts";
import type { Bookkeeping, Change, NewEvent, Reader } from "./change.ts";
import { insertEvent } from "./events.ts";
import { readMigrations } from "./migrations.macro.ts" with { type: "macro" };
import { openDatabase } from "./open.ts";

export type { Bookkeeping, Change, NewEvent, Reader };

export type EventListener = (events: readonly Event[]) => void;

export interface StoreOptions {
	/** Unix milliseconds. */
	now: () => number;
}

export class Store {
	readonly #database: Database;
	readonly #db: BunSQLiteDatabase;
	readonly #now: () => number;
	readonly #listeners = new Set<EventListener>();
	#changing = false;

	private constructor(database: Database, now: () => number) {
		this.#database = database;
		this.#db = drizzle({ client: database });
		this.#now = now;
	}

	/** Opens and migrates; throws `store_failed` with what to do when the file cannot be used. */
	static open(path: string, { now }: StoreOptions): Store {
		return new Store(openDatabase(path, readMigrations(), now), now);
	}

	get read(): Reader {
		return this.#db;
	}

	/** Runs `work` in one transaction and commits it with the events it recorded, at least one; throws and keeps nothing else. */
	change<T>(work: (change: Change) => T): T {
		return this.take((change) => {
			let told = false;
			const record = (event: NewEvent): void => {
				told = true;
				change.record(event);
			};
			const made = work({ ...change, record });
			if (!told) throw new Error("a change that recorded no event");
			return made;
		});
	}

	/** Like {@link change}, for facts of which perhaps none is new: without an event it commits as well. */
	take<T>(work: (change: Change) => T): T {
		// A second transaction inside the first would commit with it but tell its listeners before.
		if (this.#changing) throw new Error("a change inside a change");
		this.#changing = true;
		const at = this.#now();
		const recorded: Event[] = [];
		let result: T;
		try {
			const tx = this.#db;
			const record = (event: NewEvent): void => void recorded.push(insertEvent(tx, at, event));
			result = this.#transaction(() => work({ tx, at, record }));
		} catch (error) {
			throw this.#refusal(error);
		} finally {
			this.#changing = false;
		}
		if (recorded.length > 0) for (const listener of this.#listeners) listener(recorded);
		return result;
	}

	/**
	 * Runs `work` in one transaction that no event tells of. It does not wait for the disk (0.02 ms against 0.7, and 19 at worst on a busy
	 * one): a power failure may take back what the next change has not made durable along with it.
	 */
	bookkeep<T>(work: (bookkeeping: Bookkeeping) => T): T {
		this.#database.run("PRAGMA synchronous = NORMAL");
		try {
			return this.#transaction(() => work({ tx: this.#db }));
		} catch (error) {
			throw this.#refusal(error);
		} finally {
			this.#database.run("PRAGMA synchronous = FULL");
		}
	}

	/** Calls `listener` after each commit; returns its removal. A listener must not throw. */
	onEvents(listener: EventListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Gives back the memory in which SQLite keeps pages of the file: 2 MB with 100 sessions. What is asked for next is read anew. */
	shrink(): void {
		this.#database.run("PRAGMA shrink_memory");
	}

	close(): void {
		this.#listeners.clear();
		this.#database.close();
	}

	/** Not Drizzle's own: its transactions are new objects, for each of which every query would be prepared anew. */
	#transaction<T>(work: () => T): T {
		return this.#database.transaction(work).immediate();
	}

	#refusal(error: unknown): unknown {
		return asBerthError(error, () => whyNotWritable(dirname(this.#database.filename)));
	}
}

/** A clash of names or ports as what it is to the caller; any other refusal of SQLite as `store_failed`. */
function asBerthError(error: unknown, whatTheDiskSays: () => string | null): unknown {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	if (!(cause instanceof Error) || !("code" in cause) || !String(cause.code).startsWith("SQLITE_"))
		return error;
	if (cause.message.includes("sessions.name")) {
		return new BerthError("name_taken", "another session has this name", { field: "name" }, error);
	}
	if (cause.message.includes("sessions.port")) {
		return new BerthError("port_taken", "another session has this port", { field: "port" }, error);
	}
	if (cause.message.includes("workers.name")) {
		return new BerthError(
			"name_taken",
			"another worker of the session has this name",
			{ field: "name" },
			error,
		);
	}
	// SQLite says no more of it than "disk I/O error".
	const reason = String(cause.code).startsWith("SQLITE_IOERR") ? whatTheDiskSays() : null;
	const detail = `the database refused: ${cause.message}${reason === null ? "" : `; ${reason}`}`;
	return new BerthError("store_failed", detail, undefined, error);
}
