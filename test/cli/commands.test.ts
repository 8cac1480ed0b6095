/** Every command against a real daemon and real sessions. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import type { Event } from "../../src/contract/system.ts";
import { Berth, program, until } from "../support/berth.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await berth.ok([...args, "--json"])) as T;
const info = (ref: string) => json<Session>("info", ref);

describe("making and finding sessions", () => {
	test("new --like copies what the other session is made of, its environment included", async () => {
		const tell = ["sh", "-c", "echo $COLOUR $SIZE; cat"];
		await berth.ok(["new", "model", "-t", "work", "-e", "COLOUR=blue", "-e", "SIZE=small", "--", ...tell]);
		await berth.ok(["new", "copy", "--like", "model", "-e", "SIZE=large"]);
		const copy = await info("copy");
		expect(copy).toMatchObject({ tags: ["work"], cwd: (await info("model")).cwd });
		expect(copy.workers[0]!.command).toEqual(tell);
		await until(async () => (await berth.ok(["output", "copy"])).startsWith("blue large"), "it told");
		await berth.ok(["rm", "--force", "model", "copy"]);
	});

	test("new prints the name, and what was asked for is what runs", async () => {
		const made = await berth.ok([
			"new",
			"made",
			"-t",
			"work",
			"-e",
			"COLOUR=blue",
			"--size",
			"90x30",
			"--",
			"sh",
			"-c",
			"echo $COLOUR $0; cat",
			"--flag",
		]);
		expect(made).toBe("made\n");
		const session = await info("made");
		expect(session).toMatchObject({ name: "made", tags: ["work"], cwd: berth.home });
		expect(session.workers[0]).toMatchObject({
			command: ["sh", "-c", "echo $COLOUR $0; cat", "--flag"],
			cols: 90,
			rows: 30,
		});
		await berth.ok(["wait", "made", "--text", "blue --flag"]);
	});

	test("what the caller set up in its shell is there inside", async () => {
		await berth.ok(["new", "environment", "--", "sh", "-c", "echo v=$VIRTUAL_ENV t=$TERM; cat"], {
			env: { VIRTUAL_ENV: "/venv", TERM: "strange" },
		});
		await berth.ok(["wait", "environment", "--text", "v=/venv t=xterm-256color"]);
	});

	test("a session is found by name, id, the start of its id and its port", async () => {
		const { id, port } = await info("made");
		for (const ref of [id, id.slice(0, 8), String(port)]) expect((await info(ref)).id).toBe(id);
	});

	test("ls shows a table to people and the API's shape to programs", async () => {
		const text = await berth.ok(["ls"]);
		expect(text).toMatch(/^NAME +STATE +PORT +IDLE +SEEN BY +DIRECTORY +TITLE\n/);
		expect(text).toMatch(/made +running +\d+ +\d+s +0 +~/);
		expect(text).not.toContain("\x1b");
		expect((await json<Session[]>("ls")).map(({ name }) => name)).toEqual(["made", "environment"]);
		expect(await berth.ok(["ls", "-q", "--tag", "work"])).toBe("made\n");
	});

	test("rename and tag change what they name", async () => {
		await berth.ok(["new", "before", "-d", "--", "cat"]);
		await berth.ok(["rename", "before", "after"]);
		expect(await berth.ok(["tag", "after", "a", "b"])).toBe("a b\n");
		expect(await berth.ok(["tag", "after", "c", "--remove", "a"])).toBe("b c\n");
		expect((await info("after")).tags).toEqual(["b", "c"]);
	});
});

describe("ending sessions", () => {
	test("close, kill and rm take several, and one that fails keeps no other from it", async () => {
		for (const name of ["one", "two", "three"]) await berth.ok(["new", name, "-d", "--", "cat"]);
		expect(await berth.ok(["close", "one", "two"])).toBe("closed one\nclosed two\n");
		expect((await berth.run(["rm", "three"])).stderr).toContain("three");
		const mixed = await berth.run(["kill", "nobody", "three"]);
		expect(mixed).toMatchObject({ code: 1, stdout: "killed three\n" });
		expect(mixed.stderr).toMatch(/^berth: .*nobody.*\n$/);
		expect(await berth.ok(["ls", "-a"])).toMatch(/one +closed/);
		expect(await berth.ok(["rm", "one", "two", "three"])).toBe("removed one\nremoved two\nremoved three\n");
	});

	test("restart brings the same session back, with the next generation", async () => {
		await berth.ok(["new", "again", "-d", "--no-port", "--", "sh", "-c", "exit 7"]);
		await until(async () => (await info("again")).workers[0]!.exit, "it has ended");
		expect(await berth.ok(["ls", "-a"])).toMatch(/again +exited 7/);
		const { id } = await info("again");
		expect(await json<object>("restart", "again")).toMatchObject({
			status: "restarted",
			name: "again",
			generation: 2,
		});
		expect((await info("again")).id).toBe(id);
		await until(async () => (await info("again")).workers[0]!.exit, "it has ended again");
		await berth.ok(["rm", "again"]);
	});
});

describe("typing and waiting", () => {
	test("send reaches the program byte for byte", async () => {
		const file = join(berth.home, "typed");
		await berth.ok([
			"new",
			"bytes",
			"-d",
			"--",
			"sh",
			"-c",
			`stty raw -echo; echo ready; head -c 14 >${file}; echo enough; cat`,
		]);
		await berth.ok(["wait", "bytes", "--text", "ready"]);
		await berth.ok(["send", "bytes", "a b", "--enter"]);
		await berth.ok(["send", "bytes", "-"], { stdin: "é\0\x03" });
		await berth.ok(["send", "bytes", "--", "-x"]);
		await berth.ok(["keys", "bytes", "C-c", "Up"]);
		await berth.ok(["wait", "bytes", "--text", "enough"]);
		expect(readFileSync(file)).toEqual(Buffer.from("a b\ré\0\x03-x\x03\x1b[A"));
	});

	test("wait tells which condition came true, and 124 when none did", async () => {
		expect(await berth.ok(["wait", "made", "--input", "port 80\\n", "--regex", "port (\\d+)"])).toBe(
			"port 80\n",
		);
		expect(await berth.ok(["wait", "made", "--idle", "50ms"])).toBe("idle\n");
		expect(await berth.run(["wait", "made", "--text", "never there", "--timeout", "100ms"])).toMatchObject({
			code: 124,
			stdout: "timeout\n",
		});
		expect((await berth.run(["wait", "made"])).code).toBe(2);
	});

	test("signal reaches the foreground", async () => {
		await berth.ok([
			"new",
			"signalled",
			"-d",
			"--",
			"sh",
			"-c",
			"trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done",
		]);
		await berth.ok(["wait", "signalled", "--text", "ready"]);
		await berth.ok(["signal", "signalled", "sigint"]);
		expect(await berth.ok(["wait", "signalled", "--exit"])).toBe("exit\n");
		// What has happened already needs no waiting.
		expect(await berth.ok(["wait", "signalled", "--exit"])).toBe("exit\n");
		await until(async () => (await info("signalled")).workers[0]!.exit?.code === 9, "the exit is recorded");
	});
});

describe("reading", () => {
	test("screen, output, logs and export show the same output in their ways", async () => {
		await berth.ok([
			"new",
			"printed",
			"-d",
			"--",
			"sh",
			"-c",
			"printf 'one\\ntwo \\033[31mred\\033[0m\\nthree\\n'; cat",
		]);
		await berth.ok(["wait", "printed", "--text", "three"]);
		expect(await berth.ok(["screen", "printed"])).toStartWith("one\ntwo red\nthree\n");
		expect(await json<{ lines: string[] }>("screen", "printed")).toMatchObject({
			cols: 80,
			cursor: { x: 0, y: 3 },
		});
		expect(await berth.ok(["screen", "printed", "-f", "ansi"])).toMatch(/\x1b\[(31|38;5;1)mred/);
		expect(await berth.ok(["output", "printed", "-n", "2"])).toBe("two red\nthree\n");
		const bytes = "one\r\ntwo \x1b[31mred\x1b[0m\r\nthree\r\n";
		expect(await berth.ok(["logs", "printed"])).toBe(bytes);
		expect(await berth.ok(["logs", "printed", "--plain"])).toBe("one\ntwo red\nthree\n");
		expect(await berth.ok(["logs", "printed", "-n", "1"])).toBe("three\r\n");
		expect(await berth.ok(["logs", "printed", "--from", "5"])).toBe(bytes.slice(5));
		expect(await berth.ok(["export", "printed", "--format", "raw"])).toBe(bytes);
		expect(await berth.ok(["export", "printed", "--format", "text"])).toContain("two red\n");
		await berth.ok(["export", "printed", "-o", "p.cast"]);
		Bun.spawnSync(["mkfifo", join(berth.home, "pipe")]);
		const reader = Bun.spawn(["cat", join(berth.home, "pipe")], { stdout: "pipe" });
		await berth.ok(["export", "printed", "--format", "raw", "-o", "pipe"]);
		expect(await new Response(reader.stdout).text()).toBe(bytes);
		const [head] = readFileSync(join(berth.home, "p.cast"), "utf8").split("\n");
		expect(JSON.parse(head!)).toMatchObject({ version: 3, term: { cols: 80, rows: 24 } });
		expect(
			JSON.parse((await berth.ok(["export", "printed", "--format", "cast2"])).split("\n")[0]!),
		).toMatchObject({ version: 2 });
	});

	test("logs -f follows to the end, and the end is all of it", async () => {
		await berth.ok([
			"new",
			"counting",
			"-d",
			"--",
			"sh",
			"-c",
			"stty -echo; seq 20000; read x; seq 20001 40000",
		]);
		const following = berth.ok(["logs", "counting", "-f"]);
		await berth.ok(["send", "counting", "", "--enter"]);
		const text = await following;
		const numbers = text.split("\r\n").filter((line) => /^\d+$/.test(line));
		expect(numbers.length).toBe(40_000);
		expect(numbers.at(-1)).toBe("40000");
	});

	test("a reader that goes away is no error", async () => {
		const child = Bun.spawn(["sh", "-c", '"$@" logs counting | head -n 1', "sh", ...program], {
			env: berth.env,
			stdout: "pipe",
			stderr: "pipe",
		});
		expect(await new Response(child.stdout).text()).toBe("1\r\n");
		expect(await new Response(child.stderr).text()).toBe("");
	});

	test("events are one line each, and resume after a number", async () => {
		const lines = (await berth.ok(["events", "--json", "--after", "0"])).trim().split("\n");
		const events = lines.map((line) => JSON.parse(line) as Event);
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => events[0]!.seq + index));
		const last = events.at(-1)!.seq;
		const follower = Bun.spawn(
			[...program, "events", "-f", "--json", "--after", String(last), "--type", "session.created"],
			{
				env: berth.env,
				stdout: "pipe",
			},
		);
		await berth.ok(["new", "burst", "-d", "--", "cat"]);
		const { value } = await follower.stdout.getReader().read();
		expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({
			type: "session.created",
			data: { name: "burst" },
		});
		follower.kill();
		await follower.exited;
		expect(await berth.ok(["events", "-n", "3"])).toMatch(/burst/);
	});
});

describe("access", () => {
	test("a token is shown once, listed without its text, and revoked", async () => {
		const token = (
			await berth.ok(["token", "create", "ci", "--scope", "write", "--expires", "1h", "--session", "made"])
		).trim();
		expect(token).toStartWith("berth_");
		const [listed] = await json<{ id: string; label: string; scope: string; sessionId: string }[]>(
			"token",
			"ls",
		);
		expect(listed).toMatchObject({ label: "ci", scope: "write", sessionId: (await info("made")).id });
		expect(await berth.ok(["token", "ls"])).not.toContain(token);
		const status = () =>
			fetch(`http://127.0.0.1:${berth.port}/sessions/made`, {
				headers: { authorization: `Bearer ${token}` },
			});
		expect((await status()).status).toBe(200);
		expect(await berth.ok(["token", "revoke", listed!.id])).toBe(`revoked ${listed!.id}\n`);
		expect((await status()).status).toBe(401);
	});

	test("ui gives a link that logs a browser in once", async () => {
		const url = (await berth.ok(["ui"])).trim();
		expect((await fetch(url, { redirect: "manual" })).status).toBe(303);
		expect((await fetch(url, { redirect: "manual" })).status).toBe(401);
	});

	test("docs prints the address of the documentation", async () => {
		const url = (await berth.ok(["docs"])).trim();
		expect((await fetch(url)).status).toBe(200);
	});
});

describe("when something is wrong", () => {
	test.each([
		[["frobnicate"], 2, /no command "frobnicate"/],
		[["atach"], 2, /did you mean attach\?/],
		[["ls", "--al"], 2, /did you mean --all\?/],
		[["daemon", "stat"], 2, /there is no "berth daemon stat"/],
		[["info"], 2, /something is missing: berth info REF/],
		[["exec", "ls"], 2, /behind --/],
		[["run", "made", "ls", "-la"], 2, /after --/],
		[["info", "nobody"], 1, /nobody/],
		[["new", "made"], 1, /made/],
		[["new", "1bad"], 1, /must start with a letter/],
		[["new", "--cwd", "/no/such"], 1, /\/no\/such/],
		[["new", "--", "/no/such/program"], 1, /\/no\/such\/program/],
		[["keys", "made", "C-nonsense"], 1, /C-nonsense/],
		[["attach", "made"], 1, /needs a terminal/],
		[["logs", "made", "--generation", "9"], 1, /generation 9 is not kept/],
		[["completion", "tcsh"], 2, /bash, zsh or fish/],
	] as const)("berth %p ends with %d and says so in one line", async (args, code, sentence) => {
		const result = await berth.run([...args]);
		expect(result).toMatchObject({ code, stdout: "" });
		expect(result.stderr).toMatch(sentence);
		expect(result.stderr).toMatch(/^berth: [^\n]+\n$/);
	});

	test("with --json the problem is a problem document on standard error", async () => {
		const { code, stdout, stderr } = await berth.run(["info", "nobody", "--json"]);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(JSON.parse(stderr)).toMatchObject({ code: "session_not_found", status: 404 });
	});
});

describe("help", () => {
	test("berth, --help, -h and help are the same overview", async () => {
		const [first, ...rest] = await Promise.all(
			[[], ["--help"], ["-h"], ["help"]].map((args) => berth.ok(args)),
		);
		expect(rest).toEqual([first, first, first] as string[]);
		expect(first).toContain("berth new demo");
		expect(Math.max(...first!.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
	});

	test("each command has help with examples, before its operands are checked", async () => {
		expect(await berth.ok(["run", "--help"])).toContain("# exact arguments");
		expect(await berth.ok(["help", "daemon", "start"])).toContain("berth daemon start");
		expect(await berth.ok(["daemon"])).toContain("berth daemon restart");
	});

	test("needs no daemon and makes none", async () => {
		await using other = await Berth.home();
		await other.ok(["help"]);
		await other.ok(["version"]);
		expect(await other.run(["daemon", "status"])).toMatchObject({ code: 1 });
		expect(existsSync(other.socket)).toBe(false);
	});
});

test("doctor finds nothing wrong here, and tells what is", async () => {
	const report = await json<{ ok: boolean; checks: { name: string; status: string }[] }>("doctor");
	expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
	expect(report.ok).toBe(true);
	const broken = await berth.run(["doctor"], { env: { BERTH_SCREEN: "crystal" } });
	expect(broken.code).toBe(1);
	expect(broken.stdout).toMatch(/fail +settings +BERTH_SCREEN must be ghostty or xterm/);
});
