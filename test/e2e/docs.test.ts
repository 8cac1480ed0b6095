import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { Berth, until } from "../support/berth.ts";
import { launchBrowser, WAIT_MS } from "../support/browser.ts";

let berth: Berth;
let browser: Browser | null = null;
beforeAll(async () => {
	berth = await Berth.start();
	await berth.api("POST", "/sessions", { name: "shown", command: ["cat"] });
	browser = await launchBrowser();
});
afterAll(async () => {
	await browser?.close();
	await berth[Symbol.asyncDispose]();
});

interface Visit extends AsyncDisposable {
	page: Page;
	/** What went wrong in the page: errors, refusals of the content policy, requests that failed or left us. */
	complaints: string[];
}

async function visit(): Promise<Visit> {
	const context = await browser!.newContext();
	context.setDefaultTimeout(WAIT_MS);
	const page = await context.newPage();
	const complaints: string[] = [];
	page.on("console", (message) => {
		if (message.type() === "error" && !message.text().includes("401")) complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	page.on("request", (request) => {
		const ours = request.url().startsWith(`http://127.0.0.1:${berth.port}/`);
		if (!ours && !request.url().startsWith("data:")) complaints.push(`asked ${request.url()}`);
	});
	return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

async function loginUrl(): Promise<string> {
	return (await berth.api<{ url: string }>("POST", "/login/tickets")).body.url;
}

test("Swagger UI shows every operation, from this binary alone, and tries them out with the login of the browser", async () => {
	await using it = await visit();
	await it.page.goto(`${await loginUrl()}&next=/docs`);
	expect(new URL(it.page.url()).pathname).toBe("/docs");
	await it.page.waitForSelector(".opblock");
	const { body } = await berth.api<{ paths: Record<string, object> }>("GET", "/docs/json");
	const operations = Object.values(body.paths).flatMap((methods) => Object.keys(methods));
	expect(await it.page.locator(".opblock").count()).toBe(operations.length);

	const list = it.page.locator("#operations-Sessions-listSessions");
	await list.locator(".opblock-summary-control").click();
	await list.locator("button.execute").click();
	await until(
		async () => (await list.locator(".live-responses-table").textContent())?.includes("shown"),
		"the answer is shown",
	);
	const input = it.page.locator("#operations-Terminal-sendInputSession");
	await input.locator(".opblock-summary-control").click();
	await input.locator('input[placeholder="ref"]').fill("shown");
	await input.locator("button.execute").click();
	await until(
		async () => (await input.locator(".live-responses-table").textContent())?.includes('"bytes"'),
		"the input was taken",
	);
	expect(it.complaints).toEqual([]);
});
