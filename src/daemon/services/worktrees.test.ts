/** Worktree sessions on real repositories, with the user's real git. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BerthError, ErrorCode } from "../../contract/errors.ts";
import type { NewSession, Session } from "../../contract/session.ts";
import { Git } from "./git.ts";
import { Repositories } from "./repositories.ts";
import { Control } from "./testing.ts";

setDefaultTimeout(300_000);

async function errorOf(work: () => unknown): Promise<BerthError> {
	try {
		await work();
	} catch (error) {
		return error as BerthError;
	}
	throw new Error("nothing was thrown");
}

/** A control plane with a repository of two commits, registered as `project`. */
class Workshop {
	readonly control: Control;
	readonly repositories: Repositories;
	readonly origin: string;

	private constructor(control: Control) {
		this.control = control;
		this.origin = join(control.home, "project");
		const { store, home, env } = control;
		this.repositories = new Repositories({ store, git: new Git(env), home, now: Date.now });
	}

	static async open(control: Control): Promise<Workshop> {
		const workshop = new Workshop(control);
		mkdirSync(workshop.origin);
		const { origin } = workshop;
		workshop.git(origin, "init", "-q", "-b", "main");
		workshop.commit(origin, "README", "first");
		workshop.commit(origin, "code", "second");
		await workshop.repositories.add({ path: origin });
		return workshop;
	}

	git(dir: string, ...args: string[]): string {
		const { exitCode, stdout, stderr } = Bun.spawnSync(
			["git", "-C", dir, "-c", "user.name=Test", "-c", "user.email=test@example.com", ...args],
			{ env: this.control.env },
		);
		if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
		return stdout.toString().trim();
	}

	commit(dir: string, file: string, subject: string): void {
		writeFileSync(join(dir, file), `${subject}\n`);
		this.git(dir, "add", file);
		this.git(dir, "commit", "-q", "-m", subject);
	}

	branches(): string[] {
		return this.git(this.origin, "branch", "--format=%(refname:short)").split("\n");
	}

	make(name: string, more: Partial<NewSession> = {}): Promise<Session> {
		return this.control.sessions.create({
			kind: "worktree",
			repository: "project",
			name,
			port: null,
			command: ["/bin/sleep", "600"],
			...more,
		});
	}
}

describe("a repository", () => {
	test("is registered once, by whichever directory of it, and forgotten without a trace in it", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { repositories, origin } = workshop;
		mkdirSync(join(origin, "deep"));
		expect(await repositories.add({ path: join(origin, "deep") })).toMatchObject({
			added: false,
			repository: { name: "project", path: origin },
		});
		expect((await errorOf(() => repositories.add({ path: origin, name: "other" }))).code).toBe("name_taken");
		expect((await errorOf(() => repositories.add({ path: "/" }))).code).toBe("invalid_repository");
		expect((await errorOf(() => repositories.add({ path: "/no/such" }))).code).toBe("invalid_cwd");
		repositories.remove("project");
		expect(repositories.list()).toEqual([]);
		expect((await errorOf(() => repositories.remove("project"))).code).toBe("repository_not_found");
		expect(workshop.git(origin, "status", "--porcelain")).toBe("");
	});
});

describe("a worktree session", () => {
	test("runs on a branch of its own and leaves the repository's work tree alone", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const session = await workshop.make("fix");
		const path = join(control.paths.state, "worktrees/project/fix");
		const worktree = { repository: workshop.origin, path, branch: "fix", ownBranch: true, base: "main" };
		expect(session).toMatchObject({ kind: "worktree", cwd: path, worktree });
		expect(session.workers[0]!.cwd).toBe(path);
		expect(workshop.git(path, "branch", "--show-current")).toBe("fix");
		expect(workshop.git(workshop.origin, "branch", "--show-current")).toBe("main");
		expect(await control.sessions.worktree("fix")).toMatchObject({
			...worktree,
			exists: true,
			changed: 0,
			unmerged: 0,
			ahead: 0,
			unpushed: null,
		});
		await control.end();
		await control.begin();
		expect(control.sessions.get("fix").worktree).toEqual(worktree);
	});

	test("tells what is not committed, not merged and not pushed", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const remote = join(control.home, "remote.git");
		workshop.git(control.home, "init", "-q", "--bare", remote);
		workshop.git(workshop.origin, "remote", "add", "origin", remote);
		workshop.git(workshop.origin, "push", "-q", "origin", "main");
		const { cwd } = await workshop.make("fix");
		workshop.commit(cwd, "one", "a fix");
		workshop.git(cwd, "push", "-q", "origin", "fix");
		workshop.commit(cwd, "two", "another fix");
		writeFileSync(join(cwd, "new file"), "");
		writeFileSync(join(cwd, "README"), "changed");
		expect(await control.sessions.worktree("fix")).toMatchObject({
			changed: 2,
			files: ["README", "new file"],
			ahead: 2,
			unpushed: 1,
			unmerged: 1,
			commits: [expect.stringMatching(/^[0-9a-f]+ another fix$/)],
		});
	});

	test("starts where it is told to, or takes up a branch that is there", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const first = await workshop.make("old", { base: "HEAD~1", branch: "from/old" });
		expect(existsSync(join(first.cwd, "code"))).toBe(false);
		workshop.git(workshop.origin, "branch", "known");
		const second = await workshop.make("again", { branch: "known" });
		expect(second.worktree).toMatchObject({ branch: "known", ownBranch: false });
		await control.sessions.kill("again");
		await control.sessions.remove("again", { force: false });
		expect(workshop.branches()).toEqual(["from/old", "known", "main"]);
	});

	test("that cannot be made leaves no worktree, no branch and no session", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		await workshop.make("taken");
		const wrong: [Partial<NewSession>, ErrorCode][] = [
			[{ repository: "nobody" }, "repository_not_found"],
			[{ name: "taken" }, "name_taken"],
			[{ branch: "taken" }, "git_refused"],
			[{ branch: "taken", base: "main" }, "branch_taken"],
			[{ branch: "-x" }, "invalid_name"],
			[{ branch: "a..b" }, "invalid_name"],
			[{ base: "nowhere" }, "invalid_base"],
			[{ base: "--all" }, "invalid_base"],
			[{ command: ["no-such-program"] }, "invalid_command"],
			[{ cwd: control.home }, "bad_request"],
			[{ kind: "quick" }, "bad_request"],
		];
		for (const [more, code] of wrong)
			expect((await errorOf(() => workshop.make("wrong", more))).code, JSON.stringify(more)).toBe(code);
		expect(workshop.branches()).toEqual(["main", "taken"]);
		expect(readdirSync(join(control.paths.state, "worktrees/project"))).toEqual(["taken"]);
		expect(control.sessions.list(true).map(({ name }) => name)).toEqual(["taken"]);
	});

	test("made ten times at once is ten worktrees, or a clear refusal for one name", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const names = Array.from({ length: 4 }, (_, n) => `w${n}`);
		const made = await Promise.allSettled([...names, ...names].map((name) => workshop.make(name)));
		expect(made.filter(({ status }) => status === "fulfilled").length).toBe(4);
		expect(readdirSync(join(control.paths.state, "worktrees/project")).sort()).toEqual(names);
		expect(workshop.branches()).toEqual(["main", ...names]);
	});
});

