/** The binary alone: an empty folder, an empty environment, no network. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
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

	async function berth(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
		const child = Bun.spawn([...isolate, join(folder, "bin/berth"), ...args], {
			cwd: folder,
			env: { BERTH_HOME: join(folder, "h"), PATH: "/usr/bin:/bin", BERTH_PORT: "0" },
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

	test("starts its daemon and runs a command in a session, with both screen engines and both PTY drivers", async () => {
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

	test("finds nothing wrong with itself", async () => {
		const { code, stdout } = await berth("doctor", "--json");
		expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
	});
});
