import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import type { EventPage } from "../../src/contract/system.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { type Random, scaled, seededTest } from "../support/torture.ts";

/** Milliseconds of storm. */
const STORM_MS = scaled(10_000, 60_000);
const CLIENTS = 6;
const NAMES = ["a", "b", "c", "d"];

const scripts = [
	"exec sleep 600",
	"sleep 0.2; exit 3",
	"exit 0",
	"trap '' HUP; setsid env -i sleep 600 & nohup sleep 600 & wait",
	"trap '' HUP TERM; while :; do sleep 1; done",
];

/** What an answer to each operation may be; anything else, a 500 above all, is a fault. */
const expected = new Set([200, 201, 404, 409]);

seededTest(
	"many clients at once and a daemon that keeps dying leave every session in a true state",
	async (random) => {
		await using berth = await Berth.start();
		const surprises: string[] = [];
		const step = async ({ pick }: Random): Promise<void> => {
			const name = pick(NAMES);
			const [method, path, body] = pick<[string, string, object?]>([
				[
					"POST",
					"/sessions",
					{
						name,
						command: ["/bin/bash", "-c", pick(scripts)],
						restart: pick(["no", "always"]),
						cwd: berth.home,
					},
				],
				["POST", `/sessions/${name}/close`],
				["POST", `/sessions/${name}/kill`],
				["POST", `/sessions/${name}/kill`],
				["POST", `/sessions/${name}/restart`],
				["POST", `/sessions/${name}/workers`, { command: ["sleep", "600"] }],
				["DELETE", `/sessions/${name}`],
				["GET", `/sessions/${name}`],
			]);
			try {
				const answer = await berth.api<{ detail?: string }>(method, path, body);
				if (!expected.has(answer.status))
					surprises.push(`${method} ${path} → ${answer.status} ${answer.body.detail}`);
			} catch {
				// The daemon died under the request.
				await Bun.sleep(5);
			}
		};

		const end = performance.now() + STORM_MS;
		const clients = Array.from({ length: CLIENTS }, async (_, n) => {
			const choices = random.of(`client ${n}`);
			while (performance.now() < end) await step(choices);
		});
		const killer = random.of("killer");
		while (performance.now() < end) {
			await Bun.sleep(200 + killer.next() * 1500);
			const pid = await berth.daemonPid();
			process.kill(pid, "SIGKILL");
			await until(() => !alive(pid), "the daemon is gone");
			await berth.startDaemon();
		}
		await Promise.all(clients);
		expect(surprises).toEqual([]);

		const sessions = async () => (await berth.api<Session[]>("GET", "/sessions?all=true")).body;
		const workers = async () => (await sessions()).flatMap((session) => session.workers);
		await until(
			async () => (await workers()).every(({ state }) => state !== "starting" && state !== "stopping"),
			"no worker is on its way",
			40_000,
		);
		for (const session of await sessions()) {
			expect((await berth.api("POST", `/sessions/${session.id}/kill`)).status).toBe(200);
		}
		for (const worker of await workers()) {
			expect(["exited", "lost"]).toContain(worker.state);
			expect(worker.exit).not.toBeNull();
		}
		const daemon = await berth.daemonPid();
		await until(
			() => berth.processes().every((pid) => pid === daemon),
			"nothing but the daemon is left",
		).catch((error) => {
			throw new Error(`${error.message}: ${berth.processes().map(commandOf).join(", ")}`);
		});
		expect(readdirSync(join(berth.home, "run")).filter((name) => name !== "berth.sock")).toEqual([]);
		for (const session of await sessions()) {
			expect((await berth.api("DELETE", `/sessions/${session.id}`)).status).toBe(200);
		}
		expect(readdirSync(join(berth.home, "state/workers"))).toEqual([]);

		// Each generation of a worker begins once and ends at most once.
		const seen = new Map<string, number>();
		let after = 0;
		for (;;) {
			const page = (await berth.api<EventPage>("GET", `/events?after=${after}`)).body;
			for (const { type, workerId, data } of page.events) {
				const key = `${workerId} ${data.generation} ${/exited|lost/.test(type) ? "end" : type}`;
				if (/^worker\.(running|exited|lost)$/.test(type)) seen.set(key, (seen.get(key) ?? 0) + 1);
			}
			if (page.next === after) break;
			after = page.next;
		}
		expect([...seen].filter(([, count]) => count > 1)).toEqual([]);
	},
);

function commandOf(pid: number): string {
	try {
		return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`;
	} catch {
		return `${pid} gone`;
	}
}
