/**
 * Frames per second of the web app while a session floods: `bun scripts/frames.ts`, beside those of the page at rest, which is what
 * this machine's compositor can do at all. A row for each renderer and kind of output. Needs dist/berth; BERTH_BINARY compares others.
 */
import { join, resolve } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../test/support/browser.ts";

const root = resolve(import.meta.dir, "..");
process.env.BERTH_BINARY ??= join(root, "dist/berth");
const { Berth } = await import("../test/support/berth.ts");

/** Milliseconds of each measurement, and before it, until a flood is under way. */
const SPAN_MS = 5000;
const SETTLE_MS = 1500;

/** Lines as they come from a build, colours, and a program that erases and draws its screen. */
const floods = {
	lines: "yes 'all work and no play makes the terminal a dull page'",
	colours: String.raw`yes $'\e[38;5;12mall \e[1;31mwork\e[0m and \e[42mno\e[0m \e[38;2;10;200;90mplay\e[0m'`,
	screens: String.raw`yes $'\e[H\e[2J\e[5;10Hall work\e[10;20H\e[7mand no play\e[0m\e[20;30Hmakes a dull page'`,
} as const;

const renderers = ["dom", "webgl"] as const;
type Renderer = (typeof renderers)[number];

interface Frames {
	perSecond: number;
	/** Of these, frames for which the terminal's text was changed; null where it is not drawn as text. */
	redrawn: number | null;
	/** Milliseconds between frames that 95 of 100 stay below, and the longest. */
	p95: number;
	longest: number;
}

function frames(page: Page): Promise<Frames> {
	return page.evaluate(
		(span) =>
			new Promise<Frames>((done) => {
				const gaps: number[] = [];
				let changed = false;
				let redrawn = 0;
				const rows = document.querySelector(".xterm-rows");
				const observer = new MutationObserver(() => {
					changed = true;
				});
				if (rows) observer.observe(rows, { childList: true, subtree: true, characterData: true });
				const start = performance.now();
				let last = start;
				const frame = () => {
					const now = performance.now();
					gaps.push(now - last);
					last = now;
					if (changed) redrawn++;
					changed = false;
					if (now - start < span) {
						requestAnimationFrame(frame);
						return;
					}
					observer.disconnect();
					gaps.sort((a, b) => a - b);
					const second = (now - start) / 1000;
					done({
						perSecond: gaps.length / second,
						redrawn: rows && redrawn / second,
						p95: gaps[Math.floor(gaps.length * 0.95)]!,
						longest: gaps.at(-1)!,
					});
				};
				requestAnimationFrame(frame);
			}),
		SPAN_MS,
	);
}

const widths = [8, 8, 9, 10, 7, 10];
const print = (cells: string[]) =>
	console.log(cells.map((cell, at) => cell.padStart(widths[at]!)).join("  "));

function report(renderer: Renderer, kind: string, { perSecond, redrawn, p95, longest }: Frames): void {
	const numbers = [perSecond, redrawn, p95, longest].map((value) => value?.toFixed(1) ?? "–");
	print([renderer, kind, ...numbers]);
}

/** Has the page draw with WebGL where it would not, for want of a graphics card. */
async function takeAnyCard(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const { getContext } = HTMLCanvasElement.prototype;
		HTMLCanvasElement.prototype.getContext = function (
			this: HTMLCanvasElement,
			type: string,
			options?: object,
		) {
			return getContext.call(this, type, { ...options, failIfMajorPerformanceCaveat: false });
		} as typeof getContext;
		const { getParameter } = WebGL2RenderingContext.prototype;
		WebGL2RenderingContext.prototype.getParameter = function (name: number) {
			const unmaskedRenderer = 0x9246;
			return name === unmaskedRenderer ? "a card" : getParameter.call(this, name);
		};
	});
}

const browser = await launchBrowser({ whole: true, gpu: true });

print(["renderer", "output", "frames/s", "redrawn/s", "p95 ms", "longest ms"]);
for (const renderer of renderers) {
	await using berth = await Berth.start();
	const context = await browser.newContext({
		viewport: { width: 1280, height: 800 },
		baseURL: `http://127.0.0.1:${berth.port}`,
	});
	await context.addInitScript(
		(value) => localStorage.setItem("berth.settings", value),
		JSON.stringify({ renderer: renderer === "dom" ? "dom" : "auto", cursorBlink: false }),
	);
	if (renderer === "webgl") await takeAnyCard(context);
	const page = await context.newPage();
	await page.goto((await berth.ok(["ui", "--print"])).trim());
	for (const [kind, command] of Object.entries(floods)) {
		await berth.ok(["new", kind, "--no-port", "--env", "PS1=$ "]);
		const { body } = await berth.api<{ id: string }>("GET", `/sessions/${kind}`);
		await page.goto(`/s/${body.id}`);
		await page.locator(".host[data-stream=open] .xterm-screen").waitFor();
		if (kind === "lines") report(renderer, "at rest", await frames(page));
		await berth.ok(["send", kind, `${command}\n`]);
		await page.waitForTimeout(SETTLE_MS);
		report(renderer, kind, await frames(page));
		await berth.ok(["kill", kind]);
	}
	await context.close();
}
await browser.close();
