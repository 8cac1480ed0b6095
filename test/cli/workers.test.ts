/** Several terminals in one session, from the command line. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Worker } from "../../src/contract/session.ts";
import { Berth, program, until } from "../support/berth.ts";
import { Terminal } from "../support/terminal.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	await berth.ok(["new", "team", "-d", "--no-port", "--shell", "bash"]);
});
afterAll(() => berth[Symbol.asyncDispose]());

const workers = async () => JSON.parse(await berth.ok(["worker", "ls", "team", "--json"])) as Worker[];

describe("REF/WORKER", () => {
	test("names a shell of its own, with a directory, a screen and an output of its own", async () => {
		expect(
			await berth.ok(["worker", "add", "team", "second", "-C", "/tmp", "-e", "WHO=second", "--", "bash"]),
		).toBe("team/second\n");
		expect(await berth.ok(["run", "team/second", 'echo "$WHO in $PWD"'])).toBe("second in /tmp\n");
		expect(await berth.ok(["run", "team", 'echo "first$WHO in $PWD"'])).toBe(`first in ${berth.home}\n`);
		expect(await berth.ok(["run", "team/second", "--", "printf", "%s", "a  b"])).toBe("a  b");
		expect((await berth.run(["run", "team/second", "(exit 7)"])).code).toBe(7);
		for (const command of ["screen", "output", "logs"]) {
			expect(await berth.ok([command, "team/second"])).toContain("second in /tmp");
			expect(await berth.ok([command, "team"])).not.toContain("second in /tmp");
		}
		expect(await berth.ok(["export", "team/second", "--format", "raw"])).toContain("second in /tmp");
		await berth.ok(["send", "team/second", "echo typ''ed", "--enter"]);
		expect(await berth.ok(["wait", "team/second", "--text", "typed"])).toBe("typed\n");
		await berth.ok(["keys", "team/second", "s", "l", "e", "e", "p", "Space", "9", "9", "Enter"]);
		await until(async () => (await workers())[1]!.foreground === "sleep", "the second shell sleeps");
		await berth.ok(["signal", "team/second", "INT"]);
		expect(await berth.ok(["wait", "team/second", "--prompt"])).toBe("prompt\n");
	});

	test("is what attach enters and follows", async () => {
		await using terminal = await Terminal.open({
			env: { ...berth.env, BERTH: program.join(" ") },
			cwd: berth.home,
		});
		terminal.line("$BERTH attach team/second");
		await terminal.until("typed");
		const mark = terminal.mark;
		terminal.type("echo in''-$WHO\r");
		await terminal.until("in-second", mark);
		terminal.type("\x1c");
		await terminal.until("[detached from team/second", mark);
	});

	test("ends, restarts and goes alone", async () => {
		const [first] = await workers();
		expect(await berth.ok(["close", "team/second"])).toBe("closed team/second\n");
		expect((await workers()).map(({ state }) => state)).toEqual(["running", "exited"]);
		expect(await berth.ok(["restart", "team/second"])).toBe("restarted team/second\n");
		expect((await workers())[1]).toMatchObject({ state: "running", generation: 2 });
		expect(await berth.ok(["worker", "rename", "team/second", "other"])).toBe(
			"renamed team/second to team/other\n",
		);
		const refused = await berth.run(["worker", "rm", "team/other"]);
		expect(refused).toMatchObject({ code: 1, stdout: "" });
		expect(refused.stderr).toContain("berth close team/other");
		expect(await berth.ok(["worker", "rm", "--force", "team/other"])).toBe("removed team/other\n");
		expect(await workers()).toMatchObject([{ id: first!.id, pid: first!.pid, state: "running" }]);
		expect((await berth.run(["worker", "rm", "--force", "team"])).code).toBe(2);
		expect((await berth.run(["run", "team/nobody", "true"])).stderr).toContain('no worker "nobody"');
		expect((await berth.run(["run", "team/", "true"])).code).toBe(2);
	});

	test("is offered by completion where one session has several", async () => {
		await berth.ok(["worker", "add", "team", "web", "--", "sleep", "600"]);
		const offered = async (...words: string[]) =>
			(await berth.ok(["__complete", "--", ...words])).split("\n").map((line) => line.split("\t")[0]);
		expect(await offered("attach", "te")).toEqual(["team", "team/main", "team/web", ""]);
		expect(await offered("worker", "rm", "team/w")).toEqual(["team/web", ""]);
		expect(await offered("worker", "")).toEqual(["ls", "add", "rename", "rm", ""]);
	});

	test("listed for people tells name, kind, state, process and command", async () => {
		const text = await berth.ok(["worker", "ls", "team"]);
		expect(text).toMatch(/^NAME +ID +KIND +STATE +PID +DIRECTORY +COMMAND\n/);
		expect(text).toMatch(/\nweb +w_\w+ +terminal +running +\d+ +\S+ +sleep 600\n/);
	});
});
