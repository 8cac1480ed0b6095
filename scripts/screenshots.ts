/**
 * Takes the README's pictures: `bun scripts/screenshots.ts` makes a Berth of its own with some sessions, shows it in Chromium and writes
 * docs/screenshots/PAGE-THEME.png; with --all every page and dialog, for a look at the design. Needs dist/berth.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../test/support/browser.ts";

const root = resolve(import.meta.dir, "..");
process.env.BERTH_BINARY ??= join(root, "dist/berth");
const { Berth, until } = await import("../test/support/berth.ts");
const { installFakeAgent } = await import("../test/support/agents/install.ts");

/** What the README shows; the others are only looked at. */
const kept = new Set([
	"overview",
	"terminal",
	"palette",
	"history",
	"timeline",
	"repositories",
	"grid",
	"phone-overview",
	"phone-terminal",
	"agent",
	"inbox",
	"phone-agent",
]);
const all = process.argv.includes("--all");

const out = join(root, "docs/screenshots");
mkdirSync(out, { recursive: true });

const desk: BrowserContextOptions = { viewport: { width: 1360, height: 850 }, deviceScaleFactor: 1.5 };
const phone: BrowserContextOptions = {
	viewport: { width: 390, height: 844 },
	deviceScaleFactor: 2,
	isMobile: true,
	hasTouch: true,
};

await using berth = await Berth.start({ PS1: "\\[\\e[36m\\]\\w\\[\\e[0m\\] $ " });
writeFileSync(
	join(berth.home, ".bashrc"),
	`PS1='\\[\\e[36m\\]\\w\\[\\e[0m\\] \\[\\e[2m\\]❯\\[\\e[0m\\] '\nalias ls='ls --color'\n`,
);

const project = join(berth.home, "harbour");
const script = `
mkdir -p ${project}/api ${project}/web && cd ${project} && git init -q -b main . && git config user.email a@b.c && git config user.name Ada
for n in "Tide tables from the open data" "Moor at the first free berth" "The crane waits for the wind" "Logbook: one line per arrival"; do
  echo "$n" >> LOG.md; git add . ; git commit -qm "$n"; done`;
await Bun.spawn(["bash", "-c", script], { cwd: berth.home }).exited;

const server = `i=0; while :; do i=$((i+1)); printf '\\e[2m%s\\e[0m \\e[32mGET\\e[0m /tides/%d \\e[36m200\\e[0m in %d ms\\n' "$(date +%T)" $i $((i*7%40+3)); sleep 2; done`;
const worker = `printf 'queue: 3 jobs\\n'; sleep 10000`;
const make = async (name: string, tags: string[], cwd: string, command?: string) => {
	const body = {
		name,
		tags,
		cwd,
		cols: 120,
		rows: 36,
		...(command ? { command: ["bash", "-c", command] } : {}),
	};
	const { status, body: answer } = await berth.api("POST", "/sessions", body);
	if (status !== 201) throw new Error(JSON.stringify(answer));
};
await make("shell", [], project);
await make("api", ["harbour"], `${project}/api`, server);
await make(
	"web",
	["harbour"],
	`${project}/web`,
	`printf '\\e[32m➜\\e[0m  Local: http://localhost:5173/\\n'; sleep 10000`,
);
await make("worker", ["jobs"], project, worker);
await make("notes", [], project);
await make("tests", ["ci"], project, "echo '12 passed, 1 failed'; exit 1");
await make("deploy", ["ci"], project, "echo deployed; sleep 1000");
await berth.ok(["close", "deploy"]);
/** Commands that fail are part of the picture; a shell that does not run them is not. */
async function run(name: string, command: string): Promise<void> {
	const { code, stderr } = await berth.run(["run", name, command]);
	if (stderr !== "") throw new Error(`${command} ended with ${code}: ${stderr}`);
}
await run("shell", "git log --oneline --color");
await run("shell", "ls -la --color");
await run("shell", "test -e nothing");
await run("shell", "git log --stat --color | head -30");
await run("notes", "printf 'ship the web app\\n'");

await berth.ok(["worker", "add", "shell", "watch", "--", "bash", "-c", server]);
await berth.ok(["repo", "add", project]);
for (const branch of ["fix-tides", "night-watch"])
	await berth.ok(["new", branch, "-d", "--repo", "harbour", "--no-port"]);
await run(
	"fix-tides",
	"echo '- high water at noon' >> LOG.md; git commit -qam 'High water at noon'; touch tides.csv",
);
await berth.ok(["pause", "night-watch"]);

