/**
 * The git worktrees of sessions. One is made before its session is stored, and undone when that fails; from then on it is the
 * user's: it outlives the session's end, the daemon and `rm`, and is removed only when somebody asks for that. What is not
 * committed, or is on no other branch, goes only with the caller's word, and is named either way.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import type { NewSession } from "../../contract/session.ts";
import type { RemovedWorktree, Worktree, WorktreeState } from "../../contract/worktree.ts";
import { ensurePrivateDir } from "../../platform/files.ts";
import type { Paths } from "../../platform/paths.ts";
import type { RepositoryRow, WorktreeRow } from "../../store/schema.ts";
import type { Git } from "./git.ts";
import { KeyedLock } from "./keyed-lock.ts";

/** Files and commits that are told by name; of more than that only the number matters. */
const NAMED = 50;

/** Of those, how many fit a sentence. */
const IN_A_SENTENCE = 5;

const nothing = { changed: 0, files: [], unmerged: 0, commits: [] } satisfies Losses;

type Losses = Omit<RemovedWorktree, "path" | "branch">;

export class Worktrees {
	readonly #git: Git;
	readonly #paths: Paths;
	/** One change of a repository at a time: two that look for the same free place must not both find it. */
	readonly #lock = new KeyedLock();

	constructor(git: Git, paths: Paths) {
		this.#git = git;
		this.#paths = paths;
	}

	/** Makes the worktree of a session that is to be called `name`, with its branch unless that is there already. */
	make(
		repository: RepositoryRow,
		name: string,
		wanted: Pick<NewSession, "branch" | "base">,
	): Promise<Worktree> {
		return this.#lock.run(repository.path, () => this.#make(repository, name, wanted));
	}

	/** Takes back what {@link make} made a moment ago. */
	undo(worktree: Worktree): Promise<void> {
		return this.#lock.run(worktree.repository, () => this.#takeBack(worktree));
	}

