import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { Berth, until } from "../support/berth.ts";

const SESSIONS = 50;

test("50 sessions made and ended leave no process, no file descriptor, no socket and no folder", async () => {
	await using berth = await Berth.start();
	// The first one warms up what the daemon loads lazily.
	await makeAndEnd(berth, 0);
	const pid = await berth.daemonPid();
	const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
	const before = { descriptors: descriptors(), processes: berth.processes().length };

	for (let batch = 0; batch < SESSIONS; batch += 10) {
		await Promise.all(Array.from({ length: 10 }, (_, i) => makeAndEnd(berth, batch + i + 1)));
	}

	await until(() => berth.processes().length <= before.processes, "no process is left");
	await until(
		() => descriptors() <= before.descriptors,
		`the daemon has no more descriptors than ${before.descriptors}`,
	);
	expect(readdirSync(join(berth.home, "run")).filter((name) => name !== "berth.sock")).toEqual([]);
	const workers = join(berth.home, "state/workers");
	expect(existsSync(workers) ? readdirSync(workers) : []).toEqual([]);
});

async function makeAndEnd(berth: Berth, number: number): Promise<void> {
	const name = `n${number}`;
	const made = await berth.api<Session>("POST", "/sessions", {
		name,
		command: ["sh", "-c", "sleep 600 & exec cat"],
	});
	expect(made.status).toBe(201);
	const how = number % 2 === 0 ? "close" : "kill";
	expect((await berth.api("POST", `/sessions/${name}/${how}`)).body).toEqual({
		status: number % 2 === 0 ? "closed" : "killed",
	});
	expect((await berth.api("DELETE", `/sessions/${name}`)).status).toBe(200);
}
