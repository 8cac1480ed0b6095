/**
 * The tables. A migration is generated from this file by `bun run migrations`; names and meanings of kept columns never change.
 * Times are Unix milliseconds.
 */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { AgentStatus, Choice } from "../contract/agent.ts";
import type { Image, ItemBody } from "../contract/conversation.ts";
import type { Permission, PermissionOption } from "../contract/permission.ts";
import type { Answers, Question } from "../contract/question.ts";
import type { Session, Worker } from "../contract/session.ts";
import type { ExitReason, PermissionState, RunState, WorkerState } from "../contract/state.ts";
import type { SizePolicy } from "../contract/stream.ts";
import type { EventType, Scope } from "../contract/system.ts";
import type { AgentDriver, PermissionDecision, RuleDecision, ToolKind } from "../contract/words.ts";

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
	/** What the caller added to the environment, and below it the caller's own surroundings. */
	env: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
	baseEnv: text("base_env", { mode: "json" }).$type<Record<string, string>>().notNull().default({}),
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

/** What a worker of kind `agent` has besides: its start configuration, and what it told of itself. */
export const agents = sqliteTable("agents", {
	workerId: text("worker_id")
		.primaryKey()
		.references(() => workers.id, { onDelete: "cascade" }),
	definition: text().notNull(),
	driver: text().$type<AgentDriver>().notNull(),
	/** What it runs with, as it told last, and what a person chose, which it is started with: null leaves it to the agent. */
	model: text(),
	mode: text(),
	chosenModel: text("chosen_model"),
	chosenMode: text("chosen_mode"),
	args: text({ mode: "json" }).$type<string[]>().notNull(),
	/** What the caller added to the environment; the worker's `env` has the definition's as well. */
	env: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
	models: text({ mode: "json" }).$type<Choice[]>().notNull(),
	modes: text({ mode: "json" }).$type<Choice[]>().notNull(),
	images: integer({ mode: "boolean" }).notNull(),
	/** The agent's own id of its conversation. */
	conversation: text(),
	status: text({ mode: "json" }).$type<AgentStatus>().notNull(),
	/** How far the log of which generation has been read, 0 before the first: bytes, and records. */
	logGeneration: integer("log_generation").notNull(),
	logOffset: integer("log_offset").notNull(),
	logRecords: integer("log_records").notNull(),
	/** Items so far: the next one's index. */
	items: integer().notNull(),
});

/**
 * Items of conversations. A changed item is taken out and put in again, which gives it a new cursor; AUTOINCREMENT never gives one
 * twice, deletions included.
 */
export const items = sqliteTable(
	"items",
	{
		cursor: integer().primaryKey({ autoIncrement: true }),
		workerId: text("worker_id")
			.notNull()
			.references(() => workers.id, { onDelete: "cascade" }),
		id: text().notNull(),
		index: integer("item_index").notNull(),
		generation: integer().notNull(),
		at: integer().notNull(),
		updatedAt: integer("updated_at").notNull(),
		body: text({ mode: "json" }).$type<ItemBody>().notNull(),
	},
	(table) => [
		uniqueIndex("items_worker_id").on(table.workerId, table.id),
		index("items_worker_cursor").on(table.workerId, table.cursor),
	],
);

/** Prompts given to agents, in the order of their making. */
export const prompts = sqliteTable(
	"prompts",
	{
		seq: integer().primaryKey({ autoIncrement: true }),
		id: text().notNull().unique(),
		sessionId: text("session_id")
			.notNull()
			.references(() => sessions.id, { onDelete: "cascade" }),
		workerId: text("worker_id")
			.notNull()
			.references(() => workers.id, { onDelete: "cascade" }),
		text: text().notNull(),
		images: text({ mode: "json" }).$type<Image[]>().notNull(),
		state: text().$type<RunState>().notNull(),
		createdAt: integer("created_at").notNull(),
		startedAt: integer("started_at"),
		endedAt: integer("ended_at"),
		/** When `claimed` or `stopping` must be over; null in the other states. */
		deadlineAt: integer("deadline_at"),
		stopReason: text("stop_reason"),
		answer: text(),
		detail: text(),
	},
	(table) => [index("prompts_worker").on(table.workerId, table.state)],
);

export const permissions = sqliteTable(
	"permissions",
	{
		id: text().primaryKey(),
		sessionId: text("session_id")
			.notNull()
			.references(() => sessions.id, { onDelete: "cascade" }),
		workerId: text("worker_id")
			.notNull()
			.references(() => workers.id, { onDelete: "cascade" }),
		generation: integer().notNull(),
		agent: text().notNull(),
		source: text().$type<Permission["source"]>().notNull(),
		tool: text().notNull(),
		kind: text().$type<ToolKind>().notNull(),
		title: text().notNull(),
		subject: text().notNull(),
		input: text({ mode: "json" }).$type<unknown>(),
		cwd: text().notNull(),
		options: text({ mode: "json" }).$type<PermissionOption[]>().notNull(),
		questions: text({ mode: "json" }).$type<Question[]>().notNull().default([]),
		state: text().$type<PermissionState>().notNull(),
		decision: text().$type<PermissionDecision>(),
		optionId: text("option_id"),
		answers: text({ mode: "json" }).$type<Answers>(),
		by: text("answered_by").$type<Permission["by"]>(),
		ruleId: text("rule_id"),
		reason: text(),
		createdAt: integer("created_at").notNull(),
		deadlineAt: integer("deadline_at").notNull(),
		endedAt: integer("ended_at"),
	},
	(table) => [
		index("permissions_state").on(table.state, table.createdAt),
		index("permissions_worker").on(table.workerId),
	],
);

/** Rules that answer requests for permission without asking. */
export const permissionRules = sqliteTable("permission_rules", {
	id: text().primaryKey(),
	decision: text().$type<RuleDecision>().notNull(),
	tool: text().notNull(),
	subject: text(),
	agent: text(),
	directory: text(),
	createdAt: integer("created_at").notNull(),
});

/** Single facts about the database itself. */
export const meta = sqliteTable("meta", {
	key: text().primaryKey(),
	value: text().notNull(),
});

export type SessionRow = typeof sessions.$inferSelect;
export type WorkerRow = typeof workers.$inferSelect;
/** What lists are made of: the rows without the environments, which may be kilobytes each. */
export type SessionFacts = Omit<SessionRow, "env" | "baseEnv">;
export type WorkerFacts = Omit<WorkerRow, "env">;
export type RepositoryRow = typeof repositories.$inferSelect;
export type WorktreeRow = typeof worktrees.$inferSelect;
export type PauseRow = typeof pauses.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;
export type AgentRow = typeof agents.$inferSelect;
export type ItemRow = typeof items.$inferSelect;
export type PromptRow = typeof prompts.$inferSelect;
export type PermissionRow = typeof permissions.$inferSelect;
export type PermissionRuleRow = typeof permissionRules.$inferSelect;
