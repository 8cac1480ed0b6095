/** The app without its daemon, and across builds. */
import { expect, test } from "bun:test";
import { Berth, until } from "../support/berth.ts";
import { newShell, Person, sessionId, useBrowser } from "./support.ts";

useBrowser({ serviceWorker: true });

/** Waits until the browser keeps the app's shell and opens pages with it. */
async function shellKept({ page }: Person): Promise<void> {
	await until(
		() => page.evaluate(() => navigator.serviceWorker.controller !== null),
		"the worker is in charge",
	);
}

test("opened while the daemon is away, the app says so, and goes on where it was when the daemon is back", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "steady");
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await shellKept(person);
	const id = await sessionId(berth, "steady");
	await berth.killDaemon();
	await page.goto(`/s/${id}`);
	await page.getByRole("heading", { name: "The daemon is not here" }).waitFor();
	expect(await page.evaluate(() => document.fonts.check('13px "Inter"'))).toBe(true);
	await berth.startDaemon();
	await person.painted();
	await person.runs("echo still-here");
	await person.sees(/^still-here$/m);
	expect(person.faults).toEqual([]);
	// What is not of the app is not answered by its shell.
	await berth.killDaemon();
	await expect(page.goto("/docs")).rejects.toThrow("ERR_CONNECTION_REFUSED");
});

test("with the daemon there, what it serves is shown and not what was kept; a new worker drops the caches of the old", async () => {
	await using berth = await Berth.start();
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await shellKept(person);
	const kept = await page.evaluate(async () => {
		for (const name of await caches.keys()) {
			const old = new Response("<h1>An old build</h1>", { headers: { "content-type": "text/html" } });
			await (await caches.open(name)).put("/", old);
		}
		return caches.keys();
	});
	expect(kept).toEqual([expect.stringMatching(/^berth-[0-9a-f]{16}$/)]);
	await page.goto("/");
	await page.getByRole("heading", { name: "Sessions" }).waitFor();
	await page.evaluate(async () => {
		await caches.open("berth-of-yesterday");
		for (const registration of await navigator.serviceWorker.getRegistrations())
			await registration.unregister();
	});
	await page.goto("/settings");
	await until(
		async () => (await page.evaluate(() => caches.keys())).join() === kept.join(),
		"the old cache is gone",
	);
	// And the page that was kept is this build's again.
	await shellKept(person);
	await berth.killDaemon();
	await page.goto("/");
	await page.getByRole("heading", { name: "The daemon is not here" }).waitFor();
});

test("a page of a build that is no longer served takes up the new one by itself", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "later");
	await using person = await Person.atOverview(berth, { serviceWorkers: "block" });
	const { page } = person;
	await page.locator("[data-session=later]").waitFor();
	let refused = 0;
	await person.context.route("**/assets/Timeline-*.js", async (route) => {
		refused++;
		if (refused === 1) await route.fulfill({ status: 404 });
		else await route.continue();
	});
	await page.getByRole("link", { name: "Timeline" }).click();
	await until(
		() => page.getByRole("heading", { name: "Timeline" }).isVisible(),
		"the new build shows it",
		50_000,
	);
	expect(refused).toBeGreaterThan(1);
	expect(new URL(page.url()).pathname).toBe("/timeline");
});

test("a part of the page that cannot be loaded is told, and the page is not reloaded without end", async () => {
	await using berth = await Berth.start();
	await using person = await Person.atOverview(berth, { serviceWorkers: "block" });
	const { page } = person;
	let loads = 0;
	page.on("domcontentloaded", () => loads++);
	await person.context.route("**/assets/Timeline-*.js", (route) => route.fulfill({ status: 404 }));
	await page.getByRole("link", { name: "Timeline" }).click();
	await page.getByText("A part of this page cannot be loaded").waitFor();
	expect(loads).toBe(1);
});
