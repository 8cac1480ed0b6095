/**
 * Holders of older builds under the newest daemon. Each recording in test/fixtures is what the holder of an earlier build said; a process
 * that says exactly that is adopted (test/support/old-holder.ts). A real old executable is tried as well: the first whose holder could do all
 * that is asked of it here, built from history, or the one that BERTH_OLD_BINARY names.
 */
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { readProcess } from "../../src/platform/processes/index.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { allEvents, contradictions } from "../support/torture.ts";

setDefaultTimeout(300_000);

const fixtures = join(import.meta.dir, "../fixtures");
const recordings = [...new Bun.Glob("link-*.json").scanSync(fixtures)];

async function theSession(berth: Berth): Promise<Session> {
	return (await berth.api<Session>("GET", "/sessions/old")).body;
}

/** A home whose one session is held by the recorded holder, as if the daemon of then had started it; no daemon runs. */
async function replaceHolder(berth: Berth, recording: string): Promise<void> {
	const body = { name: "old", command: ["cat"], port: null };
	expect((await berth.api("POST", "/sessions", body)).status).toBe(201);
	const { id } = (await theSession(berth)).workers[0]!;
	const daemon = await berth.daemonPid();
	await berth.killDaemon();
	for (const pid of berth.processes()) if (pid !== daemon) process.kill(pid, "SIGKILL");
	await until(() => berth.processes().length === 0, "the new holder is gone");

	const folder = join(berth.home, "state/workers", id);
	const script = join(import.meta.dir, "../support/old-holder.ts");
	const holder = Bun.spawn([process.execPath, script, folder, join(fixtures, recording)], {
		env: { PATH: berth.env.PATH!, BERTH_HOME: berth.home },
		detached: true,
		stdio: ["ignore", "pipe", "inherit"],
	});
	const reader = holder.stdout.getReader();
	const { pid } = JSON.parse(new TextDecoder().decode((await reader.read()).value)) as { pid: number };
	using database = new Database(join(berth.home, "state/berth.db"));
	database.run(
		"UPDATE workers SET holder_pid = ?, holder_start = ?, pid = ?, pid_start = ?, state = 'running' WHERE id = ?",
		[holder.pid, readProcess(holder.pid)!.startTime, pid, readProcess(pid)!.startTime, id],
	);
}

/** What a person and a program do with a session: the calls that were recorded, in their order. */
async function useIt(berth: Berth): Promise<void> {
	const json = async (method: string, path: string, body?: object) => {
		const answer = await berth.api(method, `/sessions/old${path}`, body);
		expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBe(200);
		return answer.body;
	};
	expect(await json("POST", "/input", { text: "hello\r" })).toEqual({ bytes: 6 });
	expect(await json("POST", "/wait", { text: "hello", timeoutMs: 10_000 })).toMatchObject({
		status: "matched",
	});
	expect(await json("POST", "/keys", { keys: ["o", "k", "Enter"] })).toEqual({ bytes: 3 });
	expect(await json("POST", "/wait", { regex: "^ok", timeoutMs: 10_000 })).toMatchObject({ match: "ok" });
	expect(await json("POST", "/resize", { cols: 100, rows: 30 })).toEqual({ cols: 100, rows: 30 });
	const screen = await berth.fetch("/sessions/old/screen");
	expect(await screen.text()).toStartWith("hello\nhello\nok\nok\n");
	expect(await json("GET", "/screen?format=json")).toMatchObject({
		cols: 100,
		rows: 30,
		cursor: { x: 0, y: 4 },
	});
	expect(await (await berth.fetch("/sessions/old/output?lines=10")).text()).toContain("ok");
	const attached = await attach(berth);
	expect(attached.hello).toMatchObject({ type: "hello", role: "writer", cols: 100, rows: 30 });
	expect(attached.output).toContain("typed\r\n");
}

/** Attaches over the daemon's WebSocket and types, until what was typed has come back. */
async function attach(berth: Berth): Promise<{ hello: object; output: string }> {
	const socket = new WebSocket(`ws+unix://${berth.socket}:/sessions/old/attach?role=writer&cols=100&rows=30`);
	socket.binaryType = "arraybuffer";
	let hello: object | null = null;
	let output = "";
	socket.onmessage = ({ data }) => {
		if (typeof data === "string") hello ??= JSON.parse(data);
		else output += Buffer.from(data as ArrayBuffer).toString("latin1");
	};
	await until(() => hello, "the hello has come");
	socket.send(Buffer.from("typed\r"));
	await until(() => output.includes("typed\r\n"), "what was typed has come back");
	socket.close();
	return { hello: hello!, output };
}

