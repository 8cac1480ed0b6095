/** Every fault that doctor is there for, made for real: it is found, told with what to do, and gone from the report when it is mended. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { Berth } from "../support/berth.ts";

interface Check {
	name: string;
	status: "ok" | "warn" | "fail";
	detail: string;
	advice: string | null;
}

/** What doctor complains about; its exit status must go with it. */
async function complaints(berth: Berth, env: Record<string, string> = {}): Promise<Record<string, Check>> {
	const { code, stdout, stderr } = await berth.run(["doctor", "--json"], { env });
	const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
	const found = checks.filter(({ status }) => status !== "ok");
	expect(stderr).toBe("");
	expect([ok, code]).toEqual(found.some(({ status }) => status === "fail") ? [false, 1] : [true, 0]);
	for (const { advice } of found) expect(advice).toBeTruthy();
	return Object.fromEntries(found.map((check) => [check.name, check]));
}

test("folders and files that others may open are named, with the command that closes them", async () => {
	await using berth = await Berth.start();
	const healthy = await complaints(berth);
	for (const [name, path, mode] of [
		["state folder", "state", 0o755],
		["files", "state/berth.db", 0o640],
		["files", "state/tokens.json", 0o644],
		["files", "run/berth.sock", 0o666],
	] as const) {
		const file = join(berth.home, path);
		chmodSync(file, mode);
		expect((await complaints(berth))[name]).toMatchObject({
			status: "warn",
			advice: expect.stringContaining(file),
		});
		chmodSync(file, name === "files" ? 0o600 : 0o700);
	}
	expect(await complaints(berth)).toEqual(healthy);
}, 300_000);

test("a socket that nobody listens on, a shell that is not there and one without integration are told", async () => {
	await using berth = await Berth.start();
	const path = join(berth.home, "run/w_gone000000.sock");
	const program = `import socket; socket.socket(socket.AF_UNIX).bind("${path}")`;
	expect(Bun.spawnSync(["python3", "-c", program]).exitCode).toBe(0);
	expect((await complaints(berth)).sockets?.detail).toContain("w_gone000000.sock");
	expect((await complaints(berth, { BERTH_SHELL: "/nowhere/zsh" })).shell).toMatchObject({ status: "fail" });
	expect((await complaints(berth, { SHELL: "/bin/sh" })).shell).toMatchObject({ status: "warn" });
	rmSync(path);
	expect((await complaints(berth)).sockets).toBeUndefined();
}, 300_000);

test("a holder that hangs is named with its session, and so is the way out", async () => {
	await using berth = await Berth.start();
	await berth.ok(["new", "hanging", "-d", "--", "cat"]);
	const session = JSON.parse(await berth.ok(["info", "hanging", "--json"])) as Session;
	const stat = readFileSync(`/proc/${session.workers[0]!.pid}/stat`, "latin1");
	const holder = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
	process.kill(holder, "SIGSTOP");
	expect((await complaints(berth)).holders).toMatchObject({
		status: "fail",
		detail: expect.stringContaining("hanging"),
		advice: expect.stringContaining("berth kill"),
	});
	await berth.ok(["kill", "hanging"]);
	expect((await complaints(berth)).holders).toBeUndefined();
}, 300_000);

test("what keeps the daemon from starting is found: a port that is taken, a setting, a newer database", async () => {
	await using berth = await Berth.home();
	const stranger = createServer().listen(berth.port, "127.0.0.1");
	await new Promise((resolve) => stranger.once("listening", resolve));
	expect((await complaints(berth)).address).toMatchObject({ status: "fail" });
	await new Promise((resolve) => stranger.close(resolve));

	mkdirSync(join(berth.home, "config"), { recursive: true });
	writeFileSync(join(berth.home, "config/config.toml"), "prot = 1\n");
	expect((await complaints(berth)).settings).toMatchObject({
		status: "fail",
		detail: expect.stringContaining('"prot"'),
	});
	rmSync(join(berth.home, "config/config.toml"));

	await berth.ok(["daemon", "start"]);
	await berth.ok(["daemon", "stop"]);
	const database = new Database(join(berth.home, "state/berth.db"));
	database.run("PRAGMA user_version = 99");
	database.close();
	expect((await berth.run(["ls"])).code).toBe(1);
	expect((await complaints(berth)).daemon).toMatchObject({
		status: "fail",
		detail: expect.stringContaining("newer Berth"),
	});
}, 300_000);
