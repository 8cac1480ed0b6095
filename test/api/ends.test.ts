/** Calls that are under way while the process ends, and calls about one that has ended. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Berth, until } from "../support/berth.ts";

let berth: Berth;
let bearer: string;
beforeAll(async () => {
	berth = await Berth.start();
	bearer = (await berth.api<{ token: string }>("POST", "/tokens", { scope: "write" })).body.token;
});
afterAll(() => berth[Symbol.asyncDispose]());

const waitsForInput = ["sh", "-c", "read line; echo last words; exit 5"];

async function session(body: Record<string, unknown>): Promise<{ port: number }> {
	const { status, body: made } = await berth.api<{ port: number }>("POST", "/sessions", body);
	expect(status).toBe(201);
	return made;
}

/** The same call at the daemon and at the session's own port. */
function call(where: "daemon" | "port", name: string, port: number, path: string, body: unknown) {
	const init = {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
		body: JSON.stringify(body),
	};
	return where === "daemon"
		? berth.fetch(`/sessions/${name}${path}`, init)
		: fetch(`http://127.0.0.1:${port}${path}`, init);
}

for (const where of ["daemon", "port"] as const) {
	test(`whoever waits at the ${where} for the exit is told it, every time`, async () => {
		for (let round = 0; round < 8; round++) {
			const name = `exit-${where}-${round}`;
			const { port } = await session({ name, command: waitsForInput });
			const answer = await call(where, name, port, "/wait", { exit: true, timeoutMs: 10_000, input: "go\r" });
			expect([answer.status, await answer.json()]).toEqual([
				200,
				expect.objectContaining({ status: "exit", exitCode: 5 }),
			]);
		}
	});

	test(`a wait at the ${where} for text sees the last words, and ends with the process when it never comes`, async () => {
		for (const [text, expected] of [
			["last words", { status: "matched", match: "last words" }],
			["never said", { status: "exit", exitCode: 5 }],
		] as const) {
			const name = `text-${where}-${expected.status}`;
			const { port } = await session({ name, command: waitsForInput });
			const answer = await call(where, name, port, "/wait", { text, timeoutMs: 10_000, input: "go\r" });
			expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining(expected)]);
		}
	});

	test(`a run at the ${where} that ends its shell is answered with status exited and all output`, async () => {
		for (const [command, exitCode] of [
			["echo before; exit 4", 4],
			["echo before; kill -9 $$", 137],
			["seq 300000; exit 6", 6],
		] as const) {
			const name = `run-${where}-${exitCode}`;
			const { port } = await session({ name, shell: "bash" });
			const answer = await call(where, name, port, "/run", { command });
			const body = (await answer.json()) as { output: string };
			expect([answer.status, body]).toEqual([200, expect.objectContaining({ status: "exited", exitCode })]);
			const lines = body.output.split("\n").filter((line) => /^(before|\d+)$/.test(line));
			expect(lines.length).toBe(exitCode === 6 ? 300_000 : 1);
		}
	}, 300_000);
}

test("closing, killing and restarting a session answer those who wait for its exit", async () => {
	for (const how of ["close", "kill", "restart"]) {
		await session({ name: `by-${how}`, shell: "bash" });
		const waiting = berth.api("POST", `/sessions/by-${how}/wait`, { exit: true, timeoutMs: 10_000 });
		expect((await berth.api("POST", `/sessions/by-${how}/${how}`)).status).toBe(200);
		expect(await waiting).toMatchObject({ status: 200, body: { status: "exit" } });
	}
});

test("a holder that is killed with its session leaves nobody waiting", async () => {
	await session({ name: "holderless", command: ["cat"] });
	const waiting = berth.api("POST", "/sessions/holderless/wait", { exit: true, timeoutMs: 20_000 });
	const { body } = await berth.api<{ workers: [{ pid: number }] }>("GET", "/sessions/holderless");
	const stat = readFileSync(`/proc/${body.workers[0].pid}/stat`, "latin1");
	process.kill(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]), "SIGKILL");
	expect(await waiting).toMatchObject({ status: 200, body: { status: "exit", exitCode: null } });
});

test("the exit of a session that ended before is told at once; anything else of it is refused", async () => {
	await session({ name: "before", command: ["sh", "-c", "exit 9"] });
	await until(
		async () =>
			(await berth.api<{ workers: [{ state: string }] }>("GET", "/sessions/before")).body.workers[0].state ===
			"exited",
		"it has ended",
	);
	const asked = await berth.api("POST", "/sessions/before/wait", { exit: true });
	expect(asked).toMatchObject({ status: 200, body: { status: "exit", exitCode: 9 } });
	const refused = await berth.api("POST", "/sessions/before/wait", { text: "x" });
	expect(refused).toMatchObject({ status: 409, body: { code: "session_ended" } });
});
