/** run and exec: true exit codes, exact arguments, exact output. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, program, until } from "../support/berth.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
	for (const shell of ["bash", "zsh", "fish"]) await berth.ok(["new", `in-${shell}`, "-d", "--shell", shell]);
});
afterAll(() => berth[Symbol.asyncDispose]());

const list = async () => JSON.parse(await berth.ok(["ls", "-a", "--json"])) as Session[];

describe.each(["bash", "zsh", "fish"])("run in %s", (shell) => {
	const session = `in-${shell}`;
	const awkward = [
		"a b",
		"it's",
		'"quoted"',
		"$HOME",
		"`id`",
		"back\\slash",
		"*",
		"~",
		"!!",
		"",
		"-n",
		"é 👍",
		"tab\there",
	];

	test("ends with the command's own code and prints its output alone", async () => {
		expect(await berth.run(["run", session, "echo out; sh -c 'exit 7'"])).toEqual({
			code: 7,
			stdout: "out\n",
			stderr: "",
		});
		expect(await berth.run(["run", session, "false"])).toEqual({ code: 1, stdout: "", stderr: "" });
		expect(await berth.run(["run", session, "true"])).toEqual({ code: 0, stdout: "", stderr: "" });
	});

	test("after -- gives the command exactly these arguments", async () => {
		const { code, stdout, stderr } = await berth.run(["run", session, "--", "printf", "%s\\n", ...awkward]);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout.split("\n").slice(0, -1)).toEqual(awkward);
	});

	test("keeps colours, and multi-line output as it was written", async () => {
		const { stdout } = await berth.run(["run", session, "printf '\\033[31mred\\033[0m\\nlast'"]);
		expect(stdout).toBe("\x1b[31mred\x1b[0m\nlast");
	});
});

describe("run", () => {
	test("stops waiting at the time-out with 124, says so, and the next run is not typed into it", async () => {
		const late = await berth.run(["run", "in-bash", "--timeout", "200ms", "sleep 30"]);
		expect(late.code).toBe(124);
		expect(late.stderr).toMatch(/^berth: the command still runs in in-bash; [^\n]+\n$/);
		const busy = await berth.run(["run", "in-bash", "echo no"]);
		expect(busy.code).toBe(1);
		expect(busy.stderr).toContain("sleep");
		await berth.ok(["keys", "in-bash", "C-c"]);
		await berth.ok(["wait", "in-bash", "--prompt"]);
		expect(await berth.ok(["run", "in-bash", "echo again"])).toBe("again\n");
	});

	test("interrupts at the time-out when it is asked to", async () => {
		const { code, stderr } = await berth.run([
			"run",
			"in-zsh",
			"--timeout",
			"200ms",
			"--on-timeout",
			"interrupt",
			"sleep 30",
		]);
		expect(code).toBe(124);
		expect(stderr).toMatch(/^berth: interrupted after 200 ms\n$/);
		expect(await berth.ok(["run", "in-zsh", "echo again"])).toBe("again\n");
	});

	test("--json is the API's answer", async () => {
		const result = JSON.parse(await berth.ok(["run", "in-bash", "--json", "cd /tmp && pwd"])) as object;
		expect(result).toMatchObject({ status: "completed", exitCode: 0, output: "/tmp\n", cwd: "/tmp" });
	});

	test("of 300,000 lines prints 300,000 lines", async () => {
		const { stdout } = await berth.run(["run", "in-bash", "seq 300000"]);
		const lines = stdout.split("\n");
		expect(lines.length).toBe(300_001);
		expect(lines[299_999]).toBe("300000");
	}, 300_000);

	test("in a program that is no shell refuses and points at exec", async () => {
		await berth.ok(["new", "noshell", "-d", "--", "cat"]);
		const { code, stderr } = await berth.run(["run", "noshell", "ls"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(/exec/);
	});
});

describe("exec", () => {
	test("ends as the command ended", async () => {
		expect(await berth.run(["exec", "--", "sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
			code: 3,
			stdout: "out\nerr\n",
			stderr: "",
		});
		expect((await berth.run(["exec", "--", "sh", "-c", "kill -9 $$"])).code).toBe(137);
		expect((await berth.run(["exec", "--", "sh", "-c", "kill -TERM $$"])).code).toBe(143);
	});

	test("gives the command its arguments, the caller's directory and environment", async () => {
		expect(
			await berth.ok(["exec", "-e", "B=two", "--", "sh", "-c", 'echo "$A|$B|$PWD|$1"', "sh", "x  y"], {
				env: { A: "one" },
				cwd: "/tmp",
			}),
		).toBe("one|two|/tmp|x  y\n");
	});

	test("leaves no session behind, unless it is told to keep it", async () => {
		const before = (await list()).length;
		await berth.ok(["exec", "--", "true"]);
		expect((await list()).length).toBe(before);
		await berth.ok(["exec", "--keep", "--name", "kept", "--", "echo", "hello"]);
		expect(await berth.ok(["logs", "kept"])).toBe("hello\r\n");
	});

	test("of 300,000 lines prints 300,000 lines, to a slow reader as well", async () => {
		const child = Bun.spawn(
			["sh", "-c", '"$@" | (sleep 1; cat)', "sh", ...program, "exec", "--", "seq", "300000"],
			{ env: berth.env, stdout: "pipe" },
		);
		const lines = (await new Response(child.stdout).text()).split("\n");
		expect(lines.length).toBe(300_001);
		expect(lines[299_999]).toBe("300000");
	}, 300_000);

	test("shows output as it comes", async () => {
		const child = Bun.spawn([...program, "exec", "--", "sh", "-c", "echo first; read x"], {
			env: berth.env,
			stdout: "pipe",
		});
		const { value } = await child.stdout.getReader().read();
		expect(new TextDecoder().decode(value)).toBe("first\n");
		child.kill("SIGTERM");
		expect(await child.exited).toBe(143);
	});

	test("passes Ctrl-C on, and ends with what the command makes of it", async () => {
		const child = Bun.spawn(
			[
				...program,
				"exec",
				"--",
				"sh",
				"-c",
				"trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.02; done",
			],
			{
				env: berth.env,
				stdout: "pipe",
			},
		);
		const reader = child.stdout.getReader();
		expect(new TextDecoder().decode((await reader.read()).value)).toBe("ready\n");
		child.kill("SIGINT");
		expect(await child.exited).toBe(9);
	});

	test("kills at the time-out, children included, and ends with 124", async () => {
		const child = await berth.run([
			"exec",
			"--timeout",
			"300ms",
			"--",
			"sh",
			"-c",
			"sleep 600 & echo $!; wait",
		]);
		expect(child.code).toBe(124);
		const pid = Number(child.stdout.trim());
		await until(() => !alive(pid), "the command's child is gone");
	});

	test("beside a session's shell becomes one of its workers", async () => {
		await berth.ok(["run", "in-bash", "cd /"]);
		const before = (await list()).length;
		expect(
			await berth.run(["exec", "--session", "in-bash", "--", "sh", "-c", "echo $BERTH_SESSION_NAME; exit 4"]),
		).toMatchObject({
			code: 4,
			stdout: "in-bash\n",
		});
		expect((await list()).length).toBe(before);
		const session = (await list()).find(({ name }) => name === "in-bash")!;
		expect(session.workers.map(({ state }) => state)).toEqual(["running", "exited"]);
	});

	test("ends with its reader, and the command with it", async () => {
		const before = (await list()).length;
		const child = Bun.spawn(
			["bash", "-c", '"$@" | head -n 1; echo $PIPESTATUS', "bash", ...program, "exec", "--", "yes"],
			{
				env: berth.env,
				stdout: "pipe",
				stderr: "pipe",
			},
		);
		expect(await new Response(child.stdout).text()).toBe("y\n141\n");
		expect(await new Response(child.stderr).text()).toBe("");
		expect((await list()).length).toBe(before);
	});

	test("lives through the daemon's death", async () => {
		const child = Bun.spawn(
			[...program, "exec", "--", "sh", "-c", "echo ready; sleep 1; echo over; exit 6"],
			{ env: berth.env, stdout: "pipe" },
		);
		const reader = child.stdout.getReader();
		await reader.read();
		await berth.killDaemon();
		expect(new TextDecoder().decode((await reader.read()).value)).toBe("over\n");
		expect(await child.exited).toBe(6);
	});
});
