/**
 * A real browser on a whole Berth of the test's own. The browser is the test file's: launched once, closed after the last test; each
 * person gets a context of their own, with their own login and storage.
 */
import { afterAll, beforeAll } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { ClientMessage } from "../../src/contract/stream.ts";
import { type Berth, until } from "../support/berth.ts";
import { type BrowserOptions, launchBrowser, WAIT_MS } from "../support/browser.ts";

let browser: Browser | null = null;

let serviceWorkers: BrowserContextOptions["serviceWorkers"] = "block";

interface Use extends BrowserOptions {
	/** Whether the app's service worker comes with its pages: a sixth of what a page costs. */
	serviceWorker?: boolean;
}

/** Call once at the top of a test file. */
export function useBrowser({ serviceWorker = false, ...options }: Use = {}): void {
	serviceWorkers = serviceWorker ? "allow" : "block";
	beforeAll(async () => {
		browser = await launchBrowser(options);
	});
	afterAll(async () => {
		await browser?.close();
		browser = null;
	});
}

/** What a page sends that found a difference and wants to be painted anew. */
const REPAINT = JSON.stringify({ type: "repaint" } satisfies ClientMessage);

export interface PersonOptions extends BrowserContextOptions {
	/** What the browser remembers of the page's settings. */
	settings?: Record<string, unknown>;
}

/** Somebody with a browser. Faults of the page are collected: a test that ends well has none. */
export class Person implements AsyncDisposable {
	readonly faults: string[] = [];
	readonly requests: string[] = [];

	private constructor(
		readonly berth: Berth,
		readonly context: BrowserContext,
		readonly page: Page,
	) {
		page.on("pageerror", (error) => this.faults.push(String(error.stack ?? error)));
		page.on("console", (message) => {
			if (message.type() === "error" && /Content Security Policy|Uncaught/.test(message.text())) {
				this.faults.push(message.text());
			}
		});
		page.on("request", (request) => this.requests.push(request.url()));
		page.on("websocket", (socket) => {
			socket.on("framesent", ({ payload }) => {
				if (payload === REPAINT) this.faults.push("the page showed something else than its session");
			});
		});
	}

	static async arrives(berth: Berth, { settings = {}, ...options }: PersonOptions = {}): Promise<Person> {
		if (browser === null) throw new Error("call useBrowser() at the top of the file");
		const context = await browser.newContext({
			viewport: { width: 1280, height: 800 },
			baseURL: `http://127.0.0.1:${berth.port}`,
			serviceWorkers,
			...options,
		});
		context.setDefaultTimeout(WAIT_MS);
		// The terminal is drawn as text, so that a test can read what is painted.
		const remembered = JSON.stringify({ renderer: "dom", cursorBlink: false, ...settings });
		await context.addInitScript((value) => {
			if (!localStorage.getItem("berth.settings")) localStorage.setItem("berth.settings", value);
		}, remembered);
		return new Person(berth, context, await context.newPage());
	}

	/** Somebody who is logged in by a ticket, as `berth ui` does it, and has not opened a page yet. */
	static async loggedIn(berth: Berth, options: PersonOptions = {}): Promise<Person> {
		const person = await Person.arrives(berth, options);
		const { url } = (await berth.api<{ url: string }>("POST", "/login/tickets")).body;
		// The ticket's answer is the cookie; the page that it leads to would be loaded for nothing.
		const answer = await person.context.request.get(url, { maxRedirects: 0 });
		if (answer.status() !== 303) throw new Error(`the ticket was answered with ${answer.status()}`);
		return person;
	}

	static async atOverview(berth: Berth, options?: PersonOptions): Promise<Person> {
		const person = await Person.loggedIn(berth, options);
		await person.page.goto("/");
		await person.page.locator(".page-head").waitFor();
		return person;
	}

	/** Somebody who has a session's terminal before them, painted. */
	static async atTerminal(berth: Berth, name: string, options?: PersonOptions): Promise<Person> {
		const person = await Person.loggedIn(berth, options);
		await person.opens(name);
		return person;
	}

	/** Opens a session's terminal and waits until it is painted. */
	async opens(name: string): Promise<void> {
		await this.page.goto(`/s/${await sessionId(this.berth, name)}`);
		await this.painted();
	}

	async painted(): Promise<void> {
		try {
			await this.page.locator(".host[data-stream=open] .xterm-rows").waitFor();
		} catch (error) {
			throw new Error(
				`${error}\n${await this.page.locator("body").textContent()}\n${this.faults.join("\n")}`,
			);
		}
	}

	/** The rows that are painted, trailing blanks left out. */
	rows(): Promise<string[]> {
		return this.page.evaluate(() =>
			[...document.querySelectorAll(".xterm-rows > div")].map((row) =>
				(row.textContent ?? "").replaceAll("\u00a0", " ").trimEnd(),
			),
		);
	}

