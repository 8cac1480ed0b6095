/** Whether a new session wants a worktree, and what it and its directory are then called. Nothing in here waits. */
import { BerthError } from "../../contract/errors.ts";
import { nameFrom, uniqueName } from "../../contract/naming.ts";
import type { NewSession } from "../../contract/session.ts";
import type { RepositoryRow } from "../../store/schema.ts";
import { sessionByName } from "../../store/sessions.ts";
import type { Reader } from "../../store/store.ts";
import { checkNewName } from "./admission.ts";
import type { Repositories } from "./repositories.ts";

export interface WorktreePlan {
	repository: RepositoryRow;
	name: string;
}

/** null for a session in a directory. */
export function planWorktree(
	read: Reader,
	repositories: Repositories,
	input: NewSession,
): WorktreePlan | null {
	const { kind, name, cwd, repository: ref, branch, base } = input;
	if (kind !== "worktree") {
		if (ref === undefined && branch === undefined && base === undefined) return null;
		throw new BerthError("bad_request", "a repository, branch or base needs the kind worktree", {
			field: "kind",
		});
	}
	if (ref === undefined)
		throw new BerthError("bad_request", "a worktree session needs a repository", { field: "repository" });
	if (cwd !== undefined) {
		throw new BerthError("bad_request", "a worktree session runs in its worktree; leave the directory out", {
			field: "cwd",
		});
	}
	const repository = repositories.find(ref);
	if (name !== undefined) checkNewName(read, name);
	const taken = (wanted: string): boolean => sessionByName(read, wanted) !== undefined;
	return { repository, name: name ?? uniqueName(nameFrom(branch ?? repository.name, "worktree"), taken) };
}
