/** axe on every page and dialog, on a desk and on a phone, in both themes. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Berth } from "../support/berth.ts";
import { chooses, faintColors, newShell, Person, seriousFaults, sessionId, useBrowser } from "./support.ts";

useBrowser();

/** Milliseconds: some twenty looks of axe at whole pages. */
const LONG = 180_000;

/** Sessions of every kind: running with several workers, failed, paused, and a worktree with unsaved work. */
async function harbour(berth: Berth): Promise<Record<"busy" | "rest" | "tree", string>> {
	await newShell(berth, "busy", ["--tag", "work"]);
	await berth.ok(["run", "busy", "echo hello; (exit 3)"]).catch(() => {});
	await berth.ok(["worker", "add", "busy", "second", "--", "cat"]);
	await berth.ok(["new", "failed", "-d", "--", "bash", "-c", "exit 4"]);
	await newShell(berth, "rest");
	await berth.ok(["pause", "rest"]);
	const project = join(berth.home, "project");
	mkdirSync(project);
	const identity = ["-c", "user.email=ada@example.org", "-c", "user.name=Ada"];
	await Bun.$`git init -q -b main && git ${identity} commit -q --allow-empty -m One`.cwd(project);
	await berth.ok(["repo", "add", project]);
	await berth.ok(["new", "tree", "--no-port", "--repo", "project"]);
	const { cwd } = JSON.parse(await berth.ok(["info", "tree", "--json"])) as { cwd: string };
	writeFileSync(join(cwd, "unsaved.txt"), "");
	const [busy, rest, tree] = await Promise.all(
		["busy", "rest", "tree"].map((name) => sessionId(berth, name)),
	);
	return { busy: busy!, rest: rest!, tree: tree! };
}

/** Another theme is there at once: colours do not fade. */
async function withoutFading(page: Page): Promise<void> {
	await page.addInitScript(() => {
		addEventListener("DOMContentLoaded", () => {
			const style = document.createElement("style");
			style.textContent = "*, ::before, ::after { transition: none !important }";
			document.head.append(style);
		});
	});
}

async function wear(page: Page, colorScheme: "light" | "dark"): Promise<void> {
	await page.emulateMedia({ colorScheme });
	await page.locator(`[data-theme=${colorScheme}]`).waitFor();
}

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each([
	["on a desk, in light and in dark", {}, ["light", "dark"]],
	["on a phone", phone, ["dark"]],
] as const)(
	"axe finds nothing serious %s, on any page or dialog",
	async (_, options, [theme, ...others]) => {
		await using berth = await Berth.start();
		const { busy, rest, tree } = await harbour(berth);
		await using person = await Person.loggedIn(berth, {
			...options,
			colorScheme: theme,
			bypassCSP: true,
			reducedMotion: "reduce",
			settings: { screenReader: true },
		});
		const { page } = person;
		await withoutFading(page);
		await page.goto("/");
		const found: string[] = [];
		const check = async (where: string) => {
			found.push(...(await seriousFaults(page)).map((text) => `${where}: ${text}`));
			// Another theme changes colours alone.
			for (const other of others) {
				await wear(page, other);
				found.push(...(await faintColors(page)).map((text) => `${where} in ${other}: ${text}`));
				await wear(page, theme);
			}
		};
		const dialog = page.getByRole("dialog");
		const checkDialog = async (where: string) => {
			await dialog.waitFor();
			await check(where);
			await page.keyboard.press("Escape");
			await dialog.waitFor({ state: "hidden" });
		};

		await page.getByLabel("Ended").check();
		await page.locator("[data-session=failed]").waitFor();
		await check("overview");
		for (const path of ["/timeline", "/access", "/settings", "/grid", "/repositories"]) {
			await page.goto(path);
			await page.locator(".page-head").waitFor();
			await check(path);
		}
		await page.getByRole("button", { name: "New worktree" }).click();
		await page.getByText("More", { exact: true }).click();
		await checkDialog("new worktree session");
		await page.keyboard.press("?");
		await checkDialog("shortcuts");
		await page.keyboard.press("Control+k");
		await checkDialog("palette");

		await page.goto(`/s/${busy}`);
		await person.painted();
		await page.getByRole("button", { name: "Commands", exact: true }).click();
		await page.getByRole("complementary").getByRole("listitem").first().waitFor();
		await check("terminal");
		for (const action of ["Add a worker", "Name, tags, idle limit", "Share", "Duplicate", "Pause", "Kill"]) {
			await chooses(page, action);
			await checkDialog(action);
		}
		await page.getByRole("button", { name: "Actions for the worker main" }).click();
		await page.getByRole("menuitem", { name: "Rename" }).click();
		await checkDialog("rename a worker");
		await page.goto(`/s/${busy}/history`);
		await page.getByRole("tab", { name: "Text" }).click();
		await check("history");
		await page.goto(`/s/${rest}`);
		await page.getByRole("button", { name: "Resume" }).waitFor();
		await check("paused");

		await berth.ok(["close", "tree"]);
		await page.goto(`/s/${tree}`);
		await chooses(page, "Forget");
		await page.getByLabel(/Remove its worktree/).check();
		await page.getByText("unsaved.txt").last().waitFor();
		await checkDialog("forget a worktree");

		await page.context().clearCookies();
		await page.goto("/");
		await page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
		await check("login");
		await page.route("**/login/self", (route) => route.abort());
		await page.reload();
		await page.getByRole("heading", { name: "The daemon is not here" }).waitFor();
		await check("disconnected");
		expect(found).toEqual([]);
	},
	LONG,
);
