/**
 * Clients that read 1 KiB a second and clients that read nothing, on every carrier, among fast ones. How fast the others are is the bench's
 * matter; here: they get everything, nobody's memory grows with what is not read, and whoever reads again ends with the exact screen.
 */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { CLIENT_QUEUE_BYTES } from "../../src/contract/limits.ts";
import type { Session } from "../../src/contract/session.ts";
import type { EventPage } from "../../src/contract/system.ts";
import { Berth, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import { Paced, shownBy } from "../support/paced.ts";
import { allEvents, censusOf } from "../support/torture.ts";

setDefaultTimeout(300_000);

/** Much more than queues and socket buffers hold together, in bursts that fit the queue of a client that reads. */
const BURSTS = { count: 24, lines: 50_000 } as const;

/** What a holder's own memory may vary by while it works through a flood: screen, collector, buffers that everybody shares. */
const WORKING_BYTES = 32 * 1024 * 1024;

/** Together the readers would have this many times all events waiting for them, if that were how it is done. */
const READERS = 16;
const EVENTS = 2000;
/** Roughly, with thirty long tags. */
const EVENT_BYTES = 2100;

async function writeToken(berth: Berth): Promise<string> {
	return (await berth.api<{ token: string }>("POST", "/tokens", { scope: "write" })).body.token;
}

/** The highest memory of a process while something goes on. */
function peakOf(pid: number): Disposable & { stop(): number } {
	let most = 0;
	const look = (): void => {
		most = Math.max(most, censusOf(pid).memory);
	};
	const timer = setInterval(look, 20);
	return {
		stop() {
			clearInterval(timer);
			look();
			return most;
		},
		[Symbol.dispose]: () => clearInterval(timer),
	};
}

test("stalled and slow clients on every carrier delay nobody, cost no more than their queue, and end with the exact screen", async () => {
	// Short scrollback: a snapshot is as small as the screen, and a slow client has a chance to take one.
	await using berth = await Berth.start({ BERTH_SCROLLBACK_LINES: "100" });
	const script = `read go; for burst in $(seq ${BURSTS.count}); do seq ${BURSTS.lines}; sleep 0.05; done; printf '\\033[2J\\033[31mthe-very-end\\033[5;7H'; exec sleep 600`;
	const { body: session } = await berth.api<Session>("POST", "/sessions", {
		name: "flood",
		command: ["sh", "-c", script],
	});
	const worker = session.workers[0]!;
	const token = await writeToken(berth);
	const attach = "/sessions/flood/attach?role=viewer";
	await using clients = new AsyncDisposableStack();
	const paced = (["slow", "stalled"] as const).flatMap((pace) => [
		Paced.link(`${pace} on the holder's socket`, worker.socket!),
		Paced.webSocket(`${pace} on the daemon's unix socket`, berth.socket, attach, null),
		Paced.webSocket(`${pace} on the daemon's port`, `127.0.0.1:${berth.port}`, attach, token),
		Paced.webSocket(
			`${pace} on the session's port`,
			`127.0.0.1:${session.port}`,
			"/attach?role=viewer",
			token,
		),
	]);
	for (const client of paced) clients.use(client);
	const viewers = async () => (await berth.api<Session>("GET", "/sessions/flood")).body.viewers;
	await until(async () => (await viewers()) === paced.length, "all of them are attached");
	for (const client of paced) if (client.name.startsWith("stalled")) client.stop();

	const fast = await Attached.open(worker.socket!, { role: "writer" });
	await fast.greeted();
	const daemon = await berth.daemonPid();
	const holder = (await berth.api<{ ppid: number }[]>("GET", "/sessions/flood/processes")).body[0]!.ppid;
	const before = { daemon: censusOf(daemon).memory, holder: censusOf(holder).memory };
	using daemonPeak = peakOf(daemon);
	using holderPeak = peakOf(holder);

	fast.type("go\r");
	await until(() => fast.output.includes("the-very-end"), "the fast client has everything", 60_000);
	expect(fast.contiguous).toBe(true);
	expect(fast.snapshots.length).toBe(1);
	const printed = fast.output.match(/\d+(?=\r\n)/g)!;
	expect(printed.length).toBe(BURSTS.count * BURSTS.lines);
	expect(printed.at(-1)).toBe(String(BURSTS.lines));
	for (const client of paced) expect(client.takenBytes, client.name).toBeLessThan(CLIENT_QUEUE_BYTES);
	const bound = paced.length * CLIENT_QUEUE_BYTES + WORKING_BYTES;
	expect(holderPeak.stop() - before.holder).toBeLessThan(bound);
	expect(daemonPeak.stop() - before.daemon).toBeLessThan(bound);

	for (const client of paced) client.hurry();
	const truth = (
		await berth.api<{ lines: string[]; cursor: { x: number; y: number } }>(
			"GET",
			"/sessions/flood/screen?format=json",
		)
	).body;
	expect(truth.lines[0]).toBe("");
	for (const client of paced) {
		await until(
			() => client.taken.some(({ payload }) => Buffer.from(payload).includes("the-very-end")),
			`${client.name} has the end`,
		);
		const shown = await shownBy(client.taken, join(berth.home, "cache"));
		expect(shown.contiguous, client.name).toBe(true);
		expect(shown.resyncs, client.name).toBeGreaterThan(0);
		expect(shown.lines, client.name).toEqual(truth.lines);
		expect(shown.cursor, client.name).toEqual({ x: truth.cursor.x, y: truth.cursor.y });
	}
	fast.close();
});

test("stalled and slow readers of events delay nobody, cost no memory, and get every event in the end", async () => {
	await using berth = await Berth.start();
	await berth.api("POST", "/sessions", { name: "noisy", command: ["cat"], port: null });
	const token = await writeToken(berth);
	const page = async (after: number) => (await berth.api<EventPage>("GET", `/events?after=${after}`)).body;
	const { next: start } = await page(0);
	await using clients = new AsyncDisposableStack();
	const paced = Array.from({ length: READERS }, (_, n) =>
		clients.use(Paced.events(`${n % 2 ? "slow" : "stalled"} ${n}`, `127.0.0.1:${berth.port}`, start, token)),
	);
	await until(() => paced.every(({ takenBytes }) => takenBytes > 0), "all of them follow");
	for (const client of paced) if (client.name.startsWith("stalled")) client.stop();
	const daemon = await berth.daemonPid();
	const before = censusOf(daemon).memory;
	using peak = peakOf(daemon);
	const tags = Array.from({ length: 30 }, (_, at) => `${"x".repeat(60)}${at}`);
	for (let n = 0; n < EVENTS; n++) {
		const { status } = await berth.api("PATCH", "/sessions/noisy", { tags: [...tags, `n${n}`] });
		expect(status).toBe(200);
	}
	expect(peak.stop() - before).toBeLessThan(READERS * EVENTS * EVENT_BYTES);
	const expected = (await allEvents(berth)).map(({ seq }) => seq).filter((seq) => seq > start);
	expect(expected.length).toBeGreaterThanOrEqual(EVENTS);
	for (const client of paced) client.hurry();
	for (const client of paced) {
		const numbers = () => client.taken.map(({ payload }) => Number(Buffer.from(payload).toString()));
		await until(() => numbers().length >= expected.length, `${client.name} has the last event`);
		expect(numbers(), client.name).toEqual(expected);
	}
});
