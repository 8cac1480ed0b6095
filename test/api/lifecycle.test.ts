import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { LOAD_MARGIN } from "../../src/platform/processes/testing.ts";
import { alive, Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

async function make(berth: Berth, body: object): Promise<Session> {
	const answer = await berth.api<Session>("POST", "/sessions", { cwd: berth.home, port: null, ...body });
	if (answer.status !== 201) throw new Error(`a session could not be made: ${JSON.stringify(answer.body)}`);
	return answer.body;
}

const script = (text: string): { command: string[] } => ({ command: ["/bin/bash", "-c", text] });

async function session(berth: Berth, ref: string): Promise<Session> {
	return (await berth.api<Session>("GET", `/sessions/${ref}`)).body;
}

/** Pids of the holders of this home. */
function holders(berth: Berth): number[] {
	return berth.processes().filter((pid) => {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("holder");
		} catch {
			return false;
		}
	});
}

function parentOf(pid: number): number {
	return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** The pid that a script of the session wrote into a file of the home. */
function told(berth: Berth, name: string): Promise<number> {
	return until(() => {
		try {
			return Number(readFileSync(join(berth.home, name), "utf8")) || null;
		} catch {
			return null;
		}
	}, `the script told ${name}`);
}

describe("lifecycle over HTTP", () => {
	test("close and kill answer when the whole tree is gone, also on what has ended; an unknown session is a 404", async () => {
		await using berth = await Berth.start();
		for (const [verb, status, limitMs] of [
			["close", "closed", LOAD_MARGIN * 10_000],
			["kill", "killed", LOAD_MARGIN * 2000],
		] as const) {
			const tree = `setsid nohup bash -c 'echo $$ > far-${verb}; exec sleep 600' & sleep 600 & echo $! > near-${verb}; wait`;
			const name = `to-${verb}`;
			await make(berth, { name, ...script(tree) });
			const pids = [await told(berth, `far-${verb}`), await told(berth, `near-${verb}`)];
			const from = performance.now();
			expect(await berth.api("POST", `/sessions/${name}/${verb}`)).toMatchObject({
				status: 200,
				body: { status },
			});
			expect(performance.now() - from).toBeLessThan(limitMs);
			expect(pids.map(alive)).toEqual([false, false]);
			expect((await session(berth, name)).workers[0]!.exit).toMatchObject({ reason: status });
			expect((await berth.api("POST", `/sessions/${name}/${verb}`)).status).toBe(200);
			expect(await berth.api("POST", `/sessions/nobody/${verb}`)).toMatchObject({
				status: 404,
				body: { code: "session_not_found" },
			});
		}
		await until(() => holders(berth).length === 0, "no holder is left");
	});

	test("what cannot be started is a clear 4xx and leaves nothing", async () => {
		await using berth = await Berth.start();
		const wrong: [object, number, string][] = [
			[{ cwd: "/no/such/folder" }, 400, "invalid_cwd"],
			[{ command: ["no-such-program"] }, 400, "invalid_command"],
			[{ shell: "no-such-shell" }, 400, "invalid_command"],
			[{ name: "list" }, 400, "invalid_name"],
			[{ name: "s_abc" }, 400, "invalid_name"],
			[{ port: berth.port }, 409, "port_taken"],
		];
		for (const [body, status, code] of wrong) {
			expect(await berth.api("POST", "/sessions", body)).toMatchObject({ status, body: { code } });
		}
		expect((await berth.api("GET", "/sessions?all=true")).body).toEqual([] as never);
		expect(holders(berth)).toEqual([]);
	});

	test("a second worker lives and ends on its own, and goes with its session", async () => {
		await using berth = await Berth.start();
		const { id } = await make(berth, { name: "pair", ...script("sleep 600") });
		const added = await berth.api<{ id: string; name: string }>("POST", "/sessions/pair/workers", {
			command: ["sleep", "601"],
		});
		expect(added).toMatchObject({ status: 201, body: { name: "sleep" } });
		expect((await berth.api("POST", "/sessions/pair/workers/sleep/kill")).status).toBe(200);
		const states = async () => (await session(berth, id)).workers.map(({ state }) => state);
		expect(await states()).toEqual(["running", "exited"]);
		expect((await berth.api("POST", "/sessions/pair/workers/sleep/restart")).status).toBe(200);
		expect(await states()).toEqual(["running", "running"]);
		expect((await berth.api("POST", "/sessions/pair/close")).status).toBe(200);
		expect(await states()).toEqual(["exited", "exited"]);
	});
});

describe("a daemon that dies in the middle", () => {
	test("of a close: the next one finishes it", async () => {
		await using berth = await Berth.start();
		await make(berth, {
			name: "stubborn",
			...script("trap '' HUP TERM; echo $$ > ready; while :; do sleep 1; done"),
		});
		const pid = await told(berth, "ready");
		const close = berth.api("POST", "/sessions/stubborn/close").catch(() => null);
		await until(
			async () => (await session(berth, "stubborn")).workers[0]!.state === "stopping",
			"it is being stopped",
		);
		await berth.killDaemon();
		await close;
		expect(alive(pid)).toBe(true);
		await berth.startDaemon();
		await until(() => !alive(pid), "its process is ended");
		await until(
			async () => (await session(berth, "stubborn")).workers[0]!.state === "exited",
			"it has ended",
		);
		expect((await session(berth, "stubborn")).workers[0]!.exit).toMatchObject({
			signal: "KILL",
			reason: "closed",
		});
	});

	test("of many creates and restarts: every worker reaches a state that is true, and no holder is without one", async () => {
		await using berth = await Berth.start();
		await make(berth, { name: "again", ...script("sleep 600") });
		for (let round = 0; round < 6; round++) {
			const asked = [
				...Array.from({ length: 4 }, () => make(berth, script("sleep 600"))),
				berth.api("POST", "/sessions/again/restart"),
			].map((answer) =>
				answer.then(
					() => null,
					() => null,
				),
			);
			await Bun.sleep(round * 12);
			await berth.killDaemon();
			await Promise.all(asked);
			await berth.startDaemon();
		}
		const all = async () =>
			(await berth.api<Session[]>("GET", "/sessions?all=true")).body.flatMap(({ workers }) => workers);
		await until(
			async () => (await all()).every(({ state }) => state !== "starting" && state !== "stopping"),
			"no worker is on its way",
		);
		const workers = await all();
		for (const worker of workers) {
			if (worker.state === "running") expect(alive(worker.pid!)).toBe(true);
			else expect(worker.exit).not.toBeNull();
		}
		const running = workers.filter(({ state }) => state === "running").length;
		await until(() => holders(berth).length === running, `${running} holders for ${running} workers`);
	});
});

describe("a daemon that was started from inside a session", () => {
	test("survives the end of that session, and so do the sessions that it made", async () => {
		await using berth = await Berth.start();
		const { program } = await import("../support/berth.ts");
		await make(berth, {
			name: "outer",
			...script(
				`echo $$ > ready; until [ -e go ]; do sleep 0.02; done; ${program.join(" ")} ls > listed; sleep 600`,
			),
			env: { BERTH_PORT: String(berth.port) },
		});
		await told(berth, "ready");
		await berth.killDaemon();
		await Bun.write(join(berth.home, "go"), "");
		const daemon = await until(() => berth.daemonPid().catch(() => null), "the session started a daemon");
		const inner = await make(berth, { name: "inner", ...script("sleep 600") });
		const outer = await session(berth, "outer");
		expect(parentOf(daemon)).toBe(parentOf(outer.workers[0]!.pid!));
		expect((await berth.api("POST", "/sessions/outer/kill")).status).toBe(200);
		expect(await berth.daemonPid()).toBe(daemon);
		expect(alive(inner.workers[0]!.pid!)).toBe(true);
		await berth.killDaemon();
		await berth.startDaemon();
		expect((await session(berth, "inner")).workers[0]).toMatchObject({
			state: "running",
			pid: inner.workers[0]!.pid,
		});
	});
});
