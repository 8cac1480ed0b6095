/** What a terminal does besides showing text: commands to go back to, links, bells, titles, and how it is read and looked at. */
import { expect, test } from "bun:test";
import { Berth, until } from "../support/berth.ts";
import { endedSession, newShell, Person, session, sessionId, useBrowser } from "./support.ts";

useBrowser();

test("a command is jumped to, whether it ran while somebody looked or long before", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "past");
	// Before any page was open: the page knows these from a picture of the screen alone.
	await berth.ok(["run", "past", "seq -f 'early %g' 1 150"]);
	await berth.ok(["run", "past", "seq -f 'late %g' 1 150"]);
	await using person = await Person.atTerminal(berth, "past");
	const { page } = person;
	await person.sees("late 150");
	await person.runs("seq -f 'live %g' 1 150");
	await person.sees("live 150");
	await page.getByRole("button", { name: "Commands", exact: true }).click();
	const panel = page.getByRole("complementary", { name: "Commands" });
	const jump = async (word: string) => {
		const block = panel.getByRole("listitem").filter({ hasText: word });
		const head = block.getByRole("button", { name: new RegExp(word) });
		if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
		await block.getByRole("button", { name: "Jump" }).click();
	};
	for (const word of ["early", "live", "late"]) {
		await jump(word);
		// The line where it was typed is at the top, its output below.
		await until(async () => {
			const rows = await person.rows();
			return rows[0]!.includes(`seq -f '${word} %g'`) && rows[1] === `${word} 1`;
		}, `${word} is at the top`);
	}
	expect(person.faults).toEqual([]);
});

test("the commands of an ended session are listed with their output, copied, and found in its text", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "past");
	await berth.ok(["run", "past", "echo first-generation"]);
	await berth.ok(["restart", "past"]);
	await berth.run(["run", "past", "printf 'one\\ntwo\\n'; (exit 5)"]);
	await berth.ok(["close", "past"]);
	await using person = await Person.loggedIn(berth, { permissions: ["clipboard-read", "clipboard-write"] });
	const { page } = person;
	await page.goto(`/s/${await sessionId(berth, "past")}`);
	await page.getByRole("tab", { name: "Commands" }).click();
	const blocks = page.getByRole("tabpanel").getByRole("listitem");
	await blocks.getByText("5", { exact: true }).waitFor();
	// The restart began anew: offsets of before mean nothing now.
	expect(await blocks.count()).toBe(1);
	await blocks.getByRole("button", { expanded: false }).click();
	await blocks.getByText("one\ntwo").waitFor();
	await blocks.getByRole("button", { name: "Output" }).click();
	await page.getByText("Output copied").waitFor();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("one\ntwo");
	await blocks.getByRole("button", { name: "Jump" }).click();
	await page.getByRole("tab", { name: "Text", selected: true }).waitFor();
	await page.locator("mark").filter({ hasText: "printf" }).first().waitFor();
	expect(person.faults).toEqual([]);
});

test("addresses in the output are links, and open in a window that knows nothing of this one", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "links");
	await using person = await Person.atTerminal(berth, "links");
	const { page } = person;
	const target = `http://127.0.0.1:${berth.port}/health`;
	await person.runs(
		`clear; echo 'see ${target} there'; printf '\\e]8;;${target}?osc\\e\\\\named\\e]8;;\\e\\\\\\n'`,
	);
	await person.sees(/^named$/m);
	const clickOn = async (text: string) => {
		const at = await page.evaluate((wanted) => {
			for (const row of document.querySelectorAll(".xterm-rows > div")) {
				const column = (row.textContent ?? "").replaceAll("\u00a0", " ").indexOf(wanted);
				if (column < 0 || (row.textContent ?? "").includes("echo")) continue;
				const box = row.getBoundingClientRect();
				const cell = Number.parseFloat(getComputedStyle(row).fontSize) * 0.6;
				return { x: box.left + (column + 2) * cell, y: box.top + box.height / 2 };
			}
			return null;
		}, text);
		await page.mouse.move(at!.x - 5, at!.y);
		await page.mouse.move(at!.x, at!.y);
		await page.locator(".xterm-cursor-pointer").waitFor();
		const opened = person.context.waitForEvent("page");
		await page.mouse.click(at!.x, at!.y);
		return await opened;
	};
	for (const [text, address] of [
		[target, target],
		["named", `${target}?osc`],
	] as const) {
		const opened = await clickOn(text);
		await opened.waitForURL(address);
		expect(await opened.evaluate(() => window.opener)).toBeNull();
		await opened.close();
	}
});

test("a bell is shown as a short frame, unless the person does not want it", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "bell");
	await using person = await Person.atTerminal(berth, "bell");
	const { page } = person;
	// The frame is there for a moment only: it is caught as it appears.
	const rung = () =>
		page.evaluate(
			() =>
				new Promise<boolean>((resolve) => {
					const pane = document.querySelector(".pane")!;
					new MutationObserver((_, observer) => {
						if (!pane.classList.contains("rung")) return;
						observer.disconnect();
						resolve(true);
					}).observe(pane, { attributes: true });
				}),
		);
	const seen = rung();
	await person.runs("printf '\\a'");
	expect(await seen).toBe(true);
	await page.goto("/settings");
	await page.getByLabel("Show the bell").uncheck();
	await person.opens("bell");
	let again = false;
	void rung().then(
		() => {
			again = true;
		},
		// The page is closed before it ever rings.
		() => {},
	);
	await person.runs("printf '\\a'; echo after-the-bell");
	await person.sees(/^after-the-bell$/m);
	expect(again).toBe(false);
});

