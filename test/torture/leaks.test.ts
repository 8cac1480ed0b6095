/**
 * Many sessions made and ended, many alive at once, many clients that come and go: daemon and holders hold afterwards what they held
 * before.
 */
import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inParallel } from "../../scripts/in-parallel.ts";
import type { Session } from "../../src/contract/session.ts";
import { Berth, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import {
	allEvents,
	type Census,
	censusOf,
	contradictions,
	type Random,
	scaled,
	seededTest,
} from "../support/torture.ts";

const MADE = scaled(1000, 2000);
const ALIVE_AT_ONCE = scaled(200, 400);
const ATTACHES = scaled(500, 2000);

/** Sessions that are made, or clients that attach, at the same time. */
const AT_ONCE = 8;

/**
 * Bytes that memory may have grown by. A runtime's heap breathes; what is counted here is whether it grows with the number of things done,
 * and a session or client that leaked would show with far more than this at the numbers above.
 */
const MEMORY_SLACK = 24 * 1024 * 1024;

async function make(berth: Berth, name: string, command: string[]): Promise<Session> {
	const { status, body } = await berth.api<Session>("POST", "/sessions", { name, command });
	expect(status, JSON.stringify(body)).toBe(201);
	return body;
}

async function endAndForget(berth: Berth, name: string, verb: "close" | "kill" | "itself"): Promise<void> {
	if (verb === "itself") {
		await until(async () => {
			const { body } = await berth.api<Session>("GET", `/sessions/${name}`);
			return body.workers[0]!.state === "exited";
		}, `${name} has ended by itself`);
	} else expect((await berth.api("POST", `/sessions/${name}/${verb}`)).status).toBe(200);
	expect((await berth.api("DELETE", `/sessions/${name}`)).status).toBe(200);
}

/** The process holds no more than before, soon: sockets that were closed take a moment to go. */
async function holdsNoMore(pid: number, before: Census): Promise<void> {
	const more = (): string[] => {
		const now = censusOf(pid);
		return (["descriptors", "terminals", "sockets", "threads"] as const)
			.filter((what) => now[what] > before[what])
			.map((what) => `${now[what]} ${what}, ${before[what]} before`);
	};
	await until(() => more().length === 0, "nothing more is held").catch((error) => {
		throw new Error(`${error.message}: ${more().join("; ")}`);
	});
	await until(() => censusOf(pid).memory - before.memory < MEMORY_SLACK, "memory is as before").catch(
		(error) => {
			throw new Error(`${error.message}: ${censusOf(pid).memory} bytes, ${before.memory} before`);
		},
	);
}

async function nothingIsLeft(berth: Berth): Promise<void> {
	const daemon = await berth.daemonPid();
	await until(() => berth.processes().every((pid) => pid === daemon), "nothing but the daemon is left");
	expect(readdirSync(join(berth.home, "run"))).toEqual(["berth.sock"]);
	const workers = join(berth.home, "state/workers");
	expect(existsSync(workers) ? readdirSync(workers) : []).toEqual([]);
}

seededTest(
	"sessions made and ended by the thousand leave no process, descriptor, PTY, socket, file or memory",
	async (random) => {
		await using berth = await Berth.start();
		const round = async (name: string): Promise<void> => {
			const verb = random.of(name).pick(["close", "kill", "itself"] as const);
			const script = verb === "itself" ? "echo made; exit 3" : "echo made; sleep 600 & exec cat";
			await make(berth, name, ["sh", "-c", script]);
			await endAndForget(berth, name, verb);
		};
		// As many as come later at once, so that what is made once and kept is there.
		await inParallel(3 * AT_ONCE, AT_ONCE, (n) => round(`warm-${n}`));
		await nothingIsLeft(berth);
		const daemon = await berth.daemonPid();
		const before = censusOf(daemon);
		await inParallel(MADE, AT_ONCE, (n) => round(`n-${n}`));
		await nothingIsLeft(berth);
		await holdsNoMore(daemon, before);
		expect(contradictions(await allEvents(berth))).toEqual([]);
	},
);

seededTest(
	"many sessions alive at once cost the daemon no PTY and two descriptors each, and nothing when they are gone",
	async () => {
		await using berth = await Berth.start();
		await make(berth, "warm", ["cat"]);
		await endAndForget(berth, "warm", "kill");
		const daemon = await berth.daemonPid();
		const before = censusOf(daemon);
		const names = Array.from({ length: ALIVE_AT_ONCE }, (_, n) => `n-${n}`);
		await inParallel(names.length, AT_ONCE, async (n) => void (await make(berth, names[n]!, ["cat"])));
		const list = (await berth.api<Session[]>("GET", "/sessions")).body;
		expect(list.length).toBe(ALIVE_AT_ONCE);
		expect(new Set(list.map(({ port }) => port)).size).toBe(ALIVE_AT_ONCE);
		const full = censusOf(daemon);
		expect(full.terminals).toBe(before.terminals);
		// The connection, and the runtime's handle of the process that it started.
		expect(full.descriptors - before.descriptors).toBeLessThanOrEqual(2 * ALIVE_AT_ONCE + AT_ONCE);
		// Each answers for itself.
		await inParallel(names.length, AT_ONCE, async (n) => {
			const waited = await berth.api("POST", `/sessions/${names[n]}/wait`, {
				text: `echo-${n}`,
				input: `echo-${n}\r`,
				timeoutMs: 30_000,
			});
			expect(waited.body).toMatchObject({ status: "matched" });
		});
		await inParallel(names.length, AT_ONCE, (n) => endAndForget(berth, names[n]!, "kill"));
		await nothingIsLeft(berth);
		await holdsNoMore(daemon, before);
	},
);

seededTest(
	"clients that attach and detach by the hundred leave nothing in daemon and holder",
	async (random) => {
		await using berth = await Berth.start();
		const session = await make(berth, "visited", ["sh", "-c", "seq 3000; exec cat"]);
		const { socket } = session.workers[0]!;
		const visit = async (choices: Random): Promise<void> => {
			if (choices.next() < 0.5) {
				const client = await Attached.open(socket!, {
					role: choices.pick(["writer", "viewer"]),
					cols: 80,
					rows: 24,
				});
				await client.greeted();
				// Some leave before they have read what they were given.
				if (choices.next() < 0.7) await client.sees("3000");
				client.close();
				return;
			}
			const client = new WebSocket(`ws+unix://${berth.socket}:/sessions/visited/attach?role=viewer`);
			await new Promise<void>((resolve, reject) => {
				client.onmessage = () => resolve();
				client.onerror = () => reject(new Error("the WebSocket was refused"));
			});
			const closed = new Promise<void>((resolve) => {
				client.onclose = () => resolve();
			});
			client.close();
			await closed;
		};
		await inParallel(3 * AT_ONCE, AT_ONCE, (n) => visit(random.of(`warm ${n}`)));
		const nobody = async () => (await berth.api<Session>("GET", "/sessions/visited")).body.viewers === 0;
		await until(nobody, "nobody is attached");
		const daemon = await berth.daemonPid();
		const holder = (await berth.api<{ ppid: number }[]>("GET", "/sessions/visited/processes")).body[0]!.ppid;
		const before = { daemon: censusOf(daemon), holder: censusOf(holder) };
		await inParallel(ATTACHES, AT_ONCE, (n) => visit(random.of(n)));
		await until(nobody, "nobody is attached");
		await holdsNoMore(daemon, before.daemon);
		await holdsNoMore(holder, before.holder);
	},
);
