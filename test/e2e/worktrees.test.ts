import { expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Berth, until } from "../support/berth.ts";
import { chooses, Person, useBrowser } from "./support.ts";

useBrowser();

/** A repository with one commit on main. */
async function repository(berth: Berth, name: string): Promise<string> {
	const path = join(berth.home, name);
	mkdirSync(path);
	writeFileSync(join(path, "README"), "one\n");
	await git(path, "init", "-q", "-b", "main");
	await git(path, "add", ".");
	await git(path, "commit", "-qm", "One");
	return path;
}

async function git(cwd: string, ...args: string[]): Promise<string> {
	const identity = ["-c", "user.email=ada@example.org", "-c", "user.name=Ada", "-c", "commit.gpgsign=false"];
	return await Bun.$`git ${identity} ${args}`.cwd(cwd).text();
}

interface WithWorktree {
	worktree: { path: string; branch: string };
}
const worktreeOf = async (berth: Berth, name: string) =>
	(JSON.parse(await berth.ok(["info", name, "--json"])) as WithWorktree).worktree;

test("a worktree session is made in a repository that is registered on the way, and shows its branch", async () => {
	await using berth = await Berth.start();
	const project = await repository(berth, "harbour");
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.keyboard.press("n");
	const dialog = page.getByRole("dialog", { name: "New session" });
	await dialog.getByLabel("Name").fill("fix");
	await dialog.getByText("Git worktree").click();
	const path = dialog.getByLabel("Register a repository");
	await path.fill(berth.home);
	await path.press("Escape");
	await dialog.getByRole("button", { name: "Register" }).click();
	await dialog.getByRole("alert").waitFor();
	await path.fill(project);
	await path.press("Escape");
	await dialog.getByRole("button", { name: "Register" }).click();
	await dialog.getByLabel("Repository", { exact: true }).waitFor();
	await dialog.getByLabel("From").fill("no-such-branch");
	await dialog.getByRole("button", { name: "Start session" }).click();
	await dialog.getByRole("alert").filter({ hasText: "no-such-branch" }).waitFor();
	await dialog.getByLabel("From").fill("main");
	await dialog.getByLabel("Branch").fill("fix-tides");
	await dialog.getByRole("button", { name: "Start session" }).click();
	await person.painted();
	const { path: worktree, branch } = await worktreeOf(berth, "fix");
	expect([branch, existsSync(join(worktree, "README"))]).toEqual(["fix-tides", true]);
	await page.getByRole("button", { name: "fix-tides" }).click();
	await page.getByText("Clean, nothing ahead of main").waitFor();
	expect(person.faults).toEqual([]);
});

test("unsaved work of a worktree is shown, and lost only when that is agreed to by name", async () => {
	await using berth = await Berth.start();
	await berth.ok(["repo", "add", await repository(berth, "harbour")]);
	await berth.ok(["new", "fix", "--no-port", "--repo", "harbour", "--env", "PS1=$ "]);
	const { path } = await worktreeOf(berth, "fix");
	writeFileSync(join(path, "new.txt"), "not committed\n");
	writeFileSync(join(path, "README"), "two\n");
	await git(path, "commit", "-qam", "Two tides");
	await using person = await Person.atTerminal(berth, "fix");
	const { page } = person;
	await page.getByRole("button", { name: /^fix\s*unsaved work/ }).click();
	await page.getByText("1 file not committed · 1 commit ahead of main").waitFor();
	await page.getByText("new.txt").waitFor();
	await page.keyboard.press("Escape");
	await page.goto("/repositories");
	await page.getByRole("region", { name: "harbour" }).getByText("1 file not committed").waitFor();
	await page.getByRole("link", { name: "fix" }).last().click();
	await person.painted();
	await chooses(page, "Close");
	await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).last().click();
	await page.getByText(/^fix: closed/).waitFor();
	await chooses(page, "Forget");
	const dialog = page.getByRole("dialog", { name: "Forget fix?" });
	const forget = dialog.getByRole("button", { name: "Forget", exact: true });
	await dialog.getByLabel(/Remove its worktree and the branch fix too/).check();
	await dialog.getByText("new.txt").waitFor();
	await dialog.getByText("Two tides").waitFor();
	expect(await forget.isDisabled()).toBe(true);
	expect(existsSync(path)).toBe(true);
	await dialog.getByLabel("Lose 1 changed file and 1 commit").check();
	await forget.click();
	await dialog.waitFor({ state: "hidden" });
	await until(() => !existsSync(path), "the worktree is gone");
	expect(await git(join(berth.home, "harbour"), "branch", "--list", "fix")).toBe("");
	expect(person.faults).toEqual([]);
});

test("a phone shows a worktree's state as well", async () => {
	await using berth = await Berth.start();
	await berth.ok(["repo", "add", await repository(berth, "harbour")]);
	await berth.ok(["new", "fix", "--no-port", "--repo", "harbour", "--env", "PS1=$ "]);
	writeFileSync(join((await worktreeOf(berth, "fix")).path, "new.txt"), "not committed\n");
	const viewport = { width: 360, height: 740 };
	await using phone = await Person.atTerminal(berth, "fix", { viewport, isMobile: true, hasTouch: true });
	await phone.page.getByRole("button", { name: /^fix\s*unsaved work/ }).tap();
	await phone.page.getByText("1 file not committed").waitFor();
	await phone.page.getByText("new.txt").waitFor();
	expect(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
	expect(phone.faults).toEqual([]);
});

test("a worktree stays when only its session is forgotten, and a repository when it is no longer registered", async () => {
	await using berth = await Berth.start();
	const project = await repository(berth, "harbour");
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	await page.goto("/repositories");
	const path = page.getByLabel("Register a repository");
	await path.fill(project);
	await path.press("Escape");
	await path.press("Enter");
	const region = page.getByRole("region", { name: "harbour" });
	await region.getByRole("button", { name: "New worktree" }).click();
	const dialog = page.getByRole("dialog", { name: "New session" });
	await dialog.getByLabel("Name").fill("side");
	await dialog.getByRole("button", { name: "Start session" }).click();
	await person.painted();
	const { path: worktree } = await worktreeOf(berth, "side");
	await berth.ok(["close", "side"]);
	await page.getByRole("tab", { name: "Replay" }).waitFor();
	await chooses(page, "Forget");
	const question = page.getByRole("dialog", { name: "Forget side?" });
	await question.getByLabel(/Remove its worktree/).waitFor();
	await question.getByRole("button", { name: "Forget", exact: true }).click();
	await question.waitFor({ state: "hidden" });
	expect(existsSync(worktree)).toBe(true);
	await page.goto("/repositories");
	await region.getByRole("button", { name: "Unregister" }).click();
	await region.waitFor({ state: "hidden" });
	expect(existsSync(project)).toBe(true);
	expect((await berth.run(["repo", "ls"])).stdout).not.toContain("harbour");
});
