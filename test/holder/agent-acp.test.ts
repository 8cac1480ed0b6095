/** What the Agent Client Protocol alone has: loading, the client's files and terminals, its own choices. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgentHolder, fakeAgent } from "../support/agents/agent-holder.ts";
import { alive, until } from "../support/berth.ts";

const withOptions = (...options: string[]) => fakeAgent("acp", ...options);

test("a conversation from elsewhere is told from its beginning", async () => {
	await using agent = await AgentHolder.idle("acp", { agent: { conversation: "conv-1" } });
	expect(agent.texts("user")).toEqual(["earlier question"]);
	expect(agent.texts("assistant")).toEqual(["earlier answer"]);
	expect(agent.of("agent").at(-1)).toMatchObject({ conversation: "conv-1" });
	expect((await agent.turn("say more")).answer).toBe("more");
});

test("a restarted worker goes on without telling again what is known", async () => {
	for (const options of [[], ["--no-resume"], ["--no-load"]]) {
		await using agent = await AgentHolder.idle("acp", {
			...{ argv: withOptions(...options), agent: { conversation: "conv-1" }, spec: { generation: 2 } },
		});
		expect(agent.items()).toEqual([]);
		expect(agent.of("agent").at(-1)).toMatchObject({ conversation: "conv-1" });
		await agent.turn("say on");
		const ids = agent.of("item").map(({ id }) => id);
		expect(ids.every((id) => id.startsWith("2."))).toBe(true);
	}
});

test("what an agent tells of an earlier conversation after it has loaded it is not taken for its first new answer", async () => {
	const argv = withOptions("--late", "--no-resume");
	await using again = await AgentHolder.idle("acp", {
		...{ argv, agent: { conversation: "conv-1" }, spec: { generation: 2 } },
	});
	expect((await again.turn("stream 4000")).answer).not.toContain("earlier");
	expect(again.texts("user")).toEqual(["stream 4000"]);
	await using elsewhere = await AgentHolder.idle("acp", { argv, agent: { conversation: "conv-1" } });
	expect(elsewhere.texts("user")).toEqual(["earlier question"]);
	expect((await elsewhere.turn("say more")).answer).toBe("more");
	expect(elsewhere.texts("assistant")).toEqual(["earlier answer", "more"]);
});

test("a conversation that is gone, or an agent that cannot go on, makes a new one and says so", async () => {
	const cases = [
		{ argv: withOptions(), conversation: "gone", told: "could not be found" },
		{ argv: withOptions("--no-load", "--no-resume"), conversation: "conv-1", told: "cannot go on" },
	];
	for (const { argv, conversation, told } of cases) {
		await using agent = await AgentHolder.idle("acp", { argv, agent: { conversation } });
		expect(agent.bodies("notice")).toMatchObject([{ level: "warning" }]);
		expect(agent.bodies("notice")[0]!.text).toContain(told);
		const known = Object.assign({}, ...agent.of("agent")) as { conversation: string };
		expect(known.conversation).not.toBe(conversation);
		expect((await agent.turn("say hi")).answer).toBe("hi");
	}
});

test("model and mode chosen before the start are set, by id or by name; what there is none of is told", async () => {
	await using agent = await AgentHolder.idle("acp", { agent: { model: "The large one", mode: "code" } });
	expect((await agent.turn("config")).answer).toBe("model=large mode=code");
	await using other = await AgentHolder.idle("acp", { agent: { model: "huge", mode: "code" } });
	expect(other.bodies("notice").map(({ text }) => text)).toEqual([
		"the agent has no model huge; it has small, large",
	]);
	expect((await other.turn("config")).answer).toBe("model=small mode=code");
});

test("a mode that the agent changes by itself is told", async () => {
	await using agent = await AgentHolder.idle("acp");
	await agent.turn("switch code");
	expect(agent.of("agent").at(-1)).toMatchObject({ mode: "code" });
});

test("an agent that takes no images is given none", async () => {
	await using agent = await AgentHolder.idle("acp", { argv: withOptions("--no-images") });
	const image = { sha256: "0".repeat(64), mediaType: "image/png" };
	const code = await agent.refusal("agentPrompt", { promptId: "q_1", text: "image", images: [image] });
	expect(code).toBe("agent_refused");
	expect(agent.of("turn")).toEqual([]);
});

test("an edit is shown as what it changed", async () => {
	await using agent = await AgentHolder.idle("acp");
	await agent.turn("tool");
	expect(agent.bodies("tool")[0]!.output).toContainEqual({
		...{ type: "diff", path: "/tmp/example.txt" },
		...{ oldText: "one\ntwo\nthree\n", newText: "one\n2\nthree\n" },
	});
	await until(async () => (await agent.shown()).includes("+ 2"), "the change is shown");
	expect(await agent.shown()).toContain("- two");
});

test("files are read and written by absolute path, whole or by lines", async () => {
	await using agent = await AgentHolder.idle("acp");
	const folder = join(agent.home.path, "work");
	mkdirSync(folder);
	const file = join(folder, "notes.txt");
	writeFileSync(file, "one\ntwo\nthrée\n");
	const said = async (prompt: string) => (await agent.turn(prompt)).answer;
	expect(await said(`read ${file}`)).toBe("content: one\ntwo\nthrée\n");
	expect(await said(`read ${file} 2 1`)).toBe("content: two\n");
	expect(await said(`read ${file} 9 1`)).toBe("content: ");
	expect(await said(`write ${join(folder, "new/deep.txt")} some text`)).toBe("written");
	expect(readFileSync(join(folder, "new/deep.txt"), "utf8")).toBe("some text");
	for (const path of ["notes.txt", "./notes.txt", "../etc/passwd"]) {
		expect(await said(`read ${path}`)).toStartWith("refused: Invalid params");
		expect(await said(`write ${path} x`)).toStartWith("refused: Invalid params");
	}
	expect(await said(`read ${join(folder, "missing")}`)).toStartWith("refused: Resource not found");
	expect(await said(`read ${folder}`)).toStartWith("refused: ");
	expect(await said("read /dev/zero")).toStartWith("refused: ");
});

test("a terminal runs the command in the agent's place and tells output and exit truly", async () => {
	await using agent = await AgentHolder.idle("acp");
	const ran = async (prompt: string) => JSON.parse((await agent.turn(prompt)).answer!);
	expect(await ran("terminal pwd")).toMatchObject({
		...{ output: `${agent.home.path}\n`, truncated: false },
		exit: { exitCode: 0 },
	});
	writeFileSync(
		join(agent.home.path, "both"),
		"#!/bin/sh\necho out; echo err >&2; echo $BERTH_WORKER; exit 5\n",
		{
			mode: 0o755,
		},
	);
	expect(await ran(`terminal ${agent.home.path}/both`)).toMatchObject({
		...{ output: `out\nerr\n${agent.holder.spec.workerId}\n`, exitStatus: { exitCode: 5 } },
	});
	const flood = await ran("terminal seq 100000");
	expect(flood.truncated).toBe(true);
	expect(flood.output).toEndWith("\n99999\n100000\n");
	expect(flood.output.length).toBeLessThanOrEqual(1000);
	expect(await ran("terminal-kill sleep 1000")).toMatchObject({ signal: "SIGKILL" });
	expect((await agent.turn("terminal /no/such/program")).answer).toStartWith("refused: ");
	const shown = agent.bodies("tool").map(({ output }) => output);
	expect(shown[0]).toEqual([{ type: "text", text: `${agent.home.path}\n` }]);
});

test("terminals end with their agent", async () => {
	await using agent = await AgentHolder.idle("acp");
	const file = join(agent.home.path, "pid");
	writeFileSync(
		join(agent.home.path, "hold"),
		`#!/bin/sh\necho $$ >${file}.new; mv ${file}.new ${file}; sleep 1000\n`,
		{
			mode: 0o755,
		},
	);
	await agent.prompt(`terminal-hold ${agent.home.path}/hold`);
	await until(() => existsSync(file), "the command runs");
	const pid = Number(readFileSync(file, "utf8"));
	agent.home.adopt(pid);
	process.kill(agent.holder.pid, "SIGKILL");
	await agent.exit();
	await until(() => !alive(pid), "the command has ended");
});
