/** A state folder that cannot be written: from the start, while everything runs, and on a disk that fails under open files. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { Session } from "../../src/contract/session.ts";
import { alive, type Berth, until } from "../support/berth.ts";
import { canFailDisks, canMount, FailingDisk, isIntact, SmallDisk } from "../support/disks.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, contradictions } from "../support/torture.ts";

setDefaultTimeout(300_000);

const mayMount = canMount();
const mayFail = canFailDisks();
if (!mayFail)
	console.warn("read-only and failing disks are not all tried: that needs root, loop devices and mkfs.ext4");

/** Milliseconds: longer than the daemon keeps facts that nobody is told of (2 s, src/daemon/services/fact-writer.ts). */
const GATHERED_MS = 3000;

const READ_ONLY = /read-only|EROFS/i;

type Refusal = { code: string; detail: string };

async function make(berth: Berth, name: string, command: string[]): Promise<Session> {
	const { status, body } = await berth.api<Session>("POST", "/sessions", { name, command, port: null });
	expect(status).toBe(201);
	return body;
}

async function works(client: Attached, text: string): Promise<void> {
	client.type(`${text}\r`);
	await client.sees(`${text}\r\n${text}`);
	expect(client.contiguous).toBe(true);
}

async function refusesToMake(berth: Berth): Promise<void> {
	const refused = await berth.api<Refusal>("POST", "/sessions", { name: "fresh", command: ["cat"] });
	expect(refused.status).toBe(500);
	expect(["store_failed", "journal_failed", "spawn_failed", "internal"]).toContain(refused.body.code);
	expect(refused.body.detail).toMatch(READ_ONLY);
}

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

test.if(mayMount)(
	"a state folder that becomes read-only while Berth runs stops nothing that runs, and what is refused works again by itself",
	async () => {
		await using disk = await SmallDisk.start("16m");
		const { berth } = disk;
		const session = await make(berth, "going", ["cat"]);
		const client = await Attached.open(session.workers[0]!.socket!, { role: "writer" });
		await works(client, "before");
		disk.cover();
		try {
			await refusesToMake(berth);
			await works(client, "meanwhile");
			expect((await berth.api<Session[]>("GET", "/sessions?all=true")).body.map(({ name }) => name)).toEqual([
				"going",
			]);
		} finally {
			disk.uncover();
		}
		await make(berth, "fresh", ["cat"]);
		await works(client, "after");
		const journal = await (await berth.fetch("/sessions/going/journal")).text();
		expect(journal).toContain("meanwhile");
		client.close();
		expect(contradictions(await allEvents(berth))).toEqual([]);
	},
);

test.if(mayFail)(
	"on a disk that fails terminals go on, refusals say why, kill still kills, and once it is repaired all that was written is there",
	async () => {
		await using disk = await FailingDisk.start();
		const { berth } = disk;
		const session = await make(berth, "going", ["cat"]);
		const doomed = await make(berth, "doomed", ["sh", "-c", "sleep 600 & exec sleep 600"]);
		const client = await Attached.open(session.workers[0]!.socket!, { role: "writer" });
		await works(client, "before");
		disk.fail();

		await refusesToMake(berth);
		const patched = await berth.api<Refusal>("PATCH", "/sessions/going", { tags: ["t"] });
		expect([patched.status, patched.body.code]).toEqual([500, "store_failed"]);
		expect(patched.body.detail).toMatch(READ_ONLY);
		for (let n = 0; n < 5; n++) await works(client, `meanwhile-${n}`);
		expect(await (await berth.fetch("/sessions/going/screen")).text()).toContain("meanwhile-4");
		expect(await (await berth.fetch("/sessions/going/journal")).text()).toContain("before");
		expect((await berth.api<Session[]>("GET", "/sessions")).body.length).toBe(2);

		const tree = (await berth.api<{ pid: number }[]>("GET", "/sessions/doomed/processes")).body;
		expect(tree.length).toBe(2);
		const killed = await berth.api<Refusal>("POST", "/sessions/doomed/kill");
		if (killed.status !== 200) expect(killed.body.detail).toMatch(READ_ONLY);
		await until(() => !tree.some(({ pid }) => alive(pid)), "its processes are gone");
		// What the daemon writes by itself and nobody waits for is refused as well: it lives on past the time in which it gathers that.
		const enough = performance.now() + GATHERED_MS;
		while (performance.now() < enough) await works(client, `later-${performance.now()}`);
		expect((await berth.api("GET", "/health")).status).toBe(200);
		client.close();

		await disk.repair();
		isIntact(berth);
		await berth.startDaemon();
		for (const { id } of [session, doomed]) {
			const { body } = await berth.api<Session>("GET", `/sessions/${id}`);
			expect(["exited", "lost"]).toContain(body.workers[0]!.state);
		}
		expect(await (await berth.fetch("/sessions/going/journal")).text()).toContain("before");
		expect((await berth.api("POST", "/sessions/going/restart")).status).toBe(200);
		await make(berth, "fresh", ["cat"]);
		expect(contradictions(await allEvents(berth))).toEqual([]);
	},
);
