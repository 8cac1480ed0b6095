import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Berth, until } from "../support/berth.ts";
import { chooses, newShell, Person, session, sessionId, useBrowser } from "./support.ts";

useBrowser();

const workers = async (berth: Berth, name: string) => (await session(berth, name)).workers;

test("a worker is added, named by a tab that survives a reload and the daemon's death, and typed into", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "many");
	await using person = await Person.atTerminal(berth, "many");
	const { page } = person;
	await chooses(page, "Add a worker");
	const dialog = page.getByRole("dialog", { name: "Add a worker to many" });
	await dialog.getByText("Command", { exact: true }).click();
	await dialog.getByRole("textbox", { name: "Command" }).fill("no-such-program");
	await dialog.getByRole("button", { name: "Start worker" }).click();
	await dialog.getByRole("alert").filter({ hasText: "no-such-program" }).waitFor();
	await dialog.getByLabel("Name").fill("echo");
	await dialog.getByRole("textbox", { name: "Command" }).fill("cat");
	await dialog.getByRole("button", { name: "Start worker" }).click();
	const tabs = page.getByRole("navigation", { name: "Workers of many" });
	await tabs.getByRole("link", { name: "echo" }).and(page.locator("[aria-current=page]")).waitFor();
	await person.painted();
	await person.runs("into the second");
	await person.sees(/into the second\ninto the second/);
	await page.reload();
	await person.painted();
	await person.sees("into the second");
	await berth.killDaemon();
	await page.getByText("The daemon does not answer").waitFor();
	await berth.startDaemon();
	await page.getByText("The daemon does not answer").waitFor({ state: "hidden" });
	await tabs.getByRole("link", { name: "main" }).click();
	await until(async () => !(await person.text()).includes("into the second"), "the first worker is shown");
	await person.runs("echo $((40 + 2))");
	await person.sees(/^42$/m);
	expect(person.faults).toEqual([]);
});

test("a worker is renamed, closed, started again and forgotten, and the others are left as they are", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "many");
	await berth.ok(["worker", "add", "many", "second", "--", "cat"]);
	await using person = await Person.atTerminal(berth, "many");
	const { page } = person;
	const [first] = await workers(berth, "many");
	const tabs = page.getByRole("navigation", { name: "Workers of many" });
	const act = async (name: string, action: string) => {
		await page.getByRole("button", { name: `Actions for the worker ${name}` }).click();
		await page.getByRole("menuitem", { name: action, exact: true }).click();
	};
	const confirm = async (title: string, verb: string) => {
		const dialog = page.getByRole("dialog", { name: title });
		await dialog.getByRole("button", { name: verb, exact: true }).last().click();
		await dialog.waitFor({ state: "hidden" });
	};
	await tabs.getByRole("link", { name: "second" }).click();
	await act("second", "Rename");
	const rename = page.getByRole("dialog", { name: "Rename many / second" });
	await rename.getByLabel("Name").fill("main");
	await rename.getByRole("button", { name: "Rename" }).click();
	await rename.getByRole("alert").filter({ hasText: "already" }).waitFor();
	await rename.getByLabel("Name").fill("helper");
	await rename.getByRole("button", { name: "Rename" }).click();
	await tabs.getByRole("link", { name: "helper" }).waitFor();
	await act("helper", "Close");
	await confirm("Close many / helper?", "Close");
	await page.getByText(/^many \/ helper: closed/).waitFor();
	expect((await workers(berth, "many")).map(({ state }) => state)).toEqual(["running", "exited"]);
	await act("helper", "Start again");
	await confirm("Restart many / helper?", "Restart");
	await person.painted();
	expect((await workers(berth, "many"))[1]).toMatchObject({ state: "running", generation: 2 });
	await act("helper", "Kill");
	await confirm("Kill many / helper?", "Kill");
	await act("helper", "Forget");
	await confirm("Forget many / helper?", "Forget");
	await tabs.waitFor({ state: "hidden" });
	expect((await workers(berth, "many")).map(({ id, generation }) => [id, generation])).toEqual([
		[first!.id, 1],
	]);
	expect(person.faults).toEqual([]);
});

test("a paused session is shown as paused, over the daemon's death too, and resumed where it was", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "rest", ["--cwd", "/usr"]);
	await using person = await Person.atTerminal(berth, "rest");
	const { page } = person;
	await person.runs("cd lib");
	await until(async () => (await berth.ok(["info", "rest", "--json"])).includes('"/usr/lib"'), "it moved");
	await chooses(page, "Pause");
	const dialog = page.getByRole("dialog", { name: "Pause rest?" });
	await dialog.getByText("bash").first().waitFor();
	await dialog.getByRole("button", { name: "Pause", exact: true }).click();
	await page
		.getByText(/^Paused/)
		.first()
		.waitFor();
	await page.goto("/");
	const row = page.locator("[data-session=rest]");
	await row.getByText("paused", { exact: true }).waitFor();
	await row.getByRole("img", { name: "paused" }).waitFor();
	await berth.killDaemon();
	await berth.startDaemon();
	await row.getByRole("button", { name: "Resume" }).click();
	await page.getByText("rest goes on").waitFor();
	await until(async () => (await workers(berth, "rest"))[0]!.state === "running", "it runs again");
	await person.opens("rest");
	await person.runs("pwd");
	await person.sees(/^\/usr\/lib$/m);
	expect(person.faults).toEqual([]);
});

test("a paused session is resumed from its own page, and closed for good without being resumed", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "rest");
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	await berth.ok(["pause", "rest"]);
	await page.goto(`/s/${await sessionId(berth, "rest")}`);
	await page.getByRole("button", { name: "Resume" }).click();
	await person.painted();
	await berth.ok(["pause", "rest"]);
	await page
		.getByText(/^Paused/)
		.first()
		.waitFor();
	await chooses(page, "Close");
	await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).last().click();
	await page
		.getByText(/^Paused/)
		.first()
		.waitFor({ state: "hidden" });
	await page.getByRole("button", { name: "Start again" }).waitFor();
});

test("a duplicate has the environment that the page never sees", async () => {
	await using berth = await Berth.start();
	const cwd = join(berth.home, "work");
	mkdirSync(cwd);
	await newShell(berth, "model", ["--env", "SECRET=harbour-7", "--cwd", cwd, "--tag", "blue"]);
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	const told: Promise<string>[] = [];
	page.on("response", (response) => {
		if (response.url().includes("/sessions")) told.push(response.text().catch(() => ""));
	});
	await person.opens("model");
	await chooses(page, "Duplicate");
	const dialog = page.getByRole("dialog", { name: "Duplicate model" });
	await dialog.getByLabel("Name").fill("copy");
	await dialog.getByRole("button", { name: "Start session" }).click();
	await page.getByRole("heading", { name: "copy" }).waitFor();
	await person.painted();
	expect((await Promise.all(told)).join("")).not.toContain("harbour-7");
	await person.runs("echo $SECRET in $PWD");
	await person.sees(`harbour-7 in ${cwd}`);
	expect(JSON.parse(await berth.ok(["info", "copy", "--json"]))).toMatchObject({ tags: ["blue"], cwd });
});
