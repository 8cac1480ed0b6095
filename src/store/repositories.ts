/** Queries of repositories and of the worktrees that sessions have in them. */
import { asc, eq } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { type RepositoryRow, repositories, type WorktreeRow, worktrees } from "./schema.ts";
import type { Change, Reader } from "./store.ts";

/** By name. */
export function allRepositories(read: Reader): RepositoryRow[] {
	return read.select().from(repositories).orderBy(asc(repositories.name)).all();
}

export function createRepository(change: Change, row: RepositoryRow): void {
	change.tx.insert(repositories).values(row).run();
	change.record({ type: "repository.added", sessionId: null, workerId: null, data: { ...row } });
}

/** Sessions keep their worktrees: they know the repository by its path. */
export function deleteRepository(change: Change, id: string): void {
	const row = change.tx.delete(repositories).where(eq(repositories.id, id)).returning().get();
	if (!row) throw new BerthError("repository_not_found", `there is no repository ${id}`);
	const { name, path } = row;
	change.record({ type: "repository.removed", sessionId: null, workerId: null, data: { id, name, path } });
}

export function worktreeOf(read: Reader, sessionId: string): WorktreeRow | undefined {
	return read.select().from(worktrees).where(eq(worktrees.sessionId, sessionId)).get();
}

/** Part of its session's making, which is the event that tells of it. It goes with the session. */
export function createWorktree({ tx }: Change, row: WorktreeRow): void {
	tx.insert(worktrees).values(row).run();
}
