import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, contradictions } from "../support/torture.ts";

setDefaultTimeout(300_000);

/** A session that printed something, has jobs that outlive a hang-up, and goes on printing when it is typed to. */
const SCRIPT = `trap '' HUP TERM; setsid sleep 600 & nohup sleep 600 >/dev/null 2>&1 & sh -c "trap '' HUP; sleep 600" & seq 5000; echo ready; exec cat`;

async function make(berth: Berth, name: string): Promise<Session> {
	const body = { name, command: ["sh", "-c", SCRIPT], port: null };
	expect((await berth.api("POST", "/sessions", body)).status).toBe(201);
	const waited = await berth.api("POST", `/sessions/${name}/wait`, { text: "ready", timeoutMs: 20_000 });
	expect(waited.body).toMatchObject({ status: "matched" });
	return (await berth.api<Session>("GET", `/sessions/${name}`)).body;
}

/** The holder's own process, from what the daemon lists of its session. */
async function holderOf(berth: Berth, session: Session): Promise<number> {
	const { id } = session.workers[0]!;
	const holder = berth.processes().find((pid) => {
		const argv = new TextDecoder().decode(Bun.spawnSync(["ps", "-o", "args=", "-p", String(pid)]).stdout);
		return argv.includes(`holder ${id}`);
	});
	expect(holder).toBeDefined();
	return holder!;
}

async function treeOf(berth: Berth, name: string): Promise<number[]> {
	return (await berth.api<{ pid: number }[]>("GET", `/sessions/${name}/processes`)).body.map(
		({ pid }) => pid,
	);
}

test("kill -9 of a holder: lost at once, its tree ended, its output readable, a restart brings it back, and nobody else notices", async () => {
	await using berth = await Berth.start();
	const victim = await make(berth, "victim");
	const other = await make(berth, "other");
	const neighbour = await Attached.open(other.workers[0]!.socket!, { role: "writer" });
	await neighbour.greeted();
	const tree = await treeOf(berth, "victim");
	expect(tree.length).toBeGreaterThanOrEqual(4);
	const before = await (await berth.fetch("/sessions/victim/journal")).bytes();

	const watched = await Attached.open(victim.workers[0]!.socket!, { role: "viewer" });
	await watched.greeted();
	const holder = await holderOf(berth, victim);
	process.kill(holder, "SIGKILL");
	const lost = await until(async () => {
		const { workers } = (await berth.api<Session>("GET", "/sessions/victim")).body;
		return workers[0]!.state === "lost" && workers[0];
	}, "the session is lost");
	expect(lost.exit).toEqual({ code: null, signal: null, reason: "lost" });
	await until(() => !tree.some(alive), "its whole tree has ended");
	await until(() => watched.closed, "whoever was attached is let go");

	expect(await (await berth.fetch("/sessions/victim/journal")).bytes()).toEqual(before);
	expect(lost.offset).toBe(before.length);
	expect(await (await berth.fetch("/sessions/victim/screen")).text()).toContain("ready");
	expect(await (await berth.fetch("/sessions/victim/output?lines=3")).text()).toContain("5000\nready");
	expect((await berth.api("POST", "/sessions/victim/input", { text: "x" })).body).toMatchObject({
		code: "session_ended",
	});

	neighbour.type("still here\r");
	await neighbour.sees("still here\r\nstill here");
	expect(neighbour.contiguous).toBe(true);
	expect(neighbour.closed).toBe(false);
	expect((await treeOf(berth, "other")).every(alive)).toBe(true);

	expect((await berth.api("POST", "/sessions/victim/restart")).body).toMatchObject({
		status: "restarted",
		generation: 2,
	});
	expect(
		(await berth.api("POST", "/sessions/victim/wait", { text: "ready", timeoutMs: 20_000 })).body,
	).toMatchObject({ status: "matched" });
	for (const name of ["victim", "other"])
		expect((await berth.api("POST", `/sessions/${name}/kill`)).status).toBe(200);
	const daemon = await berth.daemonPid();
	await until(() => berth.processes().every((pid) => pid === daemon), "nothing but the daemon is left");
	expect(readdirSync(join(berth.home, "run"))).toEqual(["berth.sock"]);
	const events = await allEvents(berth);
	expect(contradictions(events)).toEqual([]);
	expect(events.filter(({ type }) => type === "worker.lost").length).toBe(1);
});

test("a holder that dies while no daemon runs is found lost, with its output, and what it left is not taken for another's", async () => {
	await using berth = await Berth.start();
	const victim = await make(berth, "victim");
	const holder = await holderOf(berth, victim);
	await berth.killDaemon();
	process.kill(holder, "SIGKILL");
	await until(() => !alive(holder), "the holder is gone");
	await berth.startDaemon();
	const { body } = await berth.api<Session>("GET", "/sessions/victim");
	expect(body.workers[0]).toMatchObject({
		state: "lost",
		exit: { code: null, signal: null, reason: "lost" },
	});
	expect(await (await berth.fetch("/sessions/victim/output?lines=1")).text()).toContain("ready");
	// What it left is ended when somebody asks for it, and not before: nobody asked the new daemon to end anything.
	expect((await berth.api("POST", "/sessions/victim/kill")).body).toEqual({ status: "killed" });
	const daemon = await berth.daemonPid();
	await until(() => berth.processes().every((pid) => pid === daemon), "nothing but the daemon is left");
});
