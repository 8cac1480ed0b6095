import { expect, test } from "bun:test";
import type { StructuredDriver } from "../../src/contract/words.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, until } from "../support/berth.ts";
import { Person, seriousFaults, session, useBrowser } from "./support.ts";

useBrowser();

/** A session whose worker is the tests' own agent, and somebody who looks at its conversation. */
async function chat(berth: Berth, person: Person, name = "helper"): Promise<void> {
	const made = await berth.api("POST", "/sessions", { name, port: null, agent: { definition: "fake" } });
	expect(made.status).toBe(201);
	await person.page.goto(`/s/${(await session(berth, name)).id}`);
	await state(person, "idle");
}

async function state(person: Person, word: string): Promise<void> {
	await person.page.locator(`.page-head [data-state="${word}"]`).waitFor();
}

async function ask(person: Person, text: string): Promise<void> {
	await person.page.getByRole("textbox", { name: "Prompt", exact: true }).fill(text);
	await person.page.keyboard.press("Enter");
}

async function arrive(
	driver: StructuredDriver = "acp",
): Promise<{ berth: Berth; person: Person } & AsyncDisposable> {
	const berth = await Berth.home();
	installFakeAgent(berth.home, { driver });
	await berth.startDaemon();
	const person = await Person.atOverview(berth);
	return {
		berth,
		person,
		async [Symbol.asyncDispose]() {
			await person[Symbol.asyncDispose]();
			await berth[Symbol.asyncDispose]();
		},
	};
}

const said = (person: Person) => person.page.getByRole("article", { name: "Agent" });

test("a new session with an agent is made in the page, and answers what it is asked", async () => {
	await using all = await arrive();
	const { person } = all;
	const { page } = person;
	await page.getByRole("button", { name: "New session" }).first().click();
	await page.getByLabel("Name", { exact: true }).fill("asked");
	await page.getByText("Agent", { exact: true }).click();
	await page.getByRole("combobox", { name: "Agent" }).selectOption("fake");
	await page.getByLabel("First prompt").fill("say the first **answer**");
	await page.getByRole("button", { name: "Start session" }).click();
	await said(person).getByText("the first answer").waitFor();
	expect(await said(person).locator("strong").textContent()).toBe("answer");
	await ask(person, "say second");
	await said(person).getByText("second").waitFor();
	expect(await page.getByRole("article", { name: "You" }).allTextContents()).toEqual([
		expect.stringContaining("say the first **answer**"),
		expect.stringContaining("say second"),
	]);
	expect(person.faults).toEqual([]);
});

test("what an agent writes is text and never markup of the page", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	await chat(berth, person);
	await ask(person, "say <img src=x onerror=alert(1)> [here](javascript:alert(2)) <b>bold</b>");
	await said(person).getByText("<img src=x onerror=alert(1)>").waitFor();
	expect(await said(person).locator("img, b, a").count()).toBe(0);
	expect(person.faults).toEqual([]);
});

test("a request for permission comes into the chat, the inbox and the tab's title, and is answered once", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "permit touch here");
	await state(person, "needs-permission");
	const card = page.locator("[data-permission]");
	await card.getByText("touch here", { exact: true }).waitFor();
	await until(async () => (await page.title()).startsWith("(1) "), "the title counts it");
	await page.getByRole("link", { name: /^Inbox/ }).click();
	await page.getByRole("heading", { name: "Inbox" }).waitFor();
	await card.getByRole("button", { name: "Allow", exact: true }).click();
	await page.getByText("Nobody waits for you").waitFor();
	await page.goBack();
	await state(person, "idle");
	await card.getByText("Allowed").waitFor();
	expect(await page.title()).toStartWith("helper: idle");
	expect(person.faults).toEqual([]);
});

test("a question comes into the chat, the inbox and the tab's title, and is answered with an option and a text", async () => {
	await using all = await arrive("claude-stream");
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "inquire");
	await state(person, "needs-input");
	const card = page.locator("[data-permission]");
	await card.getByRole("group", { name: /Which library/ }).waitFor();
	await until(async () => (await page.title()).startsWith("(1) "), "the title counts it");
	expect(await seriousFaults(page)).toEqual([]);
	await page.getByRole("link", { name: /^Inbox/ }).click();
	await page.getByRole("heading", { name: "Inbox" }).waitFor();
	await page.getByText("1 question", { exact: true }).waitFor();
	expect(await card.getByRole("button", { name: "Answer", exact: true }).isDisabled()).toBe(true);
	await card.getByLabel("Something else: Which library?").fill("the built-in one");
	await card.getByRole("checkbox", { name: /Linux/ }).check();
	await card.getByRole("checkbox", { name: /Windows/ }).check();
	await card.getByRole("button", { name: "Answer", exact: true }).click();
	await page.getByText("Nobody waits for you").waitFor();
	await page.goBack();
	await state(person, "idle");
	await card.getByText("Answered").waitFor();
	await said(person).getByText('"Which library?":"the built-in one"').waitFor();
	await said(person).getByText('"Which systems?":"Linux, Windows"').waitFor();
	expect(await card.getByRole("checkbox", { name: /Linux/ }).isChecked()).toBe(true);
	expect(person.faults).toEqual([]);
});

