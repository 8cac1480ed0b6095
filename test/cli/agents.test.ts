/** Agents from the command line. The agent is a script that says how it was called. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentList } from "../../src/contract/agent-definition.ts";
import type { AgentWorker, Session } from "../../src/contract/session.ts";
import { Berth } from "../support/berth.ts";

const MANIFEST = `# says what it was called with
id = "parrot"
name = "Parrot"
executable = "parrot"
install = "get parrot"
driver = "pty"
[env]
FEATHERS = "green"
[commands.pty]
start = ["parrot", ["--model", "{{model}}"], ["--mode", "{{mode}}"], "{{args}}", ["--", "{{prompt}}"]]
continue = ["parrot", "--resume", "{{conversation}}", ["--model", "{{model}}"], "{{args}}"]
[commands]
headless = ["parrot", "-p", ["--model", "{{model}}"], "{{args}}", "--", "{{prompt}}"]
`;

const SCRIPT = `#!/bin/sh
[ "$1" = --version ] && exec echo 4.2
[ "$1" = -p ] && { printf '<%s>' "$FEATHERS" "$@"; echo; exit 3; }
printf 'called:'; printf '<%s>' "$@"
exec sleep 600
`;

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.home();
	const bin = join(berth.home, "bin");
	mkdirSync(bin);
	writeFileSync(join(bin, "parrot"), SCRIPT);
	chmodSync(join(bin, "parrot"), 0o700);
	berth.env.PATH = `${bin}:${berth.env.PATH}`;
	await berth.startDaemon();
	writeFileSync(join(berth.home, "parrot.toml"), MANIFEST);
	expect(await berth.ok(["agent", "add", "parrot.toml"])).toBe("added parrot\n");
	const ghost = MANIFEST.replaceAll("parrot", "ghost").replace("Parrot", "Ghost");
	expect(await berth.ok(["agent", "add", "-"], { stdin: ghost })).toBe(
		"added ghost; its program is not installed\n",
	);
});
afterAll(() => berth[Symbol.asyncDispose]());

const worker = async (ref: string) =>
	(JSON.parse(await berth.ok(["info", ref, "--json"])) as Session).workers.at(-1) as AgentWorker;

describe("berth agent", () => {
	test("ls, detect and doctor tell what there is, and what is broken", async () => {
		const ls = await berth.ok(["agent", "ls"]);
		expect(ls).toMatch(/^parrot +Parrot +pty +you +~\/bin\/parrot$/m);
		expect(ls).toMatch(/^ghost +Ghost +\(pty\) +you +not installed$/m);
		expect(ls).toMatch(/^codex +Codex .* berth /m);
		const detected = await berth.ok(["agent", "detect"]);
		expect(detected).toMatch(/^parrot +4\.2 +~\/bin\/parrot$/m);
		expect(detected).toMatch(/^ghost +not installed +get ghost$/m);
		writeFileSync(join(berth.home, "config/agents/odd.toml"), 'id = "odd"\nname =\n');
		const { stderr, code } = await berth.run(["agent", "ls"]);
		expect(code).toBe(0);
		expect(stderr).toMatch(/^berth: ~\/config\/agents\/odd\.toml: line 2, column \d+: /);
		const { broken } = JSON.parse(await berth.ok(["agent", "ls", "--json"])) as AgentList;
		expect(broken).toHaveLength(1);
		expect((await berth.run(["doctor"])).stdout).toMatch(
			/warn +agents +~\/config\/agents\/odd\.toml: line 2/,
		);
	});

	test("show gives a text that add takes, from a file or a pipe", async () => {
		expect(await berth.ok(["agent", "show", "parrot"])).toBe(MANIFEST);
		const mine = (await berth.ok(["agent", "show", "codex"])).replace('name = "Codex"', 'name = "Mine"');
		expect(await berth.ok(["agent", "add", "-"], { stdin: mine })).toMatch(/^added codex/);
		expect(await berth.ok(["agent", "add", "-"], { stdin: mine })).toMatch(/^replaced codex/);
		expect(readFileSync(join(berth.home, "config/agents/codex.toml"), "utf8")).toBe(mine);
		expect(await berth.ok(["agent", "rm", "codex"])).toBe("removed codex\n");
		expect(await berth.ok(["agent", "show", "codex"])).toContain('name = "Codex"');
		const json = JSON.stringify({
			...JSON.parse(await berth.ok(["agent", "show", "parrot", "--json"])),
			id: "x",
		});
		const refused = await berth.run(["agent", "add", "-"], { stdin: json });
		expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("builtIn")]);
	});

	test("add says where a definition is wrong, in one line", async () => {
		for (const [text, part] of [
			["id = parrot", "line 1, column 6"],
			[MANIFEST.replace("{{mode}}", "{{mood}}"), "{{mood}}"],
			['{"id": "parrot"}', "name"],
		] as const) {
			const refused = await berth.run(["agent", "add", "-"], { stdin: text });
			expect(refused).toMatchObject({ code: 1, stdout: "" });
			expect(refused.stderr.trimEnd().split("\n")).toHaveLength(1);
			expect(refused.stderr).toContain(part);
		}
		expect((await berth.run(["agent", "add", "nowhere.toml"])).stderr).toContain("there is no such file");
		expect((await berth.run(["agent", "rm", "claude"])).stderr).toContain("comes with Berth");
	});

	test("run gives the answer and the agent's own status, and leaves nothing", async () => {
		const prompt = "it's $(id) `id`\n-n";
		const said = await berth.run(["agent", "run", "parrot", prompt, "-m", "big", "--", "--x"]);
		expect(said).toMatchObject({ code: 3, stderr: "" });
		expect(said.stdout).toBe(`<green><-p><--model><big><--x><--><${prompt}>\n`);
		expect(await berth.ok(["ls", "-a", "-q"])).toBe("");
		expect((await berth.run(["agent", "run", "ghost", "hello"])).stderr).toContain("ghost");
	});
});

describe("an agent", () => {
	test("is made by new, with a prompt, arguments and a model, and told by ls and info", async () => {
		const args = ["--agent", "parrot", "--model", "big", "-d", "--no-port"];
		await berth.ok(["new", "work", ...args, "say 'hi'", "--", "--x", "y z"]);
		const { command, agent } = await worker("work");
		expect(command).toEqual(["parrot", "--model", "big", "--x", "y z", "--", "say 'hi'"]);
		expect(agent.model).toBe("big");
		expect(await berth.ok(["wait", "work", "--text", "called:"])).toBe("called:\n");
		expect(await berth.ok(["ls"])).toMatch(/^work .* parrot big$/m);
		expect(await berth.ok(["worker", "ls", "work"])).toMatch(/^main +w_\w+ +parrot +\w/m);
		const info = await berth.ok(["info", "work"]);
		expect(info).toMatch(/^agent +parrot, pty$/m);
		expect(info).toMatch(/^model +big$/m);
		expect(info).toMatch(/^arguments +--x 'y z'$/m);
	});

	test("stands beside a terminal, named after what it is", async () => {
		await berth.ok(["new", "shell", "-d", "--no-port"]);
		expect(await berth.ok(["worker", "add", "shell", "--agent", "parrot"])).toBe("shell/parrot\n");
		expect(await berth.ok(["worker", "add", "shell", "bird", "--agent", "parrot", "sing"])).toBe(
			"shell/bird\n",
		);
		expect((await worker("shell")).command).toEqual(["parrot", "--", "sing"]);
		const several = await berth.run(["agent", "set", "shell", "--model", "big"]);
		expect(several.stderr).toContain("shell/parrot, shell/bird");
		const terminal = await berth.run(["agent", "set", "shell/main", "--model", "big"]);
		expect(terminal.stderr).toContain("is a terminal");
	});

	test("changes its configuration with a restart, or while it has ended", async () => {
		const refused = await berth.run(["agent", "set", "work", "--model", "small"]);
		expect(refused).toMatchObject({ code: 1, stdout: "" });
		expect(refused.stderr).toContain("berth agent set --now");
		await berth.ok(["restart", "work", "--model", "small", "--arg", "--y", "-e", "FEATHERS=red"]);
		expect((await worker("work")).command).toEqual(["parrot", "--model", "small", "--y"]);
		await berth.ok(["close", "work"]);
		expect(await berth.ok(["agent", "set", "work", "--model", "", "--mode", "plan"])).toBe(
			"work: model of its own choice, mode plan\n",
		);
		await berth.ok(["restart", "work"]);
		expect((await worker("work")).command).toEqual(["parrot", "--mode", "plan", "--y"]);
		expect((await berth.run(["agent", "set", "work"])).code).toBe(2);
		expect((await berth.run(["restart", "shell", "--fresh"])).stderr).toContain("is a terminal");
	});

	test("goes on with its conversation after a pause", async () => {
		await berth.ok(["new", "talk", "--agent", "parrot", "--conversation", "c-1", "-d", "--no-port"]);
		await berth.ok(["pause", "talk"]);
		await berth.ok(["resume", "talk"]);
		expect((await worker("talk")).command).toEqual(["parrot", "--resume", "c-1"]);
		await berth.ok(["restart", "talk", "--fresh"]);
		expect((await worker("talk")).command).toEqual(["parrot"]);
	});

	test("that is asked for wrongly is refused in one line that says what to do", async () => {
		const refusal = async (...args: string[]) => {
			const { code, stdout, stderr } = await berth.run(["new", "odd", "-d", "--no-port", ...args]);
			expect(stdout).toBe("");
			return `${code} ${stderr}`;
		};
		expect(await refusal("--agent", "nobody")).toMatch(
			/^1 berth: there is no agent "nobody"; berth agent ls/,
		);
		expect(await refusal("--agent", "ghost")).toMatch(/^1 berth: Ghost cannot be started: .*get ghost/);
		expect(await refusal("--agent", "parrot", "--driver", "acp")).toMatch(
			/^1 berth: Parrot has no driver acp/,
		);
		expect(await refusal("--model", "big")).toMatch(/^2 berth: --model needs --agent/);
		expect(await refusal("do it")).toMatch(/^2 berth: a prompt needs --agent/);
		expect(await refusal("--agent", "parrot", "--shell", "sh")).toMatch(/^2 berth: --shell and --agent/);
	});

	test("is offered by completion", async () => {
		const offered = async (...words: string[]) =>
			(await berth.ok(["__complete", "--", ...words])).split("\n").map((line) => line.split("\t")[0]);
		expect(await offered("new", "--agent", "p")).toContain("parrot");
		expect(await offered("agent", "show", "")).toEqual(expect.arrayContaining(["claude", "parrot"]));
		expect(await offered("new", "--driver", "")).toEqual(
			expect.arrayContaining(["pty", "acp", "claude-stream"]),
		);
	});
});
