/** The binary alone: an empty folder, an empty environment, no network. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alive, program, until } from "../support/berth.ts";

const compiled = program.length === 1;
/** A network namespace without interfaces, where the system allows one. */
const isolate =
	[
		["unshare", "-n"],
		["unshare", "-rn"],
	].find((argv) => Bun.spawnSync([...argv, "true"]).exitCode === 0) ?? [];

describe.if(compiled)("the binary copied alone into an empty folder", () => {
	let folder: string;
	let daemon = 0;

	beforeAll(() => {
		folder = realpathSync(mkdtempSync(join(tmpdir(), "a-")));
		mkdirSync(join(folder, "bin"));
		copyFileSync(program[0]!, join(folder, "bin/berth"));
		Bun.spawnSync(["chmod", "755", join(folder, "bin/berth")]);
	});

	afterAll(async () => {
		await berth("kill", "--all");
		await berth("daemon", "stop");
		await until(() => !alive(daemon), "the daemon has stopped");
		rmSync(folder, { recursive: true, force: true });
	});

	const berth = (...args: string[]) => berthWith({}, ...args);

	async function berthWith(
		env: Record<string, string>,
		...args: string[]
	): Promise<{ code: number; stdout: string; stderr: string }> {
		const child = Bun.spawn([...isolate, join(folder, "bin/berth"), ...args], {
			cwd: folder,
			env: { BERTH_HOME: join(folder, "h"), PATH: "/usr/bin:/bin", BERTH_PORT: "0", ...env },
			stdin: "ignore",
			stdout: "pipe",
			stderr: "pipe",
		});
		const [code, stdout, stderr] = await Promise.all([
			child.exited,
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
		]);
		return { code, stdout, stderr };
	}

	function get(path: string): Promise<Response> {
		return fetch(`http://localhost${path}`, { unix: join(folder, "h/run/berth.sock") } as RequestInit);
	}

	test("starts its daemon and runs a command in a session", async () => {
		expect(await berth("new", "one", "--detach", "--shell", "bash", "--cwd", folder)).toMatchObject({
			code: 0,
			stderr: "",
		});
		expect(await berth("run", "one", "echo out; exit_as() { return $1; }; exit_as 5")).toMatchObject({
			code: 5,
			stdout: "out\n",
		});
		expect((await berth("screen", "one")).stdout).toContain("out");
		const status = JSON.parse((await berth("daemon", "status", "--json")).stdout) as { pid: number };
		daemon = status.pid;
	});

	test("serves the documentation, its page's parts and the web page without a network", async () => {
		const page = await get("/docs");
		expect(page.status).toBe(200);
		const html = await page.text();
		const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
			(match) => new URL(match[1]!, "http://localhost/docs").pathname,
		);
		expect(parts.length).toBeGreaterThan(0);
		for (const part of parts)
			expect({ part, status: (await get(part)).status }).toEqual({ part, status: 200 });
		expect(html).not.toMatch(/https?:\/\/(?!localhost)[^"' ]*\.(js|css)/);
		expect((await get("/docs/json")).status).toBe(200);
		expect((await get("/")).status).toBe(200);
	});

	test("does so with the other screen engine and the other PTY driver as well", async () => {
		const env = { BERTH_HOME: join(folder, "other"), BERTH_PTY: "bun-pty", BERTH_SCREEN: "xterm" };
		expect(await berthWith(env, "new", "two", "--detach", "--shell", "bash")).toMatchObject({ code: 0 });
		expect(
			await berthWith(env, "run", "two", "echo other; exit_as() { return $1; }; exit_as 6"),
		).toMatchObject({ code: 6, stdout: "other\n" });
		expect((await berthWith(env, "screen", "two")).stdout).toContain("other");
		expect(await berthWith(env, "kill", "two")).toMatchObject({ code: 0 });
		expect((await berthWith(env, "output", "two")).stdout).toContain("other");
		expect(await berthWith(env, "daemon", "stop")).toMatchObject({ code: 0 });
	}, 300_000);

	test("is not needed any more by the daemon it started, and may be replaced under it", async () => {
		const file = join(folder, "bin/berth");
		rmSync(file);
		const made = await fetch("http://localhost/sessions", {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ name: "orphan", shell: "bash" }),
			unix: join(folder, "h/run/berth.sock"),
		} as RequestInit);
		expect([made.status, await made.text()]).toEqual([201, expect.any(String)]);
		copyFileSync(program[0]!, `${file}.new`);
		Bun.spawnSync(["chmod", "755", `${file}.new`]);
		renameSync(`${file}.new`, file);
		expect(await berth("run", "orphan", "echo made without a file")).toMatchObject({ code: 0 });
		const before = daemon;
		expect(await berth("daemon", "restart")).toMatchObject({ code: 0 });
		daemon = (JSON.parse((await berth("daemon", "status", "--json")).stdout) as { pid: number }).pid;
		expect(daemon).not.toBe(before);
		for (const name of ["one", "orphan"])
			expect(await berth("run", name, "echo still here")).toMatchObject({ code: 0, stdout: "still here\n" });
		expect(await berth("kill", "orphan")).toMatchObject({ code: 0 });
		expect((await berth("output", "orphan")).stdout).toContain("made without a file");
	}, 300_000);

	test("finds nothing wrong with itself", async () => {
		const { code, stdout } = await berth("doctor", "--json");
		expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
	});
});
