/**
 * The tables. A migration is generated from this file by `bun run migrations`; names and meanings of kept columns never change.
 * Times are Unix milliseconds.
 */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Session, Worker } from "../contract/session.ts";
import type { ExitReason, WorkerState } from "../contract/state.ts";
import type { SizePolicy } from "../contract/stream.ts";
import type { EventType, Scope } from "../contract/system.ts";

/** Settings of a session. It has no state of its own: that is derived from its workers. */
export const sessions = sqliteTable("sessions", {
	id: text().primaryKey(),
	name: text().notNull().unique(),
	/** The user gave the name; a session that Berth named may be reaped when idle. */
	named: integer({ mode: "boolean" }).notNull(),
	kind: text().$type<Session["kind"]>().notNull(),
	cwd: text().notNull(),
	shell: text().notNull(),
	/** argv of the primary worker; null starts the shell. */
	command: text({ mode: "json" }).$type<string[]>(),
	/** What the caller added to the environment. */
	env: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
	cols: integer().notNull(),
	rows: integer().notNull(),
	port: integer().unique(),
	tags: text({ mode: "json" }).$type<string[]>().notNull(),
	idleTimeoutSeconds: integer("idle_timeout_seconds"),
	restart: text().$type<Session["restart"]>().notNull(),
	sizePolicy: text("size_policy").$type<SizePolicy>().notNull(),
	createdAt: integer("created_at").notNull(),
	lastActiveAt: integer("last_active_at").notNull(),
});

export const workers = sqliteTable(
	"workers",
	{
		id: text().primaryKey(),
		sessionId: text("session_id")
			.notNull()
			.references(() => sessions.id, { onDelete: "cascade" }),
		name: text().notNull(),
		kind: text().$type<Worker["kind"]>().notNull(),
		/** Order within the session; 0 is the primary worker. */
		position: integer().notNull(),
		command: text({ mode: "json" }).$type<string[]>().notNull(),
		cwd: text().notNull(),
		env: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
		state: text().$type<WorkerState>().notNull(),
		generation: integer().notNull(),
		/** Proves that a holder is ours: 32 hex digits, new for every generation. */
		nonce: text().notNull(),
		holderPid: integer("holder_pid"),
		pid: integer(),
		/**
		 * Start times of the two, in the kernel's own count, and the boot they count from: a pid is given again, pid and start time
		 * of one boot are not.
		 */
		holderStart: integer("holder_start"),
		pidStart: integer("pid_start"),
		bootId: text("boot_id"),
		exitCode: integer("exit_code"),
		exitSignal: text("exit_signal"),
		exitReason: text("exit_reason").$type<ExitReason>(),
		title: text().notNull().default(""),
		cols: integer().notNull(),
		rows: integer().notNull(),
		/** Bytes of output in this generation, as last heard. */
		offset: integer().notNull().default(0),
		startedAt: integer("started_at"),
		endedAt: integer("ended_at"),
		/** When `starting` or `stopping` must be over; null in the other states. */
		deadlineAt: integer("deadline_at"),
		/** Why it is being stopped, while it is. */
		stopReason: text("stop_reason").$type<ExitReason>(),
		/** Automatic restarts in a row, and when the next one is due. */
		restarts: integer().notNull().default(0),
		nextRestartAt: integer("next_restart_at"),
	},
	(table) => [
		uniqueIndex("workers_session_name").on(table.sessionId, table.name),
		uniqueIndex("workers_session_position").on(table.sessionId, table.position),
		index("workers_state").on(table.state),
	],
);

/** No foreign keys: events outlive what they tell of. AUTOINCREMENT never gives a number twice, deletions included. */
export const events = sqliteTable(
	"events",
	{
		seq: integer().primaryKey({ autoIncrement: true }),
		at: integer().notNull(),
		type: text().$type<EventType>().notNull(),
		sessionId: text("session_id"),
		workerId: text("worker_id"),
		data: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
	},
	(table) => [index("events_at").on(table.at), index("events_session").on(table.sessionId, table.seq)],
);

export const tokens = sqliteTable("tokens", {
	id: text().primaryKey(),
	label: text().notNull(),
	/** SHA-256 of the token, hex. The token itself is never kept. */
	sha256: text().notNull().unique(),
	scope: text().$type<Scope>().notNull(),
	sessionId: text("session_id").references(() => sessions.id, { onDelete: "cascade" }),
	/** Made by a browser's login: accepted from its cookie only. */
	browser: integer({ mode: "boolean" }).notNull().default(false),
	createdAt: integer("created_at").notNull(),
	expiresAt: integer("expires_at"),
});

/** Git repositories that worktree sessions are made from. */
export const repositories = sqliteTable("repositories", {
	id: text().primaryKey(),
	name: text().notNull().unique(),
	path: text().notNull().unique(),
	createdAt: integer("created_at").notNull(),
});

/** The worktree of a session of that kind. By path, not by id: a repository may be forgotten while its worktrees stay. */
export const worktrees = sqliteTable("worktrees", {
	sessionId: text("session_id")
		.primaryKey()
		.references(() => sessions.id, { onDelete: "cascade" }),
	repository: text().notNull(),
	path: text().notNull(),
	branch: text().notNull(),
	/** The branch was made with it. */
	ownBranch: integer("own_branch", { mode: "boolean" }).notNull(),
	/** What the branch started from, as it was given. */
	base: text().notNull(),
});

/** Sessions that are paused, with what is to run again: workers and the directories they were in. */
export const pauses = sqliteTable("pauses", {
	sessionId: text("session_id")
		.primaryKey()
		.references(() => sessions.id, { onDelete: "cascade" }),
	at: integer().notNull(),
	workers: text({ mode: "json" }).$type<{ id: string; cwd: string }[]>().notNull(),
});

/** Single facts about the database itself. */
export const meta = sqliteTable("meta", {
	key: text().primaryKey(),
	value: text().notNull(),
});

export type SessionRow = typeof sessions.$inferSelect;
export type WorkerRow = typeof workers.$inferSelect;
export type RepositoryRow = typeof repositories.$inferSelect;
export type WorktreeRow = typeof worktrees.$inferSelect;
export type PauseRow = typeof pauses.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;
