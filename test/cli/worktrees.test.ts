/** Sessions in git worktrees, from the command line and over HTTP. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import type { WorktreeState } from "../../src/contract/worktree.ts";
import { Berth } from "../support/berth.ts";

let berth: Berth;
let origin: string;
beforeAll(async () => {
	berth = await Berth.start();
	origin = join(berth.home, "project");
	mkdirSync(origin);
	git(origin, "init", "-q", "-b", "main");
	git(origin, "commit", "-q", "--allow-empty", "-m", "first");
});
afterAll(() => berth[Symbol.asyncDispose]());

function git(dir: string, ...args: string[]): string {
	const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
	const { exitCode, stdout, stderr } = Bun.spawnSync(["git", "-C", dir, ...identity, ...args], {
		env: berth.env,
	});
	if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
	return stdout.toString().trim();
}

test("a repository is registered from inside it, listed, and offered by completion", async () => {
	expect(await berth.ok(["repo", "add"], { cwd: origin })).toBe("project  ~/project\n");
	expect(await berth.ok(["repo", "ls"])).toMatch(/^NAME +ID +ADDED +PATH\nproject +r_\w+ +.+ +~\/project\n$/);
	expect(await berth.ok(["__complete", "--", "new", "--repo", "p"])).toBe(`project\t${origin}\n`);
	expect((await berth.api("POST", "/repos", { path: origin })).status).toBe(200);
	expect(await berth.api("DELETE", "/repos/nobody")).toMatchObject({
		status: 404,
		body: { code: "repository_not_found" },
	});
});

test("new --repo works on a branch of its own; info tells how it stands", async () => {
	await berth.ok(["new", "fix", "-d", "--no-port", "--repo", "project", "--shell", "bash"]);
	expect(await berth.ok(["run", "fix", "git branch --show-current"])).toBe("fix\n");
	const { cwd } = JSON.parse(await berth.ok(["info", "fix", "--json"])) as Session;
	writeFileSync(join(cwd, "draft"), "");
	const text = await berth.ok(["info", "fix"]);
	expect(text).toMatch(/branch +fix, from main\n/);
	expect(text).toMatch(/uncommitted +1 files?\n/);
	const state = await berth.api<WorktreeState>("GET", "/sessions/fix/worktree");
	expect(state.body).toMatchObject({
		path: cwd,
		branch: "fix",
		changed: 1,
		files: ["draft"],
		unpushed: null,
	});
	expect(git(origin, "status", "--porcelain")).toBe("");
});

test("rm --worktree refuses to lose work and names it; --discard loses it and says so", async () => {
	const { cwd } = JSON.parse(await berth.ok(["info", "fix", "--json"])) as Session;
	const refused = await berth.run(["rm", "--force", "--worktree", "fix"]);
	expect(refused).toMatchObject({ code: 1, stdout: "" });
	expect(refused.stderr).toContain("would lose 1 uncommitted file (draft)");
	expect(existsSync(join(cwd, "draft"))).toBe(true);
	expect((await berth.run(["rm", "--discard", "fix"])).code).toBe(2);
	const removed = await berth.run(["rm", "--worktree", "--discard", "fix"]);
	expect(removed).toMatchObject({ code: 0, stdout: "removed fix\n" });
	expect(removed.stderr).toContain("lost 1 uncommitted (draft)");
	expect(existsSync(cwd)).toBe(false);
	expect(git(origin, "branch", "--format=%(refname:short)")).toBe("main");
});

test("a session without a worktree says so, and flags that need a repository ask for it", async () => {
	await berth.ok(["new", "plain", "-d", "--no-port", "--", "sleep", "600"]);
	expect(await berth.api("GET", "/sessions/plain/worktree")).toMatchObject({
		status: 404,
		body: { code: "no_worktree" },
	});
	expect((await berth.run(["new", "x", "-d", "--branch", "y"])).code).toBe(2);
	expect((await berth.run(["new", "x", "-d", "--repo", "nobody"])).stderr).toContain("berth repo add");
	expect(await berth.ok(["repo", "rm", "project"])).toBe("removed project\n");
});
