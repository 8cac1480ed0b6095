/** Taking over the sessions of other programs. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { Berth, freePort } from "../support/berth.ts";

interface Imported {
	dryRun: boolean;
	sessions: {
		action: string;
		name: string;
		reason: string | null;
		notes: string[];
		session: Session | null;
	}[];
}

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.home();
	for (const name of ["api", "project", "bin"]) mkdirSync(join(berth.home, name));
	writeFileSync(join(berth.home, "bin/claude"), "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
	berth.env.PATH = `${join(berth.home, "bin")}:${berth.env.PATH}`;
	await berth.startDaemon();
	const definition = (await berth.ok(["agent", "show", "claude"])).replace(
		'driver = "claude-stream"',
		'driver = "pty"',
	);
	await berth.ok(["agent", "add", "-"], { stdin: definition });
});
afterAll(() => berth[Symbol.asyncDispose]());

function write(name: string, content: unknown): string {
	const file = join(berth.home, name);
	writeFileSync(file, JSON.stringify(content));
	return file;
}

const importing = async (...args: string[]) =>
	JSON.parse(await berth.ok(["import", ...args, "--json"])) as Imported;
const names = async () => (await berth.ok(["ls", "-a", "-q"])).split("\n").filter((name) => name !== "");

test("SILC: a dry run does nothing, a run takes over, a second run changes nothing, and the file stays as it is", async () => {
	const port = await freePort();
	const entry = { shell: "bash", is_global: false, created_at: "2026-04-06T10:00:00" };
	const file = write("silc.json", {
		sessions: [
			{ ...entry, port, name: "api", session_id: "a1", cwd: join(berth.home, "api") },
			{ ...entry, port: port + 1, name: "gone", session_id: "a2", cwd: join(berth.home, "no-such") },
			{ ...entry, port: port + 2, name: "odd", session_id: "a3", cwd: berth.home, shell: "no-such-shell" },
		],
	});
	const before = { text: readFileSync(file, "utf8"), changed: statSync(file).mtimeMs };
	const plan = await berth.ok(["import", file, "--dry-run"]);
	expect(plan).toContain(`take   api  ~/api\n`);
	expect(plan).toMatch(/leave {2}gone .*the directory .* is gone\n/);
	expect(plan).toMatch(/leave {2}odd .*there is no shell no-such-shell here\n/);
	expect(await names()).toEqual([]);

	const { sessions } = await importing(file);
	expect(sessions.map(({ action }) => action)).toEqual(["taken", "leave", "leave"]);
	expect(sessions[0]!.session).toMatchObject({ name: "api", port, cwd: join(berth.home, "api") });
	expect(await berth.ok(["run", "api", "pwd"])).toBe(`${join(berth.home, "api")}\n`);

	const again = await importing(file);
	expect(again.sessions[0]).toMatchObject({ action: "known", name: "api", session: null });
	expect(await names()).toEqual(["api"]);
	await berth.ok(["rename", "api", "renamed"]);
	await berth.ok(["close", "renamed"]);
	expect((await importing(file)).sessions[0]).toMatchObject({ action: "known", name: "renamed" });
	expect(await names()).toEqual(["renamed"]);
	expect({ text: readFileSync(file, "utf8"), changed: statSync(file).mtimeMs }).toEqual(before);
});

test("agent-console: terminals and agents become workers, a paused session is not left running, agents of its own are left behind", async () => {
	const base = { serverPid: 1, createdAt: "2026-01-01T00:00:00Z", type: "quick" };
	const cwd = join(berth.home, "project");
	const file = write("agent-console.json", [
		{
			...base,
			id: "u-1",
			title: "Fix the login",
			locationPath: cwd,
			workers: [
				{ id: "1", type: "agent", name: "Claude", agentId: "claude-code-builtin", pid: 1, createdAt: "" },
				{ id: "2", type: "terminal", name: "Terminal 1", pid: 2, createdAt: "" },
				{ id: "3", type: "terminal", name: "Terminal 2", pid: null, createdAt: "" },
				{ id: "4", type: "agent", name: "Second", agentId: "claude-code-builtin", pid: 1, createdAt: "" },
				{ id: "5", type: "agent", name: "Mine", agentId: "6b1e4c6e", pid: 1, createdAt: "" },
			],
		},
		{ ...base, id: "u-2", locationPath: cwd, workers: [], pausedAt: "2026-01-02T00:00:00Z" },
		{ id: "u-3", worktreePath: cwd, repositoryId: "default", pid: 1, serverPid: 1, createdAt: "" },
	]);
	const { sessions } = await importing(file);
	expect(sessions.map(({ action, name }) => [action, name])).toEqual([
		["taken", "fix-the-login"],
		["taken", "project"],
		["taken", "project-2"],
	]);
	expect(sessions[0]!.session!.workers.map(({ name, kind, state }) => [name, kind, state])).toEqual([
		["claude", "agent", "running"],
		["terminal-1", "terminal", "running"],
		["terminal-2", "terminal", "running"],
		["second", "agent", "running"],
	]);
	expect(sessions[0]!.notes).toEqual(["the agent Mine is of a kind of its user's own and is left behind"]);
	expect(sessions[2]!.session!.workers).toMatchObject([{ name: "agent", agent: { definition: "claude" } }]);
	expect(sessions[1]!.session!.workers[0]!.state).toBe("exited");
	expect((await importing(file)).sessions.map(({ action }) => action)).toEqual(["known", "known", "known"]);
});

test("agent-console: an agent that is not installed is left behind, and its session is made all the same", async () => {
	const broken = (await berth.ok(["agent", "show", "claude"])).replaceAll('"claude",', '"no-such-claude",');
	await berth.ok(["agent", "add", "-"], {
		stdin: broken.replace('executable = "claude"', 'executable = "no-such-claude"'),
	});
	const entry = { id: "u-9", worktreePath: berth.home, repositoryId: "default", pid: 1, createdAt: "" };
	const { sessions } = await importing(write("alone.json", [entry]));
	expect(sessions[0]!.notes).toEqual(["the agent agent is left behind: claude is not installed"]);
	expect(sessions[0]!.session!.workers).toMatchObject([{ kind: "terminal", state: "running" }]);
});

test("a port that is taken costs the port, not the session", async () => {
	const entry = { shell: "bash", is_global: false, cwd: berth.home, created_at: "" };
	const file = write("ports.json", [{ ...entry, port: berth.port, name: "moved", session_id: "p1" }]);
	const { sessions } = await importing(file);
	expect(sessions[0]).toMatchObject({
		action: "taken",
		notes: [`port ${berth.port} is taken; it gets another`],
	});
	expect(sessions[0]!.session!.port).not.toBe(berth.port);
});

test("what is no sessions file is refused in one line", async () => {
	const refused = await berth.run(["import", write("other.json", [{ hello: 1 }])]);
	expect(refused).toMatchObject({ code: 1, stdout: "" });
	expect(refused.stderr).toContain("holds no sessions of SILC or agent-console");
	expect((await berth.run(["import", "no-such.json"])).stderr).toContain("there is no such file");
});
