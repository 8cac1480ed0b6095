import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Response } from "playwright-core";
import { Berth, until } from "../support/berth.ts";
import { endedSession, newShell, Person, session, useBrowser } from "./support.ts";

useBrowser();

/** Bytes that may cross the wire before a terminal opens: fonts, styles and scripts together. */
const FIRST_LOAD_BYTES = 300 * 1024;

test("the first load is light, packed, cached for good, and asks nobody else", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "some");
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	let bytes = 0;
	const unpacked: string[] = [];
	const uncached: string[] = [];
	const pending: Promise<void>[] = [];
	const weigh = (response: Response) => {
		pending.push(
			(async () => {
				const path = new URL(response.url()).pathname;
				if (path === "/events") return;
				const sizes = await response.request().sizes();
				bytes += sizes.responseBodySize + sizes.responseHeadersSize;
				const headers = await response.allHeaders();
				if (/\.(js|css)$/.test(path) && headers["content-encoding"] !== "br") unpacked.push(path);
				if (
					/-[\w-]{8}\.\w+$/.test(path) &&
					!/max-age=31536000, immutable/.test(headers["cache-control"] ?? "")
				) {
					uncached.push(path);
				}
			})(),
		);
	};
	page.on("response", weigh);
	await page.goto("/");
	await page.locator("[data-session=some]").waitFor();
	await page.evaluate(() => document.fonts.ready);
	page.off("response", weigh);
	await Promise.all(pending);
	expect(bytes).toBeGreaterThan(20_000);
	expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
	expect([unpacked, uncached]).toEqual([[], []]);
	expect(
		await page.evaluate(() =>
			performance.getEntriesByType("resource").some(({ name }) => /terminal/.test(name)),
		),
	).toBe(false);
	await person.opens("some");
	const origin = `http://127.0.0.1:${berth.port}/`;
	expect(person.requests.filter((url) => !url.startsWith(origin))).toEqual([]);
	expect(person.faults).toEqual([]);
});

test("no script of the page itself may run: the policy allows only our files", async () => {
	await using berth = await Berth.start();
	const response = await fetch(`http://127.0.0.1:${berth.port}/`);
	const policy = response.headers.get("content-security-policy") ?? "";
	const scripts = /script-src ([^;]*)/.exec(policy)![1]!;
	expect(scripts).toBe("'self' 'wasm-unsafe-eval'");
	const html = await response.text();
	expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
	expect(html).not.toMatch(/\son\w+=/);
});

test("it can be installed: a manifest, icons of the sizes that are asked for, and a start page", async () => {
	await using berth = await Berth.start();
	const base = `http://127.0.0.1:${berth.port}`;
	const html = await (await fetch(base)).text();
	const path = /rel="manifest" href="([^"]+)"/.exec(html)![1]!;
	const manifest = (await (await fetch(base + path)).json()) as {
		display: string;
		start_url: string;
		icons: { src: string; sizes: string }[];
	};
	expect([manifest.display, manifest.start_url]).toEqual(["standalone", "/"]);
	expect(manifest.icons.map(({ sizes }) => sizes)).toContain("512x512");
	for (const { src } of manifest.icons) {
		const icon = await fetch(base + src);
		expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/png"]);
	}
});

test("a command run in the box is a block with exit code, duration, directory and output", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "box", ["--cwd", "/usr"]);
	await using person = await Person.atTerminal(berth, "box");
	const { page } = person;
	await person.runs("echo typed-by-hand");
	await page.getByRole("button", { name: "Commands", exact: true }).click();
	const panel = page.getByRole("complementary", { name: "Commands" });
	await panel.getByRole("button", { name: /echo typed-by-hand/ }).waitFor();
	const box = panel.getByLabel("Run a command");
	await box.fill("seq 3; cd lib; (exit 7)");
	await box.press("Enter");
	const block = panel.getByRole("listitem").filter({ hasText: "seq 3" });
	await block.getByText("exit 7", { exact: true }).waitFor();
	await until(async () => (await block.locator("pre").textContent()) === "1\n2\n3", "the output is shown");
	expect(await block.textContent()).toContain("/usr");
	// Run again, from the block of the command that was typed.
	const typed = panel.getByRole("listitem").filter({ hasText: "typed-by-hand" });
	await typed.getByRole("button", { expanded: false }).click();
	await typed.getByRole("button", { name: "Run again" }).click();
	await until(
		async () => (await panel.getByRole("button", { name: /echo typed-by-hand/ }).count()) === 2,
		"it ran again",
	);
	expect(person.faults).toEqual([]);
});

test("the output of a command that was run in the box is shown, also when its end is told before the answer comes", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "late");
	await using person = await Person.atTerminal(berth, "late");
	const { page } = person;
	const listed = page.waitForResponse((response) => /\/commands\b/.test(response.url()));
	await page.getByRole("button", { name: "Commands", exact: true }).click();
	await listed;
	const panel = page.getByRole("complementary", { name: "Commands" });
	const block = panel.getByRole("listitem").filter({ hasText: "seq 3" });
	let lists = 0;
	page.on("request", (request) => {
		if (/\/commands\b/.test(request.url())) lists++;
	});
	await page.route("**/run", async (route) => {
		const response = await route.fetch();
		await block.waitFor();
		await route.fulfill({ response });
	});
	await panel.getByLabel("Run a command").fill("seq 3");
	await panel.getByLabel("Run a command").press("Enter");
	await until(async () => (await block.locator("pre").textContent()) === "1\n2\n3", "the output is shown");
	// What the session shows changes with each output; the commands are told by events.
	for (const n of [1, 2, 3]) {
		await person.runs(`echo change-${n}`);
		await panel.getByRole("button", { name: `echo change-${n}` }).waitFor();
	}
	expect(lists).toBe(0);
	expect(person.faults).toEqual([]);
});