installFakeAgent(berth.home);
const agent = { definition: "fake" };
await berth.api("POST", "/sessions", { name: "helper", cwd: project, port: null, agent });
const talk = [
	"say Noon tides are *five minutes* late in `LOG.md`: the table rounds **down**. I shall look at the import.",
	"plan",
	"tool",
	"permit npm test -- tides",
];
for (const text of talk) await berth.api("POST", "/sessions/helper/prompts", { text });
await until(
	async () => (await berth.api<unknown[]>("GET", "/permissions")).body.length > 0,
	"the agent asks for permission",
);

const browser = await launchBrowser({ whole: true });

const ids = Object.fromEntries(
	(await berth.api<{ name: string; id: string }[]>("GET", "/sessions?all=true")).body.map(({ name, id }) => [
		name,
		id,
	]),
);

async function visit(
	options: BrowserContextOptions,
	theme: "light" | "dark",
	take: (page: Page, shot: (name: string) => Promise<void>) => Promise<void>,
): Promise<void> {
	const context = await browser.newContext({
		...options,
		colorScheme: theme,
		baseURL: `http://127.0.0.1:${berth.port}`,
	});
	// As text: emulated densities and drawing without a graphics card do not go together.
	await context.addInitScript(
		(value) => localStorage.setItem("berth.settings", value),
		JSON.stringify({ renderer: "dom", cursorBlink: false }),
	);
	const page = await context.newPage();
	await page.goto((await berth.ok(["ui", "--print"])).trim());
	const shot = async (name: string) => {
		if (!all && !kept.has(name)) return;
		const path = join(out, `${name}-${theme}.png`);
		// Fonts, ages and the cursor have come to rest.
		await page.evaluate(() => document.fonts.ready);
		await page.waitForTimeout(700);
		await page.screenshot({ path });
		console.log(path.replace(`${root}/`, ""));
	};
	await take(page, shot);
	await context.close();
}

const painted = (page: Page) => page.locator(".host[data-stream=open] .xterm-screen").first().waitFor();

for (const theme of ["light", "dark"] as const) {
	await visit(desk, theme, async (page, shot) => {
		await page.locator("[data-session=api]").waitFor();
		await page.getByLabel("Ended").check();
		await page.locator("[data-session=deploy]").waitFor();
		await shot("overview");
		await page.getByRole("button", { name: "New session" }).first().click();
		await page.getByRole("dialog").getByRole("combobox", { name: "Directory" }).fill(`${project}/`);
		await shot("new-session");
		await page.keyboard.press("Escape");
		await page.keyboard.press("Escape");
		await page.goto(`/s/${ids.shell}`);
		await painted(page);
		await page.getByRole("button", { name: "Commands", exact: true }).click();
		await page.getByRole("button", { name: /test -e nothing/ }).click();
		await shot("terminal");
		await page.keyboard.press("Control+K");
		await page.getByRole("dialog", { name: "Command palette" }).waitFor();
		await shot("palette");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Session", exact: true }).click();
		await page.getByRole("menuitem", { name: "Close" }).click();
		await page.getByRole("list", { name: "Processes that end" }).waitFor();
		await shot("close");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Session", exact: true }).click();
		await page.getByRole("menuitem", { name: "Share" }).click();
		await page.getByRole("button", { name: "Make a link" }).click();
		await page.getByLabel("The link").waitFor();
		await shot("share");
		await page.goto(`/s/${ids.shell}/history`);
		await page.locator(".ap-player").waitFor();
		await shot("history");
		await page.goto(`/timeline`);
		await page.locator("li time").first().waitFor();
		await shot("timeline");
		await page.goto(`/s/${ids.helper}`);
		await page.locator("[data-permission]").waitFor();
		await shot("agent");
		await page.goto("/inbox");
		await page.locator("[data-permission]").waitFor();
		await shot("inbox");
		await page.goto(`/grid`);
		await page.getByRole("button", { name: "Show all that run" }).click();
		await painted(page);
		await shot("grid");
		await page.goto(`/repositories`);
		await page.getByText("nothing ahead of").waitFor();
		await shot("repositories");
		await page.goto(`/access`);
		await page.getByRole("cell").first().waitFor();
		await shot("access");
		await page.goto(`/settings`);
		await shot("settings");
	});
	await visit(phone, theme, async (page, shot) => {
		await page.locator("[data-session=api]").waitFor();
		await shot("phone-overview");
		await page.goto(`/s/${ids.shell}`);
		await painted(page);
		await shot("phone-terminal");
		await page.goto(`/s/${ids.helper}`);
		await page.locator("[data-permission]").waitFor();
		await shot("phone-agent");
		await page.getByRole("button", { name: "Menu" }).click();
		await shot("phone-menu");
	});
}
await browser.close();