	async text(): Promise<string> {
		return (await this.rows()).join("\n");
	}

	/** Waits until the painted terminal shows it. */
	async sees(text: string | RegExp, limitMs?: number): Promise<void> {
		await until(
			async () => {
				const shown = await this.text();
				return typeof text === "string" ? shown.includes(text) : text.test(shown);
			},
			`the page shows ${text}`,
			limitMs,
		);
	}

	/** Waits until the painted terminal is, row for row, what the session's own screen shows. */
	async paintsWhatTheServerShows(name: string): Promise<void> {
		let painted: string[] = [];
		let server: string[] = [];
		try {
			await until(async () => {
				server = await screenLines(this.berth, name);
				painted = await this.rows();
				return JSON.stringify(painted) === JSON.stringify(server);
			}, "the painted screen is the server's");
		} catch (error) {
			const printed = JSON.stringify(await lastOutput(this.berth, name));
			throw new Error(
				`${error}\npainted:\n${painted.join("\n")}\nserver:\n${server.join("\n")}\nprinted: ${printed}`,
			);
		}
	}

	async types(text: string): Promise<void> {
		await this.page.locator(".xterm-helper-textarea").first().focus();
		await this.page.keyboard.type(text);
	}

	async runs(command: string): Promise<void> {
		await this.types(command);
		await this.page.keyboard.press("Enter");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.context.close();
	}
}

interface SessionFacts {
	id: string;
	name: string;
	viewers: number;
	workers: {
		id: string;
		state: string;
		generation: number;
		pid: number;
		offset: number;
		foreground: string | null;
		cols: number;
		rows: number;
		writers: number;
	}[];
}

export async function session(berth: Berth, name: string): Promise<SessionFacts> {
	return (await berth.api<SessionFacts>("GET", `/sessions/${name}`)).body;
}

export async function sessionId(berth: Berth, name: string): Promise<string> {
	return (await session(berth, name)).id;
}

/** What the session's own screen shows, one text per row. */
export async function screenLines(berth: Berth, name: string): Promise<string[]> {
	const { body } = await berth.api<{ lines: string[] }>("GET", `/sessions/${name}/screen?format=json`);
	return body.lines.map((line) => line.trimEnd());
}

/** Bytes that tell which of two screens is right: a prompt, and some lines of what came before it. */
const LAST_BYTES = 2000;

async function lastOutput(berth: Berth, name: string): Promise<string> {
	const { offset } = (await session(berth, name)).workers[0]!;
	const from = Math.max(0, offset - LAST_BYTES);
	return await (await berth.fetch(`/sessions/${name}/journal?from=${from}`)).text();
}

/**
 * A session with a plain prompt, so that screens are the same on every machine, and without a port of its own: other tests of this
 * machine could take it while it is being restarted.
 */
export async function newShell(berth: Berth, name: string, options: string[] = []): Promise<void> {
	await berth.ok(["new", name, "--no-port", "--env", "PS1=$ ", ...options]);
}

/** A session that ran this script and has ended. */
export async function endedSession(berth: Berth, name: string, script: string): Promise<void> {
	await berth.ok(["new", name, "-d", "--", "bash", "-c", script]);
	await until(async () => (await session(berth, name)).workers[0]!.state === "exited", "it ended");
}

/** An entry of the menu of the session that is shown. */
export async function chooses(page: Page, action: string): Promise<void> {
	await page.getByRole("button", { name: "Session", exact: true }).click();
	await page.getByRole("menuitem", { name: action, exact: true }).click();
}

const axeSource = readFileSync(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js"), "utf8");

interface Violation {
	id: string;
	impact: string;
	nodes: { html: string; failureSummary: string }[];
}

/** What axe calls serious or worse on what the page shows now. */
export function seriousFaults(page: Page): Promise<string[]> {
	return faultsOf(page, {
		type: "tag",
		values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
	});
}

/** Text that can hardly be told from its ground. */
export function faintColors(page: Page): Promise<string[]> {
	return faultsOf(page, { type: "rule", values: ["color-contrast"] });
}

async function faultsOf(page: Page, runOnly: { type: "tag" | "rule"; values: string[] }): Promise<string[]> {
	if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
	const violations = await page.evaluate(async (only): Promise<Violation[]> => {
		const { axe } = globalThis as unknown as {
			axe: { run: (root: Document, options: object) => Promise<{ violations: Violation[] }> };
		};
		// What is in order need not be described, node by node.
		return (await axe.run(document, { runOnly: only, resultTypes: ["violations"] })).violations;
	}, runOnly);
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) =>
			nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
		);
}
