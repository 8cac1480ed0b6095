/** A full disk, a clock that jumps: told clearly, nothing corrupted, and it goes on by itself. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { canMount, isIntact, SmallDisk } from "../support/disks.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, contradictions } from "../support/torture.ts";

setDefaultTimeout(300_000);

const mayMount = canMount();
if (!mayMount) console.warn("a full disk is not tried: mounting needs root");

async function make(berth: Berth, name: string, command: string[]): Promise<Session> {
	const { status, body } = await berth.api<Session>("POST", "/sessions", { name, command, port: null });
	expect(status).toBe(201);
	return body;
}

const echoed = async (berth: Berth, name: string, text: string) => {
	const { body } = await berth.api("POST", `/sessions/${name}/wait`, {
		text,
		input: `${text}\r`,
		timeoutMs: 20_000,
	});
	expect(body).toMatchObject({ status: "matched" });
};

test.if(mayMount)(
	"on a full disk sessions go on, refusals say why, and with room again output is kept and all is well",
	async () => {
		await using disk = await SmallDisk.start("8m");
		const { berth } = disk;
		const session = await make(berth, "going", ["cat"]);
		await echoed(berth, "going", "before");
		const client = await Attached.open(session.workers[0]!.socket!, { role: "writer" });
		await client.greeted();
		const doomed = await make(berth, "doomed", ["sh", "-c", "sleep 600 & exec sleep 600"]);
		disk.fill();

		const refused = await berth.api<{ code: string; detail: string }>("POST", "/sessions", {
			name: "fresh",
			command: ["cat"],
		});
		expect(refused.status).toBe(500);
		expect(["store_failed", "journal_failed", "spawn_failed", "internal"]).toContain(refused.body.code);
		expect(refused.body.detail).toMatch(/full|ENOSPC|no space/i);
		// More than the last block has room for: the terminal itself works on. A line at a time, as the kernel's line editing wants it.
		for (let n = 0; n < 20; n++) {
			client.type(`${"x".repeat(1000)}${n}\r`);
			await client.sees(`x${n}\r\n${"x".repeat(1000)}${n}\r\n`);
		}
		client.type("typed-on-a-full-disk\r");
		await client.sees("typed-on-a-full-disk\r\ntyped-on-a-full-disk");
		expect(client.contiguous).toBe(true);
		expect((await berth.api("GET", "/sessions/going")).status).toBe(200);
		expect(await (await berth.fetch("/sessions/going/screen")).text()).toContain("typed-on-a-full-disk");

		// What fills a disk must be possible to end.
		const tree = (await berth.api<{ pid: number }[]>("GET", "/sessions/doomed/processes")).body;
		expect(tree.length).toBe(2);
		const killed = await berth.api<{ code: string }>("POST", "/sessions/doomed/kill");
		if (killed.status !== 200) expect(killed.body.code).toBe("store_failed");
		await until(() => !tree.some(({ pid }) => alive(pid)), "its processes are gone");

		disk.free();
		const ended = await until(async () => {
			const worker = (await berth.api<Session>("GET", `/sessions/${doomed.id}`)).body.workers[0]!;
			return worker.state === "exited" && worker.exit;
		}, "its end is known");
		expect(ended.reason).toBe("killed");
		await until(async () => {
			await echoed(berth, "going", "after");
			const { offset } = (await berth.api<{ offset: number }>("GET", "/sessions/going/screen?format=json"))
				.body;
			const kept = await berth.fetch(`/sessions/going/journal?from=${offset - "after\r\nafter\r\n".length}`);
			return (await kept.text()).includes("after");
		}, "output is kept again");
		await make(berth, "fresh", ["cat"]);
		await echoed(berth, "fresh", "works");
		client.close();
		await berth.killDaemon();
		isIntact(berth);
		await berth.startDaemon();
		await echoed(berth, "going", "still");
		expect(contradictions(await allEvents(berth))).toEqual([]);
	},
);

test.if(mayMount)("an exit on a full disk is known afterwards, with its code", async () => {
	await using disk = await SmallDisk.start("8m");
	const { berth } = disk;
	await make(berth, "ending", ["sh", "-c", "read line; exit 42"]);
	disk.fill();
	await berth.api("POST", "/sessions/ending/input", { text: "go\r" });
	const { pid } = (await berth.api<Session>("GET", "/sessions/ending")).body.workers[0]!;
	await until(() => pid === null || !alive(pid), "the process has ended");
	disk.free();
	const exit = await until(
		async () => {
			const worker = (await berth.api<Session>("GET", "/sessions/ending")).body.workers[0]!;
			return worker.state === "exited" && worker.exit;
		},
		"the exit is known",
		60_000,
	);
	expect(exit).toEqual({ code: 42, signal: null, reason: "exited" });
	isIntact(berth);
});

/** Counts on its first row without a pause, and draws each line that it reads on the third, its end before its beginning: no bytes spell it. */
const DRAWING = `
	$| = 1; system "stty -echo";
	for (my $i = 0;; $i++) {
		printf "\\e[1;1H%d ", $i;
		my $ready = ""; vec($ready, 0, 1) = 1;
		next unless select($ready, undef, undef, 0.005) > 0;
		sysread STDIN, my $line, 1000 or exit; chomp $line;
		printf "\\e[3;1H\\e[K\\e[3;4H%s\\e[3;1H%s", substr($line, 3), substr($line, 0, 3);
	}`;

