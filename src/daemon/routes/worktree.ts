import { Elysia } from "elysia";
import { WorktreeState } from "../../contract/worktree.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";
import { SessionParams } from "../http/target.ts";

const example: WorktreeState = {
	repository: "/home/me/project",
	path: "/home/me/.local/state/berth/worktrees/project/fix",
	branch: "fix",
	ownBranch: true,
	base: "main",
	exists: true,
	head: "1a2b3c4",
	changed: 1,
	files: ["src/main.ts"],
	unmerged: 1,
	commits: ["1a2b3c4 Find the fault"],
	ahead: 1,
	unpushed: 1,
};

export const worktreeRoutes = ({ sessions }: DaemonContext) =>
	new Elysia({ prefix: "/sessions/:ref", normalize: false }).get(
		"/worktree",
		({ params: { ref } }): Promise<WorktreeState> => sessions.worktree(ref),
		{
			params: SessionParams,
			...operation({
				id: "getSessionWorktree",
				tag: "Sessions",
				summary:
					"How the session's git worktree stands: branch, base, what is not committed, merged or pushed",
				scope: "read",
				answers: [json(WorktreeState, example, "As git tells it now")],
				errors: ["unauthorized", "session_not_found", "ambiguous_reference", "no_worktree", "git_refused"],
			}),
		},
	);
