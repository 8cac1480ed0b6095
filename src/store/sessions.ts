/** Queries of sessions. */
import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { cancelPermissions } from "./permissions.ts";
import { prepared, rowBy } from "./prepared.ts";
import { type SessionFacts, type SessionRow, sessions } from "./schema.ts";
import type { Bookkeeping, Change, Reader } from "./store.ts";

const { env: _env, baseEnv: _baseEnv, ...facts } = getTableColumns(sessions);

const listed = prepared((read: Reader) =>
	read.select(facts).from(sessions).orderBy(asc(sessions.createdAt), asc(sessions.id)).prepare(),
);

/** Oldest first. */
export function allSessions(read: Reader): SessionFacts[] {
	return listed(read).all();
}

export const sessionById = rowBy(sessions, sessions.id);

export const sessionByName = rowBy(sessions, sessions.name);

export function sessionByPort(read: Reader, port: number): SessionRow | undefined {
	return read.select().from(sessions).where(eq(sessions.port, port)).get();
}

/** At most two: whoever asks wants to know whether the prefix is unique. */
export function sessionsByIdPrefix(read: Reader, prefix: string): SessionRow[] {
	const startsSo = sql`substr(${sessions.id}, 1, ${prefix.length}) = ${prefix}`;
	return read.select().from(sessions).where(startsSo).limit(2).all();
}

/** Ports that sessions hold, ended ones included: a restart takes up the same port. */
export function sessionPorts(read: Reader): Set<number> {
	const rows = read.select({ port: sessions.port }).from(sessions).all();
	return new Set(rows.flatMap(({ port }) => (port === null ? [] : [port])));
}

/** Throws `name_taken` or `port_taken` at the clash. */
export function createSession(change: Change, row: SessionRow): void {
	change.tx.insert(sessions).values(row).run();
	const { env: _private, ...data } = row;
	change.record({ type: "session.created", sessionId: row.id, workerId: null, data });
}

export function updateSession(
	change: Change,
	id: string,
	patch: Partial<Omit<SessionRow, "id" | "createdAt">>,
): SessionRow {
	const row = change.tx.update(sessions).set(patch).where(eq(sessions.id, id)).returning().get();
	if (!row) throw new BerthError("session_not_found", `there is no session ${id}`);
	const { env: _private, ...data } = patch;
	change.record({ type: "session.updated", sessionId: id, workerId: null, data });
	return row;
}

/** Its workers and its tokens go with it. */
export function deleteSession(change: Change, id: string): void {
	cancelPermissions(change, { sessionId: id });
	const row = change.tx.delete(sessions).where(eq(sessions.id, id)).returning().get();
	if (!row) throw new BerthError("session_not_found", `there is no session ${id}`);
	change.record({ type: "session.deleted", sessionId: id, workerId: null, data: { name: row.name } });
}

/** The last sign of life; no event, since each keystroke may be one. */
export function touchSession({ tx }: Bookkeeping, id: string, lastActiveAt: number): void {
	tx.update(sessions).set({ lastActiveAt }).where(eq(sessions.id, id)).run();
}
