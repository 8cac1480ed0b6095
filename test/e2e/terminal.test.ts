import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Berth, until } from "../support/berth.ts";
import { newShell, Person, screenLines, session, useBrowser } from "./support.ts";

useBrowser();

test("a reload in the middle of vim paints the same screen, cell for cell", async () => {
	await using berth = await Berth.start();
	const file = join(berth.home, "poem.txt");
	const lines = Array.from(
		{ length: 200 },
		(_, index) => `line ${index + 1} — wide 日本語, combining e\u0301, emoji 🚢`,
	);
	writeFileSync(file, `${lines.join("\n")}\n`);
	await newShell(berth, "edit");
	await using person = await Person.atTerminal(berth, "edit");
	await person.runs(`vim -u NONE -N +'set number' ${file}`);
	await person.sees("1 line 1");
	await person.types("100Gzz");
	await person.sees("100 line 100");
	await person.paintsWhatTheServerShows("edit");
	await person.page.reload();
	await person.painted();
	await person.paintsWhatTheServerShows("edit");
	await person.types("dd");
	await person.sees("100 line 101");
	await person.paintsWhatTheServerShows("edit");
	await person.runs(":q!");
	await person.paintsWhatTheServerShows("edit");
	expect(person.faults).toEqual([]);
});

test("a daemon that is killed and started again under an open page loses no output", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "steady");
	await using person = await Person.atTerminal(berth, "steady");
	await person.runs("for i in $(seq 1 400); do echo count-$i-; sleep 0.02; done");
	await person.sees("count-20-");
	await berth.killDaemon();
	await person.page.getByText("The daemon does not answer").waitFor();
	await person.page.getByText("Reconnecting").waitFor();
	await berth.startDaemon();
	await person.sees("count-400-", 40_000);
	await person.page.getByText("The daemon does not answer").waitFor({ state: "hidden" });
	await person.paintsWhatTheServerShows("steady");
	// What was printed meanwhile is in the scrollback, once each and in order.
	await person.page.locator(".xterm-helper-textarea").focus();
	await until(async () => {
		await person.page.keyboard.press("Shift+PageUp");
		return (await person.text()).includes("count-1-");
	}, "the first line is reached");
	await person.types("x");
	await person.paintsWhatTheServerShows("steady");
	expect(person.faults).toEqual([]);
});

test("a flood leaves the page usable and ends with the right screen", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "flood");
	await using person = await Person.atTerminal(berth, "flood");
	const { page } = person;
	await person.runs(
		"yes 'all work and no play makes the terminal a dull page' | head -c 60000000; echo; echo the-end",
	);
	await person.sees("all work and no play");
	// Something else of the page answers while the terminal is flooded.
	await page.keyboard.press("Control+Shift+K");
	await page.getByRole("dialog", { name: "Command palette" }).waitFor();
	await page.keyboard.press("Escape");
	await person.sees(/^the-end$/m, 50_000);
	await person.paintsWhatTheServerShows("flood");
	expect(person.faults).toEqual([]);
});

/** Bytes of the page's memory that are in use, garbage collected. */
async function heap({ context, page }: Person): Promise<number> {
	const inspector = await context.newCDPSession(page);
	await inspector.send("HeapProfiler.collectGarbage");
	const { usedSize } = await inspector.send("Runtime.getHeapUsage");
	await inspector.detach();
	return usedSize;
}

test.each([
	["lines", "yes 'all work and no play'", 40_000_000],
	[
		"screens that are erased and drawn, which cost a page most",
		"yes $'\\e[H\\e[2J\\e[20;30Hno play'",
		4_000_000,
	],
])(
	"Ctrl-C ends an endless flood of %s; the page has kept to its memory and shows the right screen",
	async (_, command, bytes) => {
		await using berth = await Berth.start();
		await newShell(berth, "endless");
		await using person = await Person.atTerminal(berth, "endless");
		await person.runs("seq 20000");
		await person.sees(/^20000$/m);
		const before = await heap(person);
		await person.runs(command);
		await until(
			async () => (await session(berth, "endless")).workers[0]!.offset > bytes,
			"it has flooded for a while",
			50_000,
		);
		// What a page keeps is the scrollback that it had before, and a bounded wait.
		expect((await heap(person)) - before).toBeLessThan(48 * 1024 * 1024);
		await person.types("\x03");
		await person.runs("echo it-is-$((6 * 7))-over");
		await person.sees(/^it-is-42-over$/m);
		await person.paintsWhatTheServerShows("endless");
		expect(person.faults).toEqual([]);
	},
	300_000,
);

test("a prompt of two rows behind unfinished output is painted as the server has it, also when it is resized", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "prompt");
	await using person = await Person.atTerminal(berth, "prompt");
	await person.runs("PS1='upper\\n'\"$PS1\"; clear; printf unfinished");
	await person.sees(/^unfinishedupper$/m);
	await person.paintsWhatTheServerShows("prompt");
	await person.page.setViewportSize({ width: 900, height: 500 });
	await person.paintsWhatTheServerShows("prompt");
	await person.sees(/^unfinishedupper$/m);
	expect(person.faults).toEqual([]);
});

test("wide, combining and coloured text is painted as the server has it", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "glyphs");
	await using person = await Person.atTerminal(berth, "glyphs");
	await person.runs("clear; printf '\\e[38;2;255;100;0mtrue\\e[0m 日本語 e\\u0301 👩‍🚀 🇸🇪 ok\\n'");
	await person.sees("ok");
	await person.paintsWhatTheServerShows("glyphs");
	// The command line has the word as well, in no colour of its own.
	const color = await until(
		() =>
			person.page.evaluate(() => {
				const span = [...document.querySelectorAll(".xterm-rows span")].find(
					(one) => one.textContent === "true",
				);
				return span ? getComputedStyle(span).color : null;
			}),
		"the coloured word is painted",
	);
	expect(color).toBe("rgb(255, 100, 0)");
});

