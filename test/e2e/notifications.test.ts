import { expect, test } from "bun:test";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, until } from "../support/berth.ts";
import { Person, sessionId, useBrowser } from "./support.ts";

useBrowser({ whole: true });

test("somebody who looks elsewhere is notified, once, of each agent that needs permission or an answer", async () => {
	await using berth = await Berth.home();
	installFakeAgent(berth.home, { driver: "acp" });
	await berth.startDaemon();
	await using person = await Person.loggedIn(berth);
	const { page, context } = person;
	await context.grantPermissions(["notifications"], { origin: `http://127.0.0.1:${berth.port}` });
	await page.addInitScript(() => {
		const shown: string[] = [];
		Object.assign(window, { shownNotifications: shown });
		const Real = Notification;
		window.Notification = class extends Real {
			constructor(title: string, options?: NotificationOptions) {
				super(title, options);
				shown.push(title);
			}
		};
	});
	const shown = () =>
		page.evaluate(() => (window as unknown as { shownNotifications: string[] }).shownNotifications);
	const make = async (name: string) => {
		const made = await berth.api("POST", "/sessions", { name, port: null, agent: { definition: "fake" } });
		expect(made.status).toBe(201);
	};
	await make("maker");
	await make("asker");
	// The first of them stands before nobody's eyes.
	await page.goto(`/s/${await sessionId(berth, "maker")}`);
	await page.locator('.page-head [data-state="idle"]').waitFor();
	await page.evaluate(() =>
		Object.defineProperty(document, "hidden", { configurable: true, get: () => true }),
	);
	const told: string[] = [];
	for (const [name, prompt, news] of [
		["maker", "permit make", "maker / main needs permission"],
		["asker", "inquire", "asker / main needs input"],
	] as const) {
		await berth.api("POST", `/sessions/${name}/prompts`, { text: prompt });
		told.push(news);
		await until(async () => (await shown()).length >= told.length, "it is notified");
		await until(async () => (await page.title()).startsWith(`(${told.length}) `), "the title counts it");
		expect(await shown()).toEqual(told);
	}
	expect(person.faults).toEqual([]);
});
