/** Schemas of repositories, and of the git worktrees that sessions are made in. */
import { type Static, Type } from "@sinclair/typebox";
import { NAME_LIMIT } from "./names.ts";
import { nullable } from "./schemas.ts";

export const Repository = Type.Object({
	id: Type.String({ examples: ["r_6m1x8c4kqa"] }),
	name: Type.String({ examples: ["project"] }),
	path: Type.String({
		description: "The main work tree, or the repository itself when it is bare",
		examples: ["/home/me/project"],
	}),
	createdAt: Type.Integer({ description: "Unix milliseconds of its registration" }),
});
export type Repository = Static<typeof Repository>;

export const NewRepository = Type.Object(
	{
		path: Type.String({
			minLength: 1,
			description: "Any directory in it: absolute, or starting with ~/",
			examples: ["/home/me/project"],
		}),
		name: Type.Optional(Type.String({ minLength: 1, maxLength: NAME_LIMIT, examples: ["project"] })),
	},
	{ additionalProperties: false, examples: [{ path: "/home/me/project" }] },
);
export type NewRepository = Static<typeof NewRepository>;

const facts = {
	repository: Type.String({ description: "Path of the repository", examples: ["/home/me/project"] }),
	path: Type.String({ examples: ["/home/me/.local/state/berth/worktrees/project/fix"] }),
	branch: Type.String({ examples: ["fix"] }),
	ownBranch: Type.Boolean({
		description: "The branch was made together with the worktree, and goes with it",
	}),
	base: Type.String({ description: "What the branch started from, or is compared with", examples: ["main"] }),
};

/** What a session remembers of its worktree. */
export const Worktree = Type.Object(facts);
export type Worktree = Static<typeof Worktree>;

/** Files and commits by name; the counts are of all, the lists have the first. */
const losses = {
	changed: Type.Integer({ description: "Files that are changed or new, and not committed", examples: [1] }),
	files: Type.Array(Type.String(), { description: "The first of them", examples: [["src/main.ts"]] }),
	unmerged: Type.Integer({
		description: "Commits that go with the worktree: no other branch, remote or tag has them",
		examples: [1],
	}),
	commits: Type.Array(Type.String(), {
		description: "The newest of them, short id and subject",
		examples: [["1a2b3c4 Find the fault"]],
	}),
};

/** How a worktree stands now, asked of git. */
export const WorktreeState = Type.Object({
	...facts,
	exists: Type.Boolean({ description: "false when somebody removed it; everything below is empty then" }),
	head: nullable(Type.String({ description: "The commit that is checked out", examples: ["1a2b3c4"] })),
	...losses,
	ahead: Type.Integer({ description: "Commits that the base does not have", examples: [2] }),
	unpushed: nullable(
		Type.Integer({ description: "Commits that no remote has; null without a remote", examples: [2] }),
	),
});
export type WorktreeState = Static<typeof WorktreeState>;

/** What was removed, and what was lost with it on the caller's word. */
export const RemovedWorktree = Type.Object({
	path: Type.String({ examples: ["/home/me/.local/state/berth/worktrees/project/fix"] }),
	branch: nullable(Type.String({ description: "The branch that went with it", examples: ["fix"] })),
	...losses,
});
export type RemovedWorktree = Static<typeof RemovedWorktree>;
