import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import type { Event, EventPage } from "../../src/contract/system.ts";
import { Berth, until } from "../support/berth.ts";

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

async function page(query: string): Promise<EventPage> {
	const response = await berth.fetch(`/events?${query}`, { headers: { accept: "application/json" } });
	expect(response.status).toBe(200);
	return (await response.json()) as EventPage;
}

/** Reads a stream until `enough`; the events with the ids that stood beside them. */
async function stream(
	query: string,
	enough: (events: Event[]) => boolean,
	headers: Record<string, string> = {},
): Promise<Event[]> {
	const over = new AbortController();
	const response = await berth.fetch(`/events?${query}`, { headers, signal: over.signal });
	expect(response.headers.get("content-type")).toBe("text/event-stream");
	const events: Event[] = [];
	let text = "";
	const decoder = new TextDecoder();
	for await (const chunk of response.body!) {
		text += decoder.decode(chunk, { stream: true });
		const blocks = text.split("\n\n");
		text = blocks.pop()!;
		for (const block of blocks) {
			const id = /^id: (\d+)$/m.exec(block)?.[1];
			const data = /^data: (.*)$/m.exec(block)?.[1];
			if (id === undefined || data === undefined) continue;
			const event = JSON.parse(data) as Event;
			expect(event.seq).toBe(Number(id));
			events.push(event);
		}
		if (enough(events)) break;
	}
	over.abort();
	return events;
}

const make = (name: string) => berth.api("POST", "/sessions", { name, command: ["true"], port: null });
const ended = async (name: string) => {
	await until(async () => {
		const { body } = await berth.api<{ workers: { state: string }[] }>("GET", `/sessions/${name}`);
		return body.workers[0]?.state === "exited";
	}, `${name} has ended`);
};

test("a stream, its resumption and the pages tell the same events, each once and in order", async () => {
	await make("first");
	await ended("first");
	const start = (await page("after=0")).next;
	const live = stream(
		`after=${start}`,
		(events) => events.filter(({ type }) => type === "worker.exited").length === 2,
	);
	await make("second");
	await make("third");
	const seen = await live;
	const numbers = seen.map(({ seq }) => seq);
	expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
	expect(new Set(numbers).size).toBe(numbers.length);
	const middle = numbers[Math.floor(numbers.length / 2)]!;
	const resumed = await stream("", (events) => events.at(-1)?.seq === numbers.at(-1), {
		"last-event-id": String(middle),
	});
	expect(resumed.map(({ seq }) => seq)).toEqual(numbers.filter((seq) => seq > middle));
	const paged = await page(`after=${start}`);
	expect(paged.events.slice(0, seen.length)).toEqual(seen);
});

test("Last-Event-ID wins over after, as a reconnecting browser needs it", async () => {
	const { next } = await page("after=0");
	const events = await stream("after=0", (list) => list.length > 0, { "last-event-id": String(next - 1) });
	expect(events[0]?.seq).toBe(next);
});

test("filters by session and by type leave out everything else", async () => {
	await make("filtered");
	await ended("filtered");
	const { body } = await berth.api<{ id: string }>("GET", "/sessions/filtered");
	const { events } = await page("after=0&session=filtered&types=worker.exited,session.created");
	expect(events.map(({ type }) => type)).toEqual(["session.created", "worker.exited"]);
	for (const { sessionId } of events) expect(sessionId).toBe(body.id);
	await berth.api("DELETE", "/sessions/filtered");
	const after = await page(`after=0&session=${body.id}&types=session.deleted`);
	expect(after.events).toHaveLength(1);
});

test("an unknown type is refused instead of a stream that stays silent", async () => {
	const response = await berth.fetch("/events?types=worker.gone");
	expect(response.status).toBe(400);
	expect(await response.json()).toMatchObject({ code: "bad_request", info: { field: "types" } });
});

test("without a cursor a stream starts with what happens next", async () => {
	const { next } = await page("after=0");
	let got = false;
	const live = stream("", (events) => {
		got = events.length > 0;
		return got;
	});
	// Nothing says from outside when the stream is open; so things go on happening until it has one of them.
	for (let n = 0; !got; n++) await berth.api("PATCH", "/sessions/first", { tags: [`n${n}`] });
	const events = await live;
	expect(events[0]?.seq).toBeGreaterThan(next);
});

test("a cursor from the future is refused", async () => {
	const response = await berth.fetch("/events?after=999999");
	expect(response.status).toBe(400);
});

test("numbers go on after the daemon was killed", async () => {
	const { next } = await page("after=0");
	await berth.killDaemon();
	await berth.startDaemon();
	const { events } = await page(`after=${next}`);
	expect(events[0]?.seq).toBe(next + 1);
	expect(events.some(({ type }) => type === "daemon.started")).toBe(true);
});

test("a reader that does not read costs nothing and is served on when it reads again", async () => {
	const { next } = await page("after=0");
	const stalled = connect({ path: berth.socket });
	await new Promise<void>((resolve) => stalled.once("connect", resolve));
	stalled.pause();
	stalled.write(`GET /events?after=${next} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
	const tag = "x".repeat(60);
	for (let n = 0; n < 300; n++) {
		await berth.api("PATCH", "/sessions/first", {
			tags: Array.from({ length: 30 }, (_, at) => `${tag}${at}`),
		});
	}
	const last = (await page(`after=${next}`)).next;
	let text = "";
	stalled.on("data", (chunk) => {
		text += chunk.toString();
	});
	stalled.resume();
	await until(() => text.includes(`id: ${last}\n`), "the last event has come");
	const numbers = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
	expect(numbers).toEqual(Array.from({ length: last - next }, (_, n) => next + 1 + n));
	stalled.destroy();
});
