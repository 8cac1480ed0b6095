import { expect, test } from "bun:test";
import { Berth, until } from "../support/berth.ts";
import { newShell, Person, session, useBrowser } from "./support.ts";

useBrowser();

const sizeOf = async (berth: Berth, name: string) => {
	const { cols, rows } = (await session(berth, name)).workers[0]!;
	return `${cols}×${rows}`;
};

test("two windows of different sizes do not fight: who works gives the size, and one click takes it over", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "both");
	await using large = await Person.atTerminal(berth, "both", { viewport: { width: 1400, height: 900 } });
	await large.runs("echo from-the-large-one");
	await large.sees(/^from-the-large-one$/m);
	const wide = await sizeOf(berth, "both");

	await using small = await Person.atTerminal(berth, "both", { viewport: { width: 900, height: 500 } });
	await small.runs("echo from-the-small-one");
	await small.sees(/^from-the-small-one$/m);
	await until(async () => (await sizeOf(berth, "both")) !== wide, "the small window gives the size");
	const narrow = await sizeOf(berth, "both");

	// The large one shows it at the small one's size, exactly, and takes the size back.
	await large.paintsWhatTheServerShows("both");
	await large.page.getByRole("button", { name: "Take the size" }).click();
	await until(async () => (await sizeOf(berth, "both")) === wide, "the large window gives the size again");
	await small.page.getByRole("button", { name: "Take the size" }).waitFor();
	await small.paintsWhatTheServerShows("both");
	await large.paintsWhatTheServerShows("both");
	expect(narrow).not.toBe(wide);

	// Both see who is there.
	await small.page.getByRole("button", { name: /2 attached/ }).click();
	await small.page.getByText("gives the size").waitFor();
	expect([...large.faults, ...small.faults]).toEqual([]);
});

test("a phone that looks on does not shrink the desk, and shows all of the width", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "desk");
	await using desk = await Person.atTerminal(berth, "desk");
	await desk.runs("printf '%*s|\\n' $(($(tput cols)-1)) right-edge");
	await desk.sees("right-edge|");
	const before = await sizeOf(berth, "desk");

	await using phone = await Person.atTerminal(berth, "desk", {
		viewport: { width: 360, height: 740 },
		isMobile: true,
		hasTouch: true,
		deviceScaleFactor: 2,
	});
	await phone.sees("right-edge|");
	await phone.paintsWhatTheServerShows("desk");
	expect(await sizeOf(berth, "desk")).toBe(before);
	const fits = await phone.page.evaluate(() => {
		const screen = document.querySelector(".xterm-screen")!.getBoundingClientRect();
		return screen.width <= innerWidth && document.documentElement.scrollWidth <= innerWidth;
	});
	expect(fits).toBe(true);
	expect(phone.faults).toEqual([]);
});