test("emoji of several characters take the columns in the page that they have on the server", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "columns");
	await using person = await Person.atTerminal(berth, "columns");
	// Twice a screen's width of each: where a row ends shows how wide they are.
	const emoji = ["⚠\\ufe0f", "🇸🇪", "👍🏽", "👩\\u200d🚀", "1\\ufe0f\\u20e3", "🥹", "हि", "กำ"].map(
		(text) => `$'${text}'`,
	);
	await person.runs(
		`clear; for e in ${emoji.join(" ")}; do printf "$e%.0s" {1..100}; echo; done; echo wrapped`,
	);
	await person.sees(/^wrapped$/m);
	await person.paintsWhatTheServerShows("columns");
	expect(person.faults).toEqual([]);
});

test("a page that shows something else than its session is painted anew by itself", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "astray");
	await using person = await Person.loggedIn(berth);
	let tampered = false;
	await person.page.routeWebSocket(/\/attach\?/, (socket) => {
		socket.connectToServer().onMessage((message) => {
			if (typeof message === "string" || tampered || !message.includes("honest")) socket.send(message);
			else {
				tampered = true;
				const wrong = message.toString("latin1").replace("honest", "faulty");
				socket.send(Buffer.from(wrong, "latin1"));
			}
		});
	});
	await person.opens("astray");
	// The line that is typed says it in another way.
	await person.runs(`clear; echo hon""est-word`);
	await person.sees(/^faulty-word$/m);
	await person.sees(/^honest-word$/m);
	await person.paintsWhatTheServerShows("astray");
});

test("lines are pasted only after a look at them, and between brackets", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "paste");
	await using person = await Person.atTerminal(berth, "paste", {
		permissions: ["clipboard-read", "clipboard-write"],
	});
	const { page } = person;
	await page.evaluate(() => navigator.clipboard.writeText("echo one\necho two\n"));
	await page.locator(".xterm-helper-textarea").focus();
	await page.keyboard.press("Control+Shift+V");
	const dialog = page.getByRole("dialog", { name: "Paste 2 lines?" });
	await dialog.getByRole("button", { name: "Cancel" }).click();
	expect(await person.text()).not.toContain("echo one");
	await page.locator(".xterm-helper-textarea").focus();
	await page.keyboard.press("Control+Shift+V");
	await dialog.getByRole("button", { name: "Paste", exact: true }).click();
	await person.sees("echo two");
	// Bracketed: the shell shows both lines and runs neither.
	expect(await person.text()).not.toMatch(/^one$/m);
	await page.keyboard.press("Enter");
	await person.sees(/^one\ntwo$/m);
});

test("a program writes the clipboard only after consent", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "osc");
	await using person = await Person.atTerminal(berth, "osc", {
		permissions: ["clipboard-read", "clipboard-write"],
	});
	const { page } = person;
	await page.evaluate(() => navigator.clipboard.writeText("before"));
	await person.runs("printf '\\e]52;c;%s\\a' $(printf taken | base64)");
	const question = page.getByText("osc wants to copy “taken” to your clipboard.");
	await question.waitFor();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("before");
	await page.getByRole("button", { name: "Copy", exact: true }).click();
	await until(
		async () => (await page.evaluate(() => navigator.clipboard.readText())) === "taken",
		"it is copied",
	);
});

test("the scrollback is searched", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "search");
	await using person = await Person.atTerminal(berth, "search");
	const { page } = person;
	await person.runs("seq -f 'row %g of many' 1 300; echo done");
	await person.sees(/^done$/m);
	await page.keyboard.press("Control+Shift+F");
	await page.getByRole("textbox", { name: "Search the scrollback" }).fill("row 17 of");
	await person.sees("row 17 of many");
	await page.getByText("1/1").waitFor();
	await page.keyboard.press("Escape");
});

test("no key of the page is taken from the terminal", async () => {
	await using berth = await Berth.start();
	await berth.ok(["new", "letters", "-d", "--", "cat", "-v"]);
	await using person = await Person.atTerminal(berth, "letters");
	const { page } = person;
	await page.locator(".xterm-helper-textarea").focus();
	for (const key of ["n", "g", "t", "/", "?", "1", "Escape", "Control+k", "Control+f", "Control+g"]) {
		await page.keyboard.press(key);
	}
	await page.keyboard.press("Enter");
	await person.sees("ngt/?1^[^K^F^G");
	expect(await page.getByRole("dialog").count()).toBe(0);
	expect(new URL(page.url()).pathname).toStartWith("/s/");
	// And one of those that the page does take.
	await page.keyboard.press("Control+Shift+K");
	await page.getByRole("dialog", { name: "Command palette" }).waitFor();
});

test("the theme follows the system, and the terminal's text size is remembered", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "look");
	await using person = await Person.atTerminal(berth, "look", { colorScheme: "dark" });
	const { page } = person;
	const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const dark = await ground();
	await page.emulateMedia({ colorScheme: "light" });
	await until(async () => (await ground()) !== dark, "the page is light");
	const before = (await session(berth, "look")).workers[0]!.cols;
	await page.locator(".xterm-helper-textarea").focus();
	for (let step = 0; step < 4; step++) await page.keyboard.press("Control+Shift+Period");
	await until(async () => (await session(berth, "look")).workers[0]!.cols < before, "fewer columns fit");
	await page.reload();
	await person.painted();
	await person.paintsWhatTheServerShows("look");
	expect((await screenLines(berth, "look")).length).toBeGreaterThan(5);
});