	async #make(
		repository: RepositoryRow,
		name: string,
		{ branch = name, base }: Pick<NewSession, "branch" | "base">,
	): Promise<Worktree> {
		const { path: origin } = repository;
		if (!existsSync(origin)) {
			throw new BerthError(
				"invalid_repository",
				`${origin} is gone; berth repo rm ${repository.name} forgets it`,
			);
		}
		await this.#checkBranch(origin, branch);
		const known = await this.#succeeds(origin, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`]);
		if (known && base !== undefined) {
			throw new BerthError(
				"branch_taken",
				`there is a branch ${branch} already; leave the base out to work on it, or choose another name`,
				{ field: "branch" },
			);
		}
		const from = base ?? (await this.#currentBranch(origin));
		const commit = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${from}^{commit}`];
		const start = (await this.#git.try(origin, commit)).stdout.trim();
		if (start === "") {
			throw new BerthError("invalid_base", `${origin} has no commit ${JSON.stringify(from)}`, {
				field: "base",
			});
		}
		const folder = join(this.#paths.state, "worktrees", repository.name);
		ensurePrivateDir(folder);
		const path = freePath(join(folder, name));
		const how = known ? [path, branch] : ["-b", branch, "--no-track", path, start];
		const worktree = { repository: origin, path, branch, ownBranch: !known, base: from };
		try {
			await this.#git.run(origin, ["worktree", "add", ...how]);
		} catch (error) {
			// A hook may have failed after everything was made, a checkout after the branch.
			await this.#takeBack(worktree);
			throw error;
		}
		return worktree;
	}

	async #takeBack({ repository, path, branch, ownBranch }: Worktree): Promise<void> {
		if (existsSync(path)) await this.#git.run(repository, ["worktree", "remove", "--force", path]);
		if (ownBranch && (await this.#branchIsFree(repository, branch)))
			await this.#git.run(repository, ["branch", "-D", "--", branch]);
	}

	async state(row: WorktreeRow): Promise<WorktreeState> {
		const facts = factsOf(row);
		if (!existsSync(row.path))
			return { ...facts, exists: false, head: null, ...nothing, ahead: 0, unpushed: null };
		const [head, losses, ahead, unpushed] = await Promise.all([
			this.#git.try(row.path, ["rev-parse", "--short", "--verify", "--quiet", "HEAD"]),
			this.#losses(row),
			this.#count(row.path, ["HEAD", "--not", row.base]),
			this.#unpushed(row.path),
		]);
		return {
			...facts,
			exists: true,
			head: head.stdout.trim() || null,
			...losses,
			ahead: ahead ?? 0,
			unpushed,
		};
	}

	/** Throws `worktree_unsaved` and changes nothing when something would be lost, unless `force` says that it may. */
	remove(row: WorktreeRow, force: boolean): Promise<RemovedWorktree> {
		return this.#lock.run(row.repository, () => this.#remove(row, force));
	}

	async #remove(row: WorktreeRow, force: boolean): Promise<RemovedWorktree> {
		const { repository, path, branch, ownBranch } = row;
		const exists = existsSync(path);
		const losses = exists ? await this.#losses(row) : nothing;
		const lost = sentenceOf(losses);
		if (lost !== null && !force) {
			throw new BerthError("worktree_unsaved", `removing ${path} would lose ${lost}`, { ...losses });
		}
		// git looks again, so that a file which came meanwhile is not lost unseen.
		if (exists) await this.#git.run(repository, ["worktree", "remove", ...(force ? ["--force"] : []), path]);
		else if (existsSync(repository)) await this.#git.run(repository, ["worktree", "prune"]);
		const goes = ownBranch && exists && (await this.#branchIsFree(repository, branch));
		if (goes) await this.#git.run(repository, ["branch", "-D", "--", branch]);
		return { path, branch: goes ? branch : null, ...losses };
	}

	async #losses({ path, branch, ownBranch }: WorktreeRow): Promise<Losses> {
		const status = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"];
		const files = (await this.#git.run(path, status)).split("\0").flatMap((entry) => entry.slice(3) || []);
		const own = `refs/heads/${branch}`;
		const tips =
			ownBranch && (await this.#succeeds(path, ["show-ref", "--verify", "--quiet", own])) ? [own] : [];
		// A branch that stays keeps its commits; one that goes does not count as keeping them.
		const others = [...(ownBranch ? [`--exclude=${branch}`] : []), "--branches", "--remotes", "--tags"];
		const range = ["HEAD", ...tips, "--not", ...others];
		const log = ["log", "--format=%h %s", `--max-count=${NAMED}`, ...range];
		const commits = (await this.#git.run(path, log)).split("\n").filter((line) => line !== "");
		const unmerged = commits.length < NAMED ? commits.length : ((await this.#count(path, range)) ?? NAMED);
		return { changed: files.length, files: files.slice(0, NAMED), unmerged, commits };
	}

	async #unpushed(path: string): Promise<number | null> {
		const remotes = await this.#git.run(path, ["remote"]);
		return remotes.trim() === "" ? null : this.#count(path, ["HEAD", "--not", "--remotes"]);
	}

	/** null when git does not know the commits, a base that was deleted among them. */
	async #count(path: string, range: readonly string[]): Promise<number | null> {
		const { code, stdout } = await this.#git.try(path, ["rev-list", "--count", ...range, "--"]);
		return code === 0 ? Number(stdout) : null;
	}

	async #checkBranch(repository: string, branch: string): Promise<void> {
		if (await this.#succeeds(repository, ["check-ref-format", "--branch", branch])) return;
		throw new BerthError("invalid_name", `git takes no branch called ${JSON.stringify(branch)}`, {
			field: "branch",
		});
	}

	/** The branch that is checked out in the repository, or its commit when there is none. */
	async #currentBranch(repository: string): Promise<string> {
		const { code, stdout } = await this.#git.try(repository, ["symbolic-ref", "--short", "--quiet", "HEAD"]);
		return code === 0 ? stdout.trim() : (await this.#git.run(repository, ["rev-parse", "HEAD"])).trim();
	}

	/** The branch is there, and the user has not checked it out elsewhere meanwhile. */
	async #branchIsFree(repository: string, branch: string): Promise<boolean> {
		if (!(await this.#succeeds(repository, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])))
			return false;
		const list = await this.#git.run(repository, ["worktree", "list", "--porcelain", "-z"]);
		return !list.split("\0").includes(`branch refs/heads/${branch}`);
	}

	async #succeeds(dir: string, args: readonly string[]): Promise<boolean> {
		return (await this.#git.try(dir, args)).code === 0;
	}
}

export function factsOf({ repository, path, branch, ownBranch, base }: WorktreeRow): Worktree {
	return { repository, path, branch, ownBranch, base };
}

/** What earlier sessions of the same name left stays theirs. */
function freePath(wanted: string): string {
	for (let count = 1; ; count++) {
		const path = count === 1 ? wanted : `${wanted}-${count}`;
		if (!existsSync(path)) return path;
	}
}

function sentenceOf({ changed, files, unmerged, commits }: Losses): string | null {
	const parts: string[] = [];
	if (changed > 0)
		parts.push(`${changed} uncommitted ${changed === 1 ? "file" : "files"} (${listed(files)})`);
	if (unmerged > 0) {
		const noun = unmerged === 1 ? "commit" : "commits";
		parts.push(`${unmerged} ${noun} that nothing else holds (${listed(commits)})`);
	}
	return parts.length === 0 ? null : parts.join(" and ");
}

function listed(names: readonly string[]): string {
	const shown = names.slice(0, IN_A_SENTENCE).join(", ");
	return names.length > IN_A_SENTENCE ? `${shown}, …` : shown;
}
