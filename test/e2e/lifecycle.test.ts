import { expect, test } from "bun:test";
import { alive, Berth, until } from "../support/berth.ts";
import { chooses, newShell, Person, session, useBrowser } from "./support.ts";

useBrowser();

const state = async (berth: Berth, name: string) => (await session(berth, name)).workers[0]!.state;

test("close asks once, shows what ends, and tells the end from the events", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "tree");
	await using person = await Person.atTerminal(berth, "tree");
	const { page } = person;
	await person.runs("sleep 4711 & sleep 4712");
	await until(async () => (await session(berth, "tree")).workers[0]!.state === "running", "it runs");
	await chooses(page, "Close");
	const dialog = page.getByRole("dialog", { name: "Close tree?" });
	await dialog.getByText("sleep").nth(1).waitFor();
	expect(await dialog.getByRole("listitem").filter({ hasText: "bash" }).count()).toBeGreaterThan(0);
	await dialog.getByRole("button", { name: "Cancel" }).click();
	expect(await state(berth, "tree")).toBe("running");
	await chooses(page, "Close");
	await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
	await page.getByText(/^tree: closed/).waitFor();
	expect(await state(berth, "tree")).toBe("exited");
	await page.getByRole("tab", { name: "Replay" }).waitFor();
	expect(person.faults).toEqual([]);
});

test("restart keeps the page: the same terminal shows the new generation", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "again");
	await using person = await Person.atTerminal(berth, "again");
	const { page } = person;
	await person.runs("echo before-the-restart");
	await person.sees(/^before-the-restart$/m);
	await chooses(page, "Restart");
	await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
	await page.getByText("again restarted").waitFor();
	expect((await session(berth, "again")).workers[0]!.generation).toBe(2);
	await person.painted();
	await until(async () => !(await person.text()).includes("before-the-restart"), "the old output is gone");
	await person.runs("echo after-the-restart");
	await person.sees(/^after-the-restart$/m);
	await person.paintsWhatTheServerShows("again");
});

test("signals reach the foreground job: interrupt at once, TERM after a question", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "signals");
	await using person = await Person.atTerminal(berth, "signals");
	const { page } = person;
	await person.runs("sleep 4713; echo interrupted-$?");
	const signals = page.getByRole("button", { name: "Signal the foreground job" });
	await until(async () => {
		const processes = await berth.api<{ name: string }[]>("GET", "/sessions/signals/processes");
		return processes.body.some(({ name }) => name === "sleep");
	}, "it sleeps");
	await signals.click();
	await page.getByRole("menuitem", { name: /^SIGINT/ }).click();
	await page.getByText("SIGINT sent to signals").waitFor();
	await person.runs("sleep 4714; echo ended-$?");
	await until(async () => {
		const processes = await berth.api<{ name: string }[]>("GET", "/sessions/signals/processes");
		return processes.body.some(({ name }) => name === "sleep");
	}, "it sleeps again");
	await signals.click();
	await page.getByRole("menuitem", { name: /^SIGTERM/ }).click();
	const dialog = page.getByRole("dialog", { name: "Send SIGTERM to signals?" });
	await dialog.getByText("sleep").waitFor();
	await dialog.getByRole("button", { name: "Send" }).click();
	await person.sees("ended-143");
});

test("kill, close and restart work on a session whose holder hangs", async () => {
	await using berth = await Berth.start();
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	for (const [name, action] of [
		["hung-killed", "Kill"],
		["hung-closed", "Close"],
		["hung-restarted", "Restart"],
	] as const) {
		await newShell(berth, name);
		const { pid } = (await session(berth, name)).workers[0]!;
		const holder = Number(/^PPid:\s+(\d+)/m.exec(await Bun.file(`/proc/${pid}/status`).text())![1]);
		await page.goto("/");
		await page.locator(`[data-session=${name}]`).waitFor();
		process.kill(holder, "SIGSTOP");
		await page.getByRole("button", { name: `Actions for ${name}` }).click();
		await page.getByRole("menuitem", { name: action, exact: true }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByText("bash").first().waitFor();
		await dialog.getByRole("button", { name: action, exact: true }).last().click();
		await page.getByText(new RegExp(`^${name}( restarted|: )`)).waitFor();
		expect(alive(pid)).toBe(false);
		expect(await state(berth, name)).toBe(action === "Restart" ? "running" : "exited");
	}
	expect(person.faults).toEqual([]);
});

test("kill ends a healthy session at once, and the page offers to start it again", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "doomed");
	await using person = await Person.atTerminal(berth, "doomed");
	const { page } = person;
	await person.runs("trap '' HUP TERM; echo stubborn");
	await person.sees(/^stubborn$/m);
	const { pid } = (await session(berth, "doomed")).workers[0]!;
	await chooses(page, "Kill");
	await page.getByRole("dialog").getByRole("button", { name: "Kill", exact: true }).click();
	await page.getByText("doomed: killed · SIGKILL").waitFor();
	expect(alive(pid)).toBe(false);
	await page.getByRole("button", { name: "Start again" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
	await person.painted();
	expect((await session(berth, "doomed")).workers[0]!.generation).toBe(2);
});

test("a signal reaches the job of a session whose holder hangs", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "deaf");
	await using person = await Person.atTerminal(berth, "deaf");
	const { page } = person;
	await person.runs("sleep 4715");
	const sleeper = await until(async () => {
		const found = await berth.api<{ name: string; pid: number }[]>("GET", "/sessions/deaf/processes");
		return found.body.find(({ name }) => name === "sleep")?.pid;
	}, "it sleeps");
	const { pid } = (await session(berth, "deaf")).workers[0]!;
	const holder = Number(/^PPid:\s+(\d+)/m.exec(await Bun.file(`/proc/${pid}/status`).text())![1]);
	process.kill(holder, "SIGSTOP");
	await page.getByRole("button", { name: "Signal the foreground job" }).click();
	await page.getByRole("menuitem", { name: /^SIGKILL/ }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
	await until(() => !alive(sleeper), "the job is gone");
	expect(alive(pid)).toBe(true);
	process.kill(holder, "SIGCONT");
	await person.runs("echo awake");
	await person.sees(/^awake$/m);
});

test("many sessions are closed at once, and ended ones are forgotten", async () => {
	await using berth = await Berth.start();
	for (const name of ["one", "two", "three"]) await newShell(berth, name);
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.getByLabel("Ended").check();
	for (const name of ["one", "two"]) {
		await page.locator(`[data-session=${name}]`).hover();
		await page.getByLabel(`Select ${name}`).check();
	}
	await page
		.getByRole("toolbar", { name: "Selected sessions" })
		.getByRole("button", { name: "Close" })
		.click();
	await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).last().click();
	await page.getByText("2 sessions closed").waitFor();
	expect(await state(berth, "three")).toBe("running");
	await page
		.getByRole("toolbar", { name: "Selected sessions" })
		.getByRole("button", { name: "Forget" })
		.click();
	await page.getByRole("dialog").getByRole("button", { name: "Forget", exact: true }).click();
	await page.locator("[data-session=one]").waitFor({ state: "detached" });
	expect((await berth.api<unknown[]>("GET", "/sessions?all=true")).body.length).toBe(1);
});