test("the title that a program sets is shown, and goes with the program", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "title");
	await using person = await Person.atTerminal(berth, "title");
	const { page } = person;
	await person.runs("printf '\\e]2;Harbour watch\\a'; sleep 1000");
	await page.locator(".page-head").getByText("Harbour watch").waitFor();
	await page.reload();
	await page.locator(".page-head").getByText("Harbour watch").waitFor();
});

test("with the setting for screen readers, the terminal's text is given to them", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "spoken");
	await using person = await Person.atTerminal(berth, "spoken");
	const { page } = person;
	const tree = page.locator(".xterm-accessibility-tree");
	expect(await tree.count()).toBe(0);
	await page.goto("/settings");
	await page.getByLabel("Screen reader").check();
	await person.opens("spoken");
	await person.runs("echo said-$((40 + 2))");
	await tree
		.getByRole("listitem")
		.filter({ hasText: /^said-42/ })
		.waitFor();
	await page.locator(".xterm [aria-live]").filter({ hasText: "said-42" }).waitFor();
});

test("look only: what is typed is not sent, the window has no say in the size, and one click types again", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "look");
	await using person = await Person.atTerminal(berth, "look");
	const { page } = person;
	const cols = async () => (await session(berth, "look")).workers[0]!.cols;
	const before = await cols();
	const button = page.getByRole("button", { name: "Look only" });
	await button.click();
	await until(async () => (await session(berth, "look")).workers[0]!.writers === 0, "it only looks");
	await person.painted();
	await person.runs("echo never-typed");
	await page.setViewportSize({ width: 900, height: 700 });
	await berth.ok(["run", "look", "echo from-elsewhere"]);
	await person.sees(/^from-elsewhere$/m);
	expect(await person.text()).not.toContain("never-typed");
	expect(await cols()).toBe(before);
	await button.click();
	await person.painted();
	await person.runs("echo typed-again");
	await person.sees(/^typed-again$/m);
	await until(async () => (await cols()) < before, "the window has its say again");
});

test("a replay has the colours of the page's theme, and changes with it", async () => {
	await using berth = await Berth.start();
	await endedSession(berth, "past", "echo colours");
	await using person = await Person.loggedIn(berth, { colorScheme: "light" });
	const { page } = person;
	await page.goto(`/s/${await sessionId(berth, "past")}`);
	await page.locator(".ap-player").waitFor();
	const ground = () =>
		page.evaluate(() => getComputedStyle(document.querySelector(".ap-player")!).backgroundColor);
	expect(await ground()).toBe("rgb(252, 252, 250)");
	await page.emulateMedia({ colorScheme: "dark" });
	await until(async () => (await ground()) === "rgb(14, 16, 18)", "the replay is dark");
});

test("a replay that is paused stays where it is, and paused, when the theme changes", async () => {
	await using berth = await Berth.start();
	await endedSession(berth, "past", "for i in 1 2 3 4 5 6 7 8 9; do echo step-$i; sleep 0.5; done");
	await using person = await Person.loggedIn(berth, { colorScheme: "light" });
	const { page } = person;
	await page.goto(`/s/${await sessionId(berth, "past")}`);
	const player = page.locator(".ap-player");
	await player.locator(".ap-overlay-start").click();
	const shown = () => player.locator(".ap-term").textContent();
	// The picture before it is started is of the end.
	await until(async () => /step-3(?!.*step-9)/.test((await shown()) ?? ""), "it plays");
	await player.locator(".ap-playback-button").click();
	const time = () => player.locator(".ap-time-elapsed").textContent();
	const before = await time();
	expect(await shown()).not.toContain("step-9");
	for (const colorScheme of ["dark", "light"] as const) {
		const handle = await player.elementHandle();
		await page.emulateMedia({ colorScheme });
		await until(() => handle!.evaluate((element) => !element.isConnected), "it is made again");
		await until(async () => (await shown())?.includes("step-3"), "it stands where it stood");
		expect(await shown()).not.toContain("step-9");
		await until(async () => (await time()) === before, "it tells the same time");
	}
	// And it goes on from there.
	await player.locator(".ap-playback-button").click();
	await until(async () => (await shown())?.includes("step-9"), "it plays to its end");
	expect(person.faults).toEqual([]);
});

test("a keyboard on a phone's screen covers neither the prompt nor the bar of keys", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "thumb");
	const viewport = { width: 360, height: 740 };
	await using person = await Person.atTerminal(berth, "thumb", { viewport, isMobile: true, hasTouch: true });
	const { page } = person;
	await person.runs("seq 100; echo at-the-end");
	await person.sees(/^at-the-end$/m);
	/** CSS pixels that the keyboard leaves. */
	const left = 400;
	// As browsers do it that lay the keyboard over the page: the page keeps its size, what is seen of it shrinks.
	await page.evaluate((height) => {
		Object.defineProperty(window.visualViewport, "height", { configurable: true, get: () => height });
		window.visualViewport!.dispatchEvent(new globalThis.Event("resize"));
	}, left);
	const bottom = async (selector: string) => {
		const box = (await page.locator(selector).last().boundingBox())!;
		return box.y + box.height;
	};
	await until(async () => (await bottom("[role=toolbar][aria-label=Keys]")) <= left, "the keys are in sight");
	await until(
		async () => (await session(berth, "thumb")).workers[0]!.rows < 25,
		"the terminal has the height that is left",
	);
	await person.paintsWhatTheServerShows("thumb");
	expect(await bottom(".xterm-rows > div")).toBeLessThan(left);
	const rows = await person.rows();
	expect(rows.filter((row) => row !== "").at(-1)).toMatch(/[$#]$/);
});
