/** Talking with an agent from the command line. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConversationPage } from "../../src/contract/conversation.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { Berth, program, until } from "../support/berth.ts";
import { Terminal } from "../support/terminal.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.home();
	installFakeAgent(berth.home);
	await berth.startDaemon();
});
afterAll(() => berth[Symbol.asyncDispose]());

/** A session of one agent that can take a prompt. */
async function agent(name: string): Promise<string> {
	await berth.ok(["new", name, "-d", "--no-port", "--agent", "fake"]);
	await berth.ok(["wait", name, "--state", "idle"]);
	return name;
}

async function running(name: string, id: string): Promise<void> {
	const look = async () => JSON.parse(await berth.ok(["prompts", "ls", name, "--json"])) as Prompt[];
	await until(
		async () => (await look()).some((each) => each.id === id && each.state === "running"),
		"it runs",
	);
}

test("--wait prints the answer alone, and ends with the outcome", async () => {
	const name = await agent("answers");
	expect(await berth.ok(["prompt", name, "--wait", "say 1 < 2  and so on"])).toBe("1 < 2  and so on\n");
	expect(await berth.ok(["prompt", name, "--wait", "-"], { stdin: "say from a pipe" })).toBe("from a pipe\n");
	const failed = await berth.run(["prompt", name, "--wait", "fail"]);
	expect(failed.code).toBe(1);
	expect(failed.stderr).toContain("berth: the prompt failed: ");
	const json = JSON.parse(await berth.ok(["prompt", name, "--wait", "--json", "say x"])) as Prompt;
	expect(json).toMatchObject({ state: "completed", answer: "x" });
});

test("a prompt waits its turn, is shown, is taken back; interrupt stops what runs", async () => {
	const name = await agent("queue");
	const first = (await berth.ok(["prompt", name, "hang"])).trim();
	await running(name, first);
	const second = (await berth.ok(["prompt", name, "say never"])).trim();
	expect(await berth.ok(["prompts", "ls", name])).toMatch(
		new RegExp(`${first} +running .*hang\\n${second} +pending .*say never\\n$`),
	);
	const late = await berth.run(["prompt", name, "--wait", "--timeout", "1ms", "say late"]);
	expect(late).toMatchObject({ code: 124, stdout: "" });
	await berth.ok(["prompts", "cancel", name, second]);
	const waiting = berth.run(["prompt", name, "--wait", "hang"]);
	await berth.ok(["interrupt", name]);
	await until(
		async () => (await berth.ok(["prompts", "ls", name, "--all"])).includes("stopped"),
		"it is stopped",
	);
	const third = await until(async () => {
		const list = JSON.parse(await berth.ok(["prompts", "ls", name, "--json"])) as Prompt[];
		return list.find(({ text, state }) => text === "hang" && state === "running");
	}, "the last one runs");
	expect(third.id).not.toBe(first);
	await berth.ok(["interrupt", name]);
	expect((await waiting).code).toBe(130);
	const again = await berth.run(["prompts", "cancel", name, first]);
	expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("is stopped already")]);
});

test("images go along, and what is none is refused before anything is asked", async () => {
	const name = await agent("pictures");
	const file = join(berth.home, "dot.gif");
	writeFileSync(file, "GIF89a and more");
	expect(await berth.ok(["prompt", name, "--wait", "--image", file, "image"])).toBe(
		"image/gif of 15 bytes\n",
	);
	writeFileSync(file, "<svg/>");
	const refused = await berth.run(["prompt", name, "--image", "dot.gif", "image"]);
	expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("no PNG")]);
	expect((await berth.run(["prompt", name, "--image", "missing.png", "image"])).stderr).toContain(
		"missing.png",
	);
	expect(await berth.ok(["prompts", "ls", name, "--json"])).toBe("[]\n");
});

test("a conversation is shown, followed, and exported", async () => {
	const name = await agent("talk");
	await berth.ok(["prompt", name, "--wait", "two"]);
	const shown = await berth.ok(["conversation", name]);
	expect(shown).toMatch(/^you\ntwo\nagent\n[\s\S]*● .* \(completed\)\nagent\n/);
	const page = JSON.parse(await berth.ok(["conversation", name, "--json", "-n", "2"])) as ConversationPage;
	expect(page.items).toHaveLength(2);
	expect(await berth.ok(["conversation", name, "--export", "markdown"])).toContain("## User\n\ntwo\n");
	const json = JSON.parse(await berth.ok(["conversation", name, "--export", "json"]));
	expect(json).toMatchObject({ session: name, worker: "main", agent: "fake" });

	const follower = Bun.spawn([...program, "conversation", name, "--follow", "--json"], {
		env: berth.env,
		stdout: "pipe",
	});
	let text = "";
	const reading = (async () => {
		for await (const chunk of follower.stdout) text += new TextDecoder().decode(chunk);
	})();
	await until(async () => {
		await berth.ok(["prompt", name, "--wait", "say news"]);
		return text.includes('"news"');
	}, "the follower has the news");
	expect(text).not.toContain('"two"');
	follower.kill();
	await reading;
});

test("in a terminal the answer comes as it is said", async () => {
	const name = await agent("live");
	await using terminal = await Terminal.open({
		env: { ...berth.env, BERTH: program.join(" ") },
		cwd: berth.home,
	});
	terminal.line(`$BERTH prompt ${name} --wait two; echo status $?`);
	await terminal.until("status 0");
	const text = terminal.since(0).replaceAll("\r\n", "\n");
	// A command that is still running when somebody looks is shown so first.
	expect(text).toMatch(/agent\nfirst\n(?:.* true \(running\)\n)?.* true \(completed\)\nagent\nsecond\n/);
	// A hang shows what has been said before the turn is over, and Ctrl-C leaves it alone.
	const mark = terminal.mark;
	terminal.line(`$BERTH prompt ${name} --wait hang`);
	await until(async () => (await berth.ok(["prompts", "ls", name])).includes("running"), "it runs");
	terminal.type("\x03");
	await terminal.until("$ ", mark);
	expect(await berth.ok(["prompts", "ls", name])).toContain("running");
});

test("of an agent's terminal escapes nothing reaches the reader's", async () => {
	const name = await agent("escapes");
	await berth.ok(["prompt", name, "--wait", "escape"]);
	expect(await berth.ok(["conversation", name])).not.toContain("\x1b");
});
