/** A full disk, a read-only state folder, a clock that jumps: told clearly, nothing corrupted, and it goes on by itself. */
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, canMount, contradictions } from "../support/torture.ts";

setDefaultTimeout(120_000);

const mayMount = canMount();
if (!mayMount) console.warn("full and read-only disks are not tried: mounting needs root");

/** A home whose state lies on a disk of its own, small enough to be filled. */
class SmallDisk implements AsyncDisposable {
	readonly berth: Berth;
	readonly #state: string;

	private constructor(berth: Berth) {
		this.berth = berth;
		this.#state = join(berth.home, "state");
	}

	static async start(size: string): Promise<SmallDisk> {
		const berth = await Berth.home();
		const disk = new SmallDisk(berth);
		mkdirSync(disk.#state, { mode: 0o700 });
		disk.#mount("-t", "tmpfs", "-o", `size=${size},mode=700`, "none", disk.#state);
		await berth.startDaemon();
		return disk;
	}

	remount(options: string): void {
		this.#mount("-o", `remount,${options}`, this.#state);
	}

	/** Takes every byte that is free. */
	fill(): void {
		Bun.spawnSync(["dd", "if=/dev/zero", `of=${this.#state}/ballast`, "bs=4096"], {
			stdout: "ignore",
			stderr: "ignore",
		});
	}

	free(): void {
		rmSync(join(this.#state, "ballast"), { force: true });
	}

	#mount(...args: string[]): void {
		const { success, stderr } = Bun.spawnSync(["mount", ...args]);
		if (!success) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const pid of this.berth.processes()) if (alive(pid)) process.kill(pid, "SIGKILL");
		await until(
			() => Bun.spawnSync(["umount", this.#state], { stderr: "ignore" }).success,
			"the disk is given back",
		);
		await this.berth[Symbol.asyncDispose]();
	}
}

function isIntact(berth: Berth): void {
	using database = new Database(join(berth.home, "state/berth.db"), { readonly: true });
	expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
}

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

		disk.free();
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

test.if(mayMount)(
	"with a read-only state folder what runs goes on, changes are refused with the reason, and it heals by itself",
	async () => {
		await using disk = await SmallDisk.start("8m");
		const { berth } = disk;
		const session = await make(berth, "going", ["cat"]);
		// A disk with files open for writing is not made read-only; a disk that failed is, by the kernel. What Berth sees is the same: writes fail.
		disk.fill();
		const { status, body } = await berth.api<{ code: string; detail: string }>("PATCH", "/sessions/going", {
			tags: Array.from({ length: 30 }, (_, n) => `${"t".repeat(60)}${n}`),
		});
		if (status !== 200) expect(body.code).toBe("store_failed");
		const client = await Attached.open(session.workers[0]!.socket!, { role: "writer" });
		client.type("hello\r");
		await client.sees("hello\r\nhello");
		client.close();
		disk.free();

		for (const { pid } of (await berth.api<{ pid: number }[]>("GET", "/sessions/going/processes")).body)
			expect(alive(pid)).toBe(true);
		const daemon = await berth.daemonPid();
		expect((await berth.api("POST", "/sessions/going/kill")).status).toBe(200);
		await berth.killDaemon();
		await until(
			() => berth.processes().filter((pid) => pid !== daemon).length === 0,
			"nobody has a file open",
		);
		disk.remount("ro");
		const started = await berth.run(["daemon", "start"]);
		expect(started.code).toBe(1);
		expect(started.stderr).toMatch(/read-only|EROFS/i);
		expect(started.stderr.trim().split("\n").length).toBe(1);
		disk.remount("rw");
		await berth.startDaemon();
		expect((await berth.api<Session>("GET", "/sessions/going")).body.workers[0]).toMatchObject({
			state: "exited",
			exit: { reason: "killed" },
		});
		isIntact(berth);
	},
);

/** Counts on its first row without a pause, and draws each line that it reads on the third, its end before its beginning: no bytes spell it. */
const DRAWING =
	"stty -echo; while :; do printf '\\033[1;1H%s ' $((i++)); if read -t 0.005 x; then printf '\\033[3;1H\\033[K\\033[3;4H%s\\033[3;1H%s' \"${x:3}\" \"${x:0:3}\"; fi; done";

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
	await make(berth, "drawing", ["bash", "-c", DRAWING]);
	expect((await berth.api("POST", "/sessions", { name: "shell", port: null })).status).toBe(201);
	for (const [round, ms] of [DAY_MS, 0, -DAY_MS, 0].entries()) {
		const running = berth.api<{ durationMs: number }>("POST", "/sessions/shell/run", {
			command: "echo begun; read line",
		});
		await berth.api("POST", "/sessions/shell/wait", { text: "begun", timeoutMs: 20_000 });
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