test("a phone has the keys that its keyboard lacks", async () => {
	await using berth = await Berth.start();
	await berth.ok(["new", "pad", "-d", "--", "cat", "-v"]);
	await using phone = await Person.atTerminal(berth, "pad", {
		viewport: { width: 360, height: 740 },
		isMobile: true,
		hasTouch: true,
	});
	const { page } = phone;
	const keys = page.getByRole("toolbar", { name: "Keys" });
	await keys.getByRole("button", { name: "Esc" }).tap();
	await keys.getByRole("button", { name: "Up" }).tap();
	await keys.getByRole("button", { name: "Tab" }).tap();
	await keys.getByRole("button", { name: "Ctrl" }).tap();
	await phone.types("a");
	await phone.types("b");
	await page.keyboard.press("Enter");
	await phone.sees(/^\^\[\^\[\[A\s+\^Ab$/m);
	// Nothing of the page is wider than the phone.
	expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test("a phone reaches what a desk has in the head: signals, and look only", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "pocket");
	await using phone = await Person.atTerminal(berth, "pocket", {
		viewport: { width: 360, height: 740 },
		isMobile: true,
		hasTouch: true,
	});
	const { page } = phone;
	await phone.runs("sleep 4711");
	await until(
		async () => (await session(berth, "pocket")).workers[0]!.foreground === "sleep",
		"the job runs",
	);
	await page.getByRole("button", { name: "Signal the foreground job" }).tap();
	await page.getByRole("menuitem", { name: /SIGINT/ }).tap();
	await page.getByText("SIGINT sent to pocket").waitFor();
	await phone.runs("echo back-$((40 + 2))");
	await phone.sees(/^back-42$/m);
	await page.getByRole("button", { name: "Session", exact: true }).tap();
	await page.getByRole("menuitem", { name: "Look only" }).tap();
	await until(async () => (await session(berth, "pocket")).workers[0]!.writers === 0, "it only looks");
	await page.getByRole("button", { name: "Session", exact: true }).tap();
	await page.getByRole("menuitem", { name: "Type again" }).tap();
	await until(async () => (await session(berth, "pocket")).workers[0]!.writers === 1, "it types again");
	// All of it stays within the phone.
	expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
	const menu = await page.getByRole("button", { name: "Session", exact: true }).boundingBox();
	expect(menu!.x + menu!.width).toBeLessThanOrEqual(360);
});

test("a swipe on the head goes to the next session, and two fingers zoom the terminal", async () => {
	await using berth = await Berth.start();
	for (const name of ["first", "second"]) await newShell(berth, name, ["--size", "120x30"]);
	await using phone = await Person.atTerminal(berth, "first", {
		viewport: { width: 360, height: 740 },
		isMobile: true,
		hasTouch: true,
	});
	const { page } = phone;
	const touch = await phone.context.newCDPSession(page);
	const finger = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
		touch.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
	const width = () =>
		page.evaluate(() => document.querySelector(".xterm-screen")!.getBoundingClientRect().width);

	const before = await width();
	await finger("touchStart", [150, 300], [210, 300]);
	await finger("touchMove", [120, 300], [240, 300]);
	await finger("touchMove", [90, 300], [270, 300]);
	await finger("touchEnd");
	await until(async () => (await width()) > before * 1.5, "the terminal is larger");
	// What does not fit any more is panned to.
	const pans = await page.evaluate(() => {
		const host = document.querySelector(".host")!;
		return host.scrollWidth > host.clientWidth;
	});
	expect(pans).toBe(true);

	await finger("touchStart", [200, 20]);
	await finger("touchMove", [60, 20]);
	await finger("touchEnd");
	await page.getByRole("heading", { name: "second" }).waitFor();
	await phone.painted();
	expect(phone.faults).toEqual([]);
});

test("a link shows one session, read-only, to somebody without a login, until it is revoked", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "shown");
	await newShell(berth, "hidden");
	await using owner = await Person.atTerminal(berth, "shown");
	await owner.runs("echo for-your-eyes");
	await owner.page.getByRole("button", { name: "Session", exact: true }).click();
	await owner.page.getByRole("menuitem", { name: "Share" }).click();
	await owner.page.getByRole("button", { name: "Make a link" }).click();
	const link = await owner.page.getByLabel("The link").inputValue();

	await using guest = await Person.arrives(berth);
	const { page } = guest;
	await page.goto(link);
	await guest.painted();
	await guest.sees("for-your-eyes");
	// The token is not left in the address.
	expect(page.url()).not.toContain("#");
	expect(page.url()).toContain("/s/");
	// Neither typing, nor ending, nor anything else is offered, nor would it work.
	await guest.types("echo intruder");
	await page.keyboard.press("Enter");
	expect(await page.getByRole("button", { name: /Signal|New session/ }).count()).toBe(0);
	const refused = await page.evaluate(async () => {
		const id = location.pathname.split("/")[2];
		const input = { method: "POST", headers: { "content-type": "application/json" }, body: '{"text":"x"}' };
		const statuses = [];
		for (const [path, init] of [
			[`/sessions/${id}/input`, input],
			[`/sessions/${id}/close`, { method: "POST" }],
			["/sessions/hidden", {}],
			["/tokens", {}],
		] as const) {
			statuses.push((await fetch(path, init)).status);
		}
		return [...statuses, (await (await fetch("/sessions?all=true")).json()).length];
	});
	expect(refused).toEqual([403, 403, 404, 403, 1]);
	await owner.page.keyboard.press("Escape");
	await owner.runs("echo still-mine");
	await guest.sees("still-mine");
	expect(await guest.text()).not.toContain("intruder");
	expect([...guest.faults, ...owner.faults]).toEqual([]);

	await owner.page.goto("/access");
	await owner.page.getByRole("row", { name: /link/ }).getByRole("button", { name: "Revoke" }).click();
	await page.getByRole("heading", { name: "Log in from a terminal" }).waitFor();
	await page.goto(link);
	await page.getByRole("heading", { name: "The link does not open" }).waitFor();
});