test("a command that hides a part of itself is shown with that part", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	await chat(berth, person);
	await ask(person, "permit echo safe \u202e; rm -rf ~");
	await person.page
		.locator("[data-permission] pre")
		.first()
		.getByText("echo safe \\u{202e}; rm -rf ~")
		.waitFor();
});

test("a denial is told to the agent with its reason", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "permit rm -rf build");
	const card = page.locator("[data-permission]");
	await card.getByRole("button", { name: /say why/ }).click();
	await card.getByLabel("Why not").fill("not on a Friday");
	await card.getByRole("button", { name: "Deny", exact: true }).click();
	await card.getByText("Denied: not on a Friday").waitFor();
	await state(person, "idle");
});

test("prompts that are sent while it works are queued in sight, and can be taken back", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "hang");
	await state(person, "busy");
	await ask(person, "say never");
	await ask(person, "say later");
	const queue = page.getByRole("region", { name: "Queued prompts" });
	await queue.getByText("2 prompts queued").waitFor();
	await queue
		.getByRole("listitem")
		.filter({ hasText: "say never" })
		.getByRole("button", { name: "Cancel the prompt" })
		.click();
	await queue.getByText("1 prompt queued").waitFor();
	await page.getByRole("button", { name: "Interrupt" }).click();
	await said(person).getByText("later").waitFor();
	await queue.waitFor({ state: "hidden" });
	expect(await said(person).getByText("never").count()).toBe(0);
});

test("a conversation survives a reload, and a daemon that is killed under the page", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "say before");
	await said(person).getByText("before").waitFor();
	await berth.killDaemon();
	await page.getByText("The daemon does not answer").waitFor();
	await berth.startDaemon();
	await page.getByText("The daemon does not answer").waitFor({ state: "hidden" });
	await state(person, "idle");
	await ask(person, "say after");
	await said(person).getByText("after").waitFor();
	expect(await said(person).count()).toBe(2);
	await page.reload();
	await said(person).getByText("before").waitFor();
	expect(await said(person).count()).toBe(2);
});

test("a long conversation shows its end, and what came earlier when asked for", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	for (let n = 1; n <= 70; n++)
		await berth.api("POST", "/sessions/helper/prompts", { text: `say number ${n}.` });
	await said(person).getByText("number 70.").waitFor();
	await page.reload();
	await said(person).getByText("number 70.").waitFor();
	expect(await said(person).getByText("number 1.", { exact: true }).count()).toBe(0);
	const earlier = page.getByRole("button", { name: "Earlier" });
	await until(async () => {
		if (await earlier.isVisible()) await earlier.click();
		return (await said(person).getByText("number 1.", { exact: true }).count()) === 1;
	}, "the beginning is shown");
	expect(await said(person).count()).toBe(70);
});

test("edits, plans, thoughts and images are shown as what they are", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "tool");
	await page.getByRole("group", { name: /^Changes of/ }).waitFor();
	await ask(person, "plan");
	await page.getByRole("region", { name: "Plan" }).first().waitFor();
	await ask(person, "think quietly");
	await page.getByText("Thought", { exact: true }).click();
	await page.getByText("quietly", { exact: true }).waitFor();
});

test("an agent that dies in the middle of its turn is told, and goes on after a restart", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "crash");
	await page.getByText("The agent has ended").waitFor();
	await state(person, "exited");
	await berth.ok(["restart", "helper"]);
	await state(person, "idle");
	await ask(person, "say back");
	await said(person).getByText("back").waitFor();
});

test("the overview and the tabs tell an agent's state; nothing serious is wrong for screen readers", async () => {
	await using all = await arrive();
	const { berth, person } = all;
	const { page } = person;
	await chat(berth, person);
	await ask(person, "permit ls");
	await state(person, "needs-permission");
	for (const path of [`/s/${(await session(berth, "helper")).id}`, "/inbox", "/"]) {
		await page.goto(path);
		await page.locator('[data-state="needs-permission"], [data-permission]').first().waitFor();
		expect(await seriousFaults(page)).toEqual([]);
	}
});
