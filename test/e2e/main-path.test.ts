import { expect, test } from "bun:test";
import { Berth, until } from "../support/berth.ts";
import { newShell, Person, session, sessionId, useBrowser } from "./support.ts";

useBrowser({ serviceWorker: true });

test("a page without a login explains how to get one, and goes on by itself to where it was", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "work");
	await using person = await Person.arrives(berth);
	const { page } = person;
	await page.goto("/timeline");
	await page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
	expect(await page.locator("code").first().textContent()).toContain("berth ui");

	// Another tab of this browser logs in.
	const other = await person.context.newPage();
	await other.goto((await berth.ok(["ui", "--print"])).trim());
	await page.getByRole("heading", { name: "Timeline" }).waitFor();
	expect(person.faults).toEqual([]);
});

test("a login that ends shows the login page, and the next one returns to the same place", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "work");
	await using person = await Person.atTerminal(berth, "work");
	const { page } = person;
	const place = page.url();
	const tokens = (await berth.api<{ id: string; label: string }[]>("GET", "/tokens")).body;
	await berth.api("DELETE", `/tokens/${tokens.find(({ label }) => label === "browser")!.id}`);
	await page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
	await page.goto((await berth.ok(["ui", "--print"])).trim());
	await page.waitForURL(place);
	await person.painted();
	expect(person.faults).toEqual([]);
});

test("logging out ends the login", async () => {
	await using berth = await Berth.start();
	await using person = await Person.atOverview(berth);
	await person.page.getByRole("button", { name: "Log out" }).click();
	await person.page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
	await person.page.reload();
	await person.page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
});

test("what a shell on the machine changes is seen without a reload", async () => {
	await using berth = await Berth.start();
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.getByRole("heading", { name: "No session runs" }).waitFor();
	await newShell(berth, "first");
	const row = page.locator("[data-session=first]");
	await row.waitFor();
	await berth.ok(["tag", "first", "blue"]);
	await row.getByText("blue", { exact: true }).waitFor();
	await berth.ok(["rename", "first", "second"]);
	await page.locator("[data-session=second]").waitFor();
	await berth.ok(["run", "second", "echo the-last-line"]).catch(() => "");
	await berth.ok(["close", "second"]);
	await page.getByRole("heading", { name: "No session runs" }).waitFor();
	await page.getByLabel("Ended").check();
	await page.locator("[data-session=second]").getByText("closed").waitFor();
	expect(person.faults).toEqual([]);
});

test("output that came since the person looked is marked, and so are the job, the directory and who looks", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "work", ["--cwd", "/usr"]);
	await using person = await Person.atTerminal(berth, "work");
	const { page } = person;
	await person.runs("cd lib; echo looked-at");
	await person.sees(/^looked-at$/m);
	await page.getByRole("link", { name: "Sessions", exact: true }).click();
	const row = page.locator("[data-session=work]");
	await row.getByText("/usr/lib", { exact: true }).waitFor();
	expect(await row.getByText("new output").count()).toBe(0);
	await berth.api("POST", "/sessions/work/input", { text: "clear; echo not-yet; sleep 4721\r" });
	await row.getByText("new output").waitFor();
	await row.getByText("not-yet").waitFor();
	await row.getByText("sleep", { exact: true }).waitFor();

	await using _onlooker = await Person.atTerminal(berth, "work");
	await until(
		async () => (await row.getByRole("cell").nth(5).textContent())?.trim() === "1",
		"one is attached",
	);
	await row.getByRole("link").click();
	await person.sees("not-yet");
	await page.getByRole("link", { name: "Sessions", exact: true }).click();
	await until(async () => (await row.getByText("new output").count()) === 0, "it is read");
	expect(person.faults).toEqual([]);
});

test("a session is made from the page, typed into, and shown as the server has it", async () => {
	await using berth = await Berth.start();
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.getByRole("button", { name: "New session" }).first().click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Name").fill("made-here");
	const directory = dialog.getByRole("combobox", { name: "Directory" });
	// Escape closes the list that is still on its way, not the dialog with all that was typed.
	let letGo = () => {};
	const held = new Promise<void>((resolve) => {
		letGo = resolve;
	});
	await page.route("**/directories?**", (route) => held.then(() => route.continue()));
	await directory.fill("/usr/sha");
	await directory.press("Escape");
	const answered = page.waitForResponse("**/directories?**");
	letGo();
	await answered;
	expect(await dialog.isVisible()).toBe(true);
	await page.unroute("**/directories?**");
	await directory.fill("/usr/li");
	await dialog.getByRole("option", { name: "/usr/lib", exact: true }).click();
	await dialog.getByRole("button", { name: "Start session" }).click();
	await page.waitForURL(/\/s\/s_/);
	await person.painted();
	await person.runs("pwd; echo $((6*7))");
	await person.sees("/usr/lib\n42");
	await person.paintsWhatTheServerShows("made-here");
	// The session took this window's size.
	const { cols, rows } = (await session(berth, "made-here")).workers[0]!;
	expect((await person.rows()).length).toBe(rows);
	expect(cols).toBeGreaterThan(80);
	expect(person.faults).toEqual([]);
});

test("a session is opened by its name, and stays open when it gets another one", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "typed");
	const id = await sessionId(berth, "typed");
	await using person = await Person.loggedIn(berth);
	await person.page.goto("/s/typed");
	await person.painted();
	expect(new URL(person.page.url()).pathname).toBe(`/s/${id}`);
	await berth.ok(["rename", "typed", "other"]);
	await person.page.getByRole("heading", { name: "other" }).waitFor();
	await person.painted();
	await person.page.goto("/s/other/history");
	await person.page.getByRole("tablist", { name: "History" }).waitFor();
	expect(new URL(person.page.url()).pathname).toBe(`/s/${id}/history`);
});

test("an error of the daemon stands beside the field that caused it", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "taken");
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.getByRole("button", { name: "New session" }).first().click();
	const dialog = page.getByRole("dialog");
	const submit = dialog.getByRole("button", { name: "Start session" });
	const name = dialog.getByLabel("Name");
	await name.fill("taken");
	await submit.click();
	await until(async () => (await name.getAttribute("aria-invalid")) === "true", "the name is marked");
	await name.fill("free");
	await dialog.getByRole("combobox", { name: "Directory" }).fill("/no/such/place");
	await submit.click();
	await until(
		async () =>
			(await dialog.getByRole("combobox", { name: "Directory" }).getAttribute("aria-invalid")) === "true",
		"the directory is marked",
	);
	expect(await dialog.getByRole("alert").textContent()).toContain("/no/such/place");
});

test("a duplicate starts from what the session is", async () => {
	await using berth = await Berth.start();
	await berth.ok(["new", "server", "--cwd", "/usr/share", "--tag", "web", "--", "sleep", "1000"]);
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.getByRole("button", { name: "Actions for server" }).click();
	await page.getByRole("menuitem", { name: "Duplicate" }).click();
	const dialog = page.getByRole("dialog");
	expect(await dialog.getByRole("combobox", { name: "Directory" }).inputValue()).toBe("/usr/share");
	expect(await dialog.getByRole("textbox", { name: "Command" }).inputValue()).toBe("sleep 1000");
	await dialog.getByLabel("Name").fill("server-2");
	await dialog.getByRole("button", { name: "Start session" }).click();
	await page.waitForURL(/\/s\/s_/);
	const copy = (await berth.api<{ cwd: string; tags: string[] }>("GET", "/sessions/server-2")).body;
	expect([copy.cwd, copy.tags]).toEqual(["/usr/share", ["web"]]);
});
