import { afterAll, beforeAll, expect, test } from "bun:test";
import { pruneEvents } from "../../store/events.ts";
import { type TestDaemon, testDaemon } from "../testing.ts";

let daemon: TestDaemon;
beforeAll(() => {
	daemon = testDaemon();
	const { store } = daemon.context;
	for (let n = 0; n < 10; n++) {
		store.change(({ record }) =>
			record({ type: "session.updated", sessionId: "s_0000000000", workerId: null, data: { n } }),
		);
	}
	store.bookkeep((bookkeeping) => pruneEvents(bookkeeping, 0, 4));
});
afterAll(() => daemon.dispose());

test("a cursor older than what is kept is refused with the oldest number, as a stream and as a page", async () => {
	const asked: [string, Record<string, string>][] = [
		["/events?after=5", { accept: "application/json" }],
		["/events?after=5", {}],
		["/events", { "last-event-id": "5" }],
	];
	for (const [path, headers] of asked) {
		const response = await daemon.ask("unix", path, { headers });
		expect(response.status).toBe(410);
		expect(await response.json()).toMatchObject({ code: "cursor_too_old", info: { oldest: 7, newest: 10 } });
	}
	const kept = await daemon.ask("unix", "/events?after=6", { headers: { accept: "application/json" } });
	expect(await kept.json()).toMatchObject({ next: 10, oldest: 7 });
});

test("a stream carries the number of each event as its id, and says when to come back", async () => {
	const response = await daemon.ask("unix", "/events?after=8");
	expect(response.headers.get("content-type")).toBe("text/event-stream");
	const reader = response.body!.getReader();
	let text = "";
	while (!text.includes("id: 10")) text += new TextDecoder().decode((await reader.read()).value);
	expect(text).toStartWith("retry: 1000\n");
	const blocks = text.split("\n\n").filter((block) => block.startsWith("id:"));
	expect(blocks.map((block) => /^id: (\d+)\ndata: \{.*\}$/.exec(block)?.[1])).toEqual(["9", "10"]);
	expect(daemon.context.feed.followers).toBe(1);
	await reader.cancel();
	await Bun.sleep(0);
	expect(daemon.context.feed.followers).toBe(0);
});

test("a cursor that is no number is refused by name", async () => {
	for (const [path, headers, field] of [
		["/events?after=x", {}, "after"],
		["/events?after=-1", {}, "after"],
		["/events", { "last-event-id": "1e3" }, "Last-Event-ID"],
	] as const) {
		const response = await daemon.ask("unix", path, { headers });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ info: { field } });
	}
});

test("asking for the headers of a stream follows nothing", async () => {
	const response = await daemon.ask("unix", "/events?after=8", { method: "HEAD" });
	expect(response.status).toBe(200);
	expect(daemon.context.feed.followers).toBe(0);
});