const HOUR_SECONDS = 3600;
const DAY_MS = 24 * HOUR_SECONDS * 1000;

test("a clock that jumps a day ahead and back ends no session, gives no event a number twice and makes nobody wait", async () => {
	await using berth = await Berth.home();
	const skew = join(berth.home, "skew");
	const jump = (ms: number) => writeFileSync(skew, String(ms));
	jump(0);
	const preload = join(import.meta.dir, "../support/jumping-clock.ts");
	const env = { BUN_OPTIONS: `--preload=${preload}`, BERTH_SKEW_FILE: skew };
	expect((await berth.run(["daemon", "start"], { env })).code).toBe(0);
	const body = { name: "going", command: ["cat"], port: null, idleTimeoutSeconds: HOUR_SECONDS };
	expect((await berth.api("POST", "/sessions", body)).status).toBe(201);
	await make(berth, "drawing", ["perl", "-e", DRAWING]);
	expect((await berth.api("POST", "/sessions", { name: "shell", port: null })).status).toBe(201);
	for (const [round, ms] of [DAY_MS, 0, -DAY_MS, 0].entries()) {
		const running = berth.api<{ durationMs: number }>("POST", "/sessions/shell/run", {
			// Told apart from its own echo.
			command: `printf 'begun-%s\n' ${round}; read line`,
		});
		await berth.api("POST", "/sessions/shell/wait", { text: `begun-${round}`, timeoutMs: 20_000 });
		// Armed before the jump, it must find what is drawn after it.
		const armed = berth.api("POST", "/sessions/drawing/wait", { text: `late-${round}`, timeoutMs: 20_000 });
		jump(ms);
		await echoed(berth, "drawing", `round-${round}`);
		await berth.api("POST", "/sessions/drawing/input", { text: `late-${round}\r` });
		expect((await armed).body).toMatchObject({ status: "matched" });
		await echoed(berth, "going", `round-${round}`);
		await berth.api("POST", "/sessions/shell/input", { text: "\r" });
		const { durationMs } = (await running).body;
		expect(durationMs).toBeGreaterThanOrEqual(0);
		expect(durationMs).toBeLessThan(DAY_MS / 2);
		await make(berth, `made-${round}`, ["cat"]);
		expect((await berth.api("POST", `/sessions/made-${round}/restart`)).status).toBe(200);
		expect((await berth.api("POST", `/sessions/made-${round}/close`)).status).toBe(200);
		// Changed, a session's idle limit is counted anew.
		expect((await berth.api("PATCH", "/sessions/going", { tags: [`round-${round}`] })).status).toBe(200);
		expect((await berth.api<Session>("GET", "/sessions/going")).body.workers[0]!.state).toBe("running");
	}
	const recording = await (await berth.fetch("/sessions/drawing/recording")).text();
	const intervals = recording
		.trim()
		.split("\n")
		.slice(1)
		.map((line) => (JSON.parse(line) as [number])[0]);
	expect(Math.min(...intervals)).toBeGreaterThanOrEqual(0);
	expect(intervals.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(HOUR_SECONDS);
	expect(contradictions(await allEvents(berth))).toEqual([]);
});