/** The holder of the newest build takes its place. */
async function replaceIt(berth: Berth, before: Session): Promise<void> {
	const old = before.workers[0]!;
	expect((await berth.api("POST", "/sessions/old/restart")).body).toMatchObject({
		status: "restarted",
		generation: 2,
	});
	expect(alive(old.pid!)).toBe(false);
	const after = await theSession(berth);
	expect(after).toMatchObject({ id: before.id, name: "old" });
	expect(after.workers[0]).toMatchObject({ id: old.id, state: "running", generation: 2 });
	expect((await berth.api("GET", "/sessions/old/clients")).status).toBe(200);
	expect((await berth.api("POST", "/sessions/old/kill")).body).toEqual({ status: "killed" });
	const daemon = await berth.daemonPid();
	await until(() => berth.processes().every((pid) => pid === daemon), "nothing but the daemon is left");
	expect(contradictions(await allEvents(berth))).toEqual([]);
}

test.each(recordings)(
	"a holder of an older build works under this daemon, and a restart replaces it (%s)",
	async (recording) => {
		await using berth = await Berth.start();
		await replaceHolder(berth, recording);
		await berth.startDaemon();
		const session = await theSession(berth);
		expect(session.workers[0]).toMatchObject({ state: "running", generation: 1, cols: 100, rows: 30 });
		await useIt(berth);
		// What it did not have then is told as not being there; nothing fails on it.
		const clients = await berth.api("GET", "/sessions/old/clients");
		expect([clients.status, clients.body.code]).toEqual([404, "unknown_method"]);
		await berth.killDaemon();
		await berth.startDaemon();
		await useIt(berth);
		await replaceIt(berth, session);
	},
);

test("a spec of today has everything that a holder of an older build reads", async () => {
	await using berth = await Berth.start();
	await berth.api("POST", "/sessions", { name: "old", command: ["cat"], port: null });
	const { id } = (await theSession(berth)).workers[0]!;
	const spec = await Bun.file(join(berth.home, "state/workers", id, "spec.json")).json();
	for (const recording of recordings) {
		const { specKeys } = JSON.parse(readFileSync(join(fixtures, recording), "utf8"));
		expect(Object.keys(spec), recording).toEqual(expect.arrayContaining(specKeys));
	}
});

/** "Holder: waits", a day after the first commit. */
const OLDEST = "1ac28b44dffa19dd7cdfc71be6641cc97d0ef428";
const root = join(import.meta.dir, "../..");

/** A clone may have no history; the recordings alone stand for it there. */
const hasHistory = Bun.spawnSync(["git", "cat-file", "-e", `${OLDEST}^{commit}`], {
	cwd: root,
	stderr: "ignore",
});
const given = process.env.BERTH_OLD_BINARY;
const canTryOld = given !== undefined || hasHistory.success;
if (!canTryOld)
	console.warn(
		"no real older executable is tried: this clone has no history, and BERTH_OLD_BINARY names none",
	);

/** That executable, built in `folder` with today's packages. */
function buildOldest(folder: string): string {
	const script = `git archive ${OLDEST} | tar -x -C ${folder} && ln -s ${root}/node_modules ${folder}/node_modules`;
	for (const [cwd, argv] of [
		[root, ["bash", "-o", "pipefail", "-c", script]],
		[folder, [process.execPath, "scripts/build.ts", "--outfile", "dist/berth"]],
	] as const) {
		const { success, stderr } = Bun.spawnSync([...argv], { cwd });
		if (!success) throw new Error(`the older build cannot be made: ${stderr}`);
	}
	return join(folder, "dist/berth");
}

test.if(canTryOld)("a real older executable's session works under this daemon", async () => {
	await using berth = await Berth.home();
	const checkout = join(berth.home, "old");
	mkdirSync(checkout);
	const old = Bun.spawn([given ?? buildOldest(checkout), "daemon", "serve"], {
		env: berth.env,
		stdio: ["ignore", "pipe", "ignore"],
	});
	await old.stdout.getReader().read();
	const body = { name: "old", command: ["cat"], port: null };
	expect((await berth.api("POST", "/sessions", body)).status).toBe(201);
	old.kill("SIGKILL");
	await old.exited;
	await berth.startDaemon();
	const session = await theSession(berth);
	await useIt(berth);
	await replaceIt(berth, session);
});