describe("removing a worktree", () => {
	test("is only done when it is asked for", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { cwd } = await workshop.make("kept");
		await control.sessions.kill("kept");
		expect(await control.sessions.remove("kept")).toEqual({ status: "deleted" });
		expect(existsSync(join(cwd, "README"))).toBe(true);
		const again = await workshop.make("kept", { branch: "other" });
		expect(again.cwd).toBe(`${cwd}-2`);
	});

	test("takes a clean one and its branch, and says so", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { cwd } = await workshop.make("clean");
		expect((await errorOf(() => control.sessions.remove("clean", { force: true }))).code).toBe(
			"session_running",
		);
		await control.sessions.kill("clean");
		expect(await control.sessions.remove("clean", { force: false })).toMatchObject({
			status: "deleted",
			worktree: { path: cwd, branch: "clean", changed: 0, unmerged: 0 },
		});
		expect(existsSync(cwd)).toBe(false);
		expect(workshop.branches()).toEqual(["main"]);
		expect(workshop.git(workshop.origin, "worktree", "list").split("\n").length).toBe(1);
	});

	test("keeps everything and names it while work would be lost; force loses it and names it too", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { cwd } = await workshop.make("dirty");
		workshop.commit(cwd, "one", "precious work");
		writeFileSync(join(cwd, "untracked"), "");
		await control.sessions.kill("dirty");
		const refusal = await errorOf(() => control.sessions.remove("dirty", { force: false }));
		expect(refusal.code).toBe("worktree_unsaved");
		expect(refusal.message).toContain("1 uncommitted file (untracked)");
		expect(refusal.message).toContain("precious work");
		expect(refusal.info).toMatchObject({ changed: 1, files: ["untracked"], unmerged: 1 });
		expect(existsSync(join(cwd, "untracked"))).toBe(true);
		expect(await control.sessions.restart("dirty")).toMatchObject({ generation: 2 });
		await control.sessions.kill("dirty");
		expect(await control.sessions.remove("dirty", { force: true })).toMatchObject({
			worktree: {
				branch: "dirty",
				files: ["untracked"],
				commits: [expect.stringContaining("precious work")],
			},
		});
		expect(existsSync(cwd)).toBe(false);
		expect(workshop.branches()).toEqual(["main"]);
	});

	test("counts commits as saved once another branch has them", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { cwd } = await workshop.make("merged");
		workshop.commit(cwd, "one", "done work");
		workshop.git(workshop.origin, "merge", "-q", "--ff-only", "merged");
		await control.sessions.kill("merged");
		expect(await control.sessions.remove("merged", { force: false })).toMatchObject({
			worktree: { branch: "merged", unmerged: 0 },
		});
	});

	test("of one that somebody removed already forgets the session quietly", async () => {
		await using control = await Control.start();
		const workshop = await Workshop.open(control);
		const { cwd } = await workshop.make("gone");
		await control.sessions.kill("gone");
		rmSync(cwd, { recursive: true });
		expect(await control.sessions.worktree("gone")).toMatchObject({ exists: false, head: null });
		expect((await errorOf(() => control.sessions.restart("gone"))).code).toBe("invalid_cwd");
		await control.sessions.remove("gone", { force: false });
		expect(control.sessions.list(true)).toEqual([]);
	});
});