test("an ended session is replayed, searched and downloaded", async () => {
	await using berth = await Berth.start();
	await endedSession(berth, "past", "for i in 1 2 3; do echo step-$i; sleep 0.1; done; exit 3");
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	await page.goto(`/s/${(await session(berth, "past")).id}`);
	await page.getByText("exit 3").first().waitFor();
	// The player paints its first picture from the recording, and then the whole of it.
	await page.locator(".ap-player").waitFor();
	await page.getByRole("radio", { name: "16×" }).click();
	await page.locator(".ap-playback-button").click();
	await page.locator(".ap-term-text").filter({ hasText: "step-3" }).waitFor();
	await page.getByRole("tab", { name: "Text" }).click();
	await page.getByText("step-2").waitFor();
	await page.getByLabel("Search the output").fill("step-3");
	await page.getByText("1 of 1").waitFor();
	await page.getByRole("button", { name: "Download" }).click();
	const download = page.waitForEvent("download");
	await page.getByRole("menuitem", { name: "Recording (asciicast v3)" }).click();
	const file = await (await download).path();
	const [head, ...lines] = readFileSync(file, "utf8").trim().split("\n");
	expect(JSON.parse(head!).version).toBe(3);
	expect(lines.join("\n")).toContain("step-3");
	expect(person.faults).toEqual([]);
});

test("the palette finds sessions and commands, by keyboard alone", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "harbour-api");
	await newShell(berth, "notes-of-today");
	await using person = await Person.atOverview(berth);
	const { page } = person;
	await page.locator("[data-session=notes-of-today]").waitFor();
	await page.keyboard.press("Control+K");
	await page.getByRole("combobox", { name: "Find a session or a command" }).fill("notod");
	await page.keyboard.press("Enter");
	await page.waitForURL(new RegExp((await session(berth, "notes-of-today")).id));
	await person.painted();
	await page.keyboard.press("Control+Shift+K");
	await page.getByRole("combobox", { name: "Find a session or a command" }).fill("dark theme");
	await page.keyboard.press("Enter");
	await until(
		async () => (await page.evaluate(() => document.documentElement.dataset.theme)) === "dark",
		"the page is dark",
	);
	await page.goto("/");
	await page.locator("[data-session=harbour-api]").waitFor();
	await page.keyboard.press("?");
	await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("/");
	await page.keyboard.type("harb");
	await page.locator("[data-session=notes-of-today]").waitFor({ state: "detached" });
	expect(person.faults).toEqual([]);
});

test("the timeline is live, and filtered by session and kind", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "seen");
	await newShell(berth, "other");
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	await page.goto(`/timeline?session=${(await session(berth, "seen")).id}`);
	await page.getByRole("listitem").filter({ hasText: "running as" }).first().waitFor();
	await berth.ok(["run", "seen", "echo told-by-event"]);
	await page.getByText("echo told-by-event").waitFor();
	expect(
		await page.getByRole("link", { name: "other", exact: true }).locator("xpath=ancestor::ol").count(),
	).toBe(await page.locator("nav ol").count());
	await page.getByRole("button", { name: "Commands" }).click();
	await page.getByText("echo told-by-event").waitFor({ state: "detached" });
	await page.getByRole("button", { name: "Replay", exact: true }).click();
	await page
		.getByRole("button", { name: "Pause" })
		.waitFor({ state: "attached", timeout: 5000 })
		.catch(() => {});
	await page.getByRole("button", { name: "Replay", exact: true }).waitFor();
	expect(person.faults).toEqual([]);
});

test("the grid shows several terminals, takes keys for each, resizes none, and remembers itself", async () => {
	await using berth = await Berth.start();
	for (const name of ["left", "right"]) await newShell(berth, name, ["--size", "100x30"]);
	await using person = await Person.loggedIn(berth);
	const { page } = person;
	await page.goto("/grid");
	await page.getByRole("button", { name: "Show all that run" }).click();
	const right = page.getByRole("region", { name: "right" });
	await right.locator(".host[data-stream=open] .xterm-rows").waitFor();
	await right.locator(".xterm-helper-textarea").focus();
	await page.keyboard.type("echo in-the-grid");
	await page.keyboard.press("Enter");
	await right.getByText("in-the-grid", { exact: true }).waitFor();
	await page.reload();
	await page.getByRole("region", { name: "left" }).locator(".host[data-stream=open]").waitFor();
	await right.getByText("in-the-grid", { exact: true }).waitFor();
	for (const name of ["left", "right"]) {
		const { cols, rows } = (await session(berth, name)).workers[0]!;
		expect([name, cols, rows]).toEqual([name, 100, 30]);
	}
	expect(person.faults).toEqual([]);
});
