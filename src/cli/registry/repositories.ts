/** Commands about git repositories, which worktree sessions are made from. */
import { defineCommand } from "../command-spec.ts";

export const repoAdd = defineCommand({
	name: "repo add",
	group: "sessions",
	summary: "Register a git repository for worktree sessions",
	usage: ["repo add [DIR] [--name NAME]"],
	about:
		"Nothing in the repository is changed. Any directory of it will do; without DIR the one you are in. Then berth new NAME --repo REPO makes a " +
		"session in a new worktree of it.",
	examples: [
		["this one", "berth repo add"],
		["another one, by another name", "berth repo add ~/src/project --name site"],
	],
	flags: {
		name: { kind: "string", short: "n", value: "NAME", summary: "Call it so (the directory's name)" },
	},
	operands: { min: 0, max: 1 },
	completes: ["directory"],
});

export const repoLs = defineCommand({
	name: "repo ls",
	group: "sessions",
	summary: "List registered repositories",
	usage: ["repo ls"],
	examples: [["", "berth repo ls"]],
	flags: {},
	operands: { min: 0, max: 0 },
});

export const repoRm = defineCommand({
	name: "repo rm",
	group: "sessions",
	summary: "Forget repositories; they and their worktrees stay as they are",
	usage: ["repo rm NAME…"],
	examples: [["", "berth repo rm project"]],
	flags: {},
	operands: { min: 1, max: Number.POSITIVE_INFINITY },
	completes: ["repository"],
});
