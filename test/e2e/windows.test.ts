/** Many windows of one browser: they share what browsers have few of. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth } from "../support/berth.ts";
import { newShell, Person, sessionId, useBrowser } from "./support.ts";

useBrowser();

/** More than the six connections that a browser opens to a host. */
const WINDOWS = 8;

const row = (page: Page, name: string) => page.locator(`[data-session=${name}]`);

test("eight windows follow what happens over one stream, and go on when the one that reads it is closed", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "first");
	await using person = await Person.atOverview(berth);
	let streams = 0;
	person.context.on("request", (request) => {
		// The first window's own may come late.
		if (request.headers().accept === "text/event-stream" && request.frame().page() !== person.page) streams++;
	});
	const others: Page[] = [];
	for (let index = 1; index < WINDOWS; index++) {
		const page = await person.context.newPage();
		await page.goto("/");
		await row(page, "first").waitFor();
		others.push(page);
	}
	// A page that never asks anew: what it shows of now on has come as an event.
	const timeline = others.at(-1)!;
	await timeline.goto("/timeline");
	const made = (name: string) =>
		timeline.getByRole("listitem").filter({ hasText: name }).filter({ hasText: "made" });
	await made("first").first().waitFor();
	others.pop();
	await newShell(berth, "second");
	for (const page of [person.page, ...others]) await row(page, "second").waitFor();
	await made("second").first().waitFor();
	// The one that was there first reads for all of them.
	expect(streams).toBe(0);
	await person.page.close();
	await newShell(berth, "third");
	for (const page of others) await row(page, "third").waitFor();
	await made("third").first().waitFor();
	expect(streams).toBe(1);
	await berth.killDaemon();
	await berth.startDaemon();
	await newShell(berth, "fourth");
	for (const page of others) await row(page, "fourth").waitFor();
	await made("fourth").first().waitFor();
	expect(person.faults).toEqual([]);
});

test("eight windows show eight terminals, each with its own stream, run a command each, and the ninth still opens", async () => {
	await using berth = await Berth.start();
	await using person = await Person.loggedIn(berth);
	const pages: Page[] = [];
	for (let index = 0; index < WINDOWS; index++) {
		const name = `window-${index}`;
		await newShell(berth, name);
		const page = await person.context.newPage();
		await page.goto(`/s/${await sessionId(berth, name)}`);
		await page.locator(".host[data-stream=open] .xterm-rows").waitFor();
		pages.push(page);
	}
	for (const [index, page] of pages.entries()) {
		await page.locator(".xterm-helper-textarea").focus();
		await page.keyboard.type(`echo here-${index}-$((6 * 7))\n`);
		await page.getByText(`here-${index}-42`, { exact: true }).first().waitFor();
	}
	for (const page of pages) {
		const box = page.getByLabel("Run a command");
		if (!(await box.isVisible())) await page.getByRole("button", { name: "Commands", exact: true }).click();
		await box.fill(`read -r answer; echo heard-$answer`);
		await box.press("Enter");
		await page.getByRole("button", { name: "Interrupt" }).waitFor();
	}
	const ninth = await person.context.newPage();
	await ninth.goto("/");
	await row(ninth, "window-0").waitFor();
	// Each end comes all the same, with its output.
	for (const [index, page] of pages.entries()) {
		await berth.ok(["send", `window-${index}`, `${index}`, "--enter"]);
		await page
			.getByRole("listitem")
			.filter({ hasText: "read -r answer" })
			.getByText(`heard-${index}`)
			.waitFor();
		await page.getByRole("button", { name: "Run", exact: true }).waitFor();
	}
	expect(person.faults).toEqual([]);
});

test("eight windows follow a conversation, and the ninth still opens", async () => {
	await using berth = await Berth.home();
	installFakeAgent(berth.home);
	await berth.startDaemon();
	await using person = await Person.loggedIn(berth);
	await berth.api("POST", "/sessions", { name: "helper", port: null, agent: { definition: "fake" } });
	const pages: Page[] = [];
	for (let index = 0; index < WINDOWS; index++) {
		const page = await person.context.newPage();
		await page.goto(`/s/${await sessionId(berth, "helper")}`);
		await page.getByRole("textbox", { name: "Prompt", exact: true }).waitFor();
		pages.push(page);
	}
	const ninth = await person.context.newPage();
	await ninth.goto("/");
	await row(ninth, "helper").waitFor();
	await berth.api("POST", "/sessions/helper/prompts", { text: "say heard-by-all" });
	const said = (page: Page, text: string) =>
		page.getByRole("article", { name: "Agent" }).filter({ hasText: text });
	for (const page of pages) await said(page, "heard-by-all").waitFor();
	// A window that closes leaves its place to the others.
	for (const page of pages.splice(0, 4)) await page.close();
	await berth.api("POST", "/sessions/helper/prompts", { text: "say heard-by-the-rest" });
	for (const page of pages) await said(page, "heard-by-the-rest").waitFor();
	expect(person.faults).toEqual([]);
});
