import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import { Store } from "../../store/store.ts";
import { Feed, PAGE_EVENTS } from "./feed.ts";

let folder: string;
let store: Store;
let feed: Feed;
let clock = 1000;

function open(retention = { count: 10_000, ageMs: 10_000 }): void {
	feed?.stop();
	feed = new Feed({ store, now: () => clock, retention });
}

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-feed-"));
	clock = 1000;
	store = Store.open(join(folder, "berth.db"), { now: () => clock });
	open();
});
afterEach(() => {
	feed.stop();
	store.close();
	rmSync(folder, { recursive: true });
});

function emit(count: number, sessionId: string | null = null): void {
	store.change((change) => {
		for (let n = 0; n < count; n++) {
			change.record({ type: "session.updated", sessionId, workerId: null, data: { n } });
		}
	});
}

/** Reads until `count` events have come. */
async function take(after: number, count: number, filter = {}): Promise<number[]> {
	const over = new AbortController();
	const numbers: number[] = [];
	for await (const events of feed.follow(after, filter, over.signal)) {
		numbers.push(...events.map(({ seq }) => seq));
		if (numbers.length >= count) over.abort();
	}
	return numbers;
}

function refusal(work: () => unknown): BerthError {
	try {
		work();
	} catch (error) {
		if (error instanceof BerthError) return error;
		throw error;
	}
	throw new Error("nothing was refused");
}

test("a follower gets what was there and what comes, each once and in order", async () => {
	emit(3);
	const reading = take(0, 7);
	emit(2);
	await Promise.resolve();
	emit(2);
	expect(await reading).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("a commit between the follower's read and its sleep is not slept through", async () => {
	const over = new AbortController();
	const follower = feed.follow(0, {}, over.signal);
	for (let n = 1; n <= 200; n++) {
		const next = follower.next();
		if (n % 2 === 0) await Promise.resolve();
		emit(1);
		expect((await next).value?.map(({ seq }: { seq: number }) => seq)).toEqual([n]);
	}
	over.abort();
	expect((await follower.next()).done).toBe(true);
});

test("more than a page is read page by page without a gap", async () => {
	emit(PAGE_EVENTS * 2 + 10);
	const numbers = await take(0, PAGE_EVENTS * 2 + 10);
	expect(numbers).toEqual(Array.from({ length: PAGE_EVENTS * 2 + 10 }, (_, n) => n + 1));
});

test("a page's cursor moves over what the filter left out", () => {
	emit(3, "s_1");
	emit(3, "s_2");
	const page = feed.page(0, 2, { sessionId: "s_1" });
	expect(page.events.map(({ seq }) => seq)).toEqual([1, 2]);
	expect(page.next).toBe(2);
	expect(feed.page(2, 2, { sessionId: "s_1" })).toMatchObject({ next: 6, oldest: 1 });
	expect(feed.page(6, 2, {}).next).toBe(6);
});

test("a cursor older than what is kept is told the oldest number", () => {
	emit(10);
	open({ count: 4, ageMs: 10_000 });
	feed.prune();
	const error = refusal(() => feed.check(5));
	expect(error.code).toBe("cursor_too_old");
	expect(error.info).toEqual({ oldest: 7, newest: 10 });
	feed.check(6);
	expect(feed.page(undefined, 100, {}).events.map(({ seq }) => seq)).toEqual([7, 8, 9, 10]);
});

test("a cursor that was never given is refused instead of waiting for ever", () => {
	emit(3);
	expect(refusal(() => feed.check(4)).code).toBe("bad_request");
});

test("a follower that is overtaken by retention is told so", async () => {
	emit(PAGE_EVENTS + 1);
	const follower = feed.follow(0, {}, new AbortController().signal);
	await follower.next();
	emit(20);
	open({ count: 5, ageMs: 10_000 });
	feed.prune();
	await expect(follower.next()).rejects.toMatchObject({ code: "cursor_too_old" });
});

test("events older than the age bound are dropped", () => {
	emit(2);
	clock += 10_001;
	emit(1);
	feed.prune();
	expect(feed.page(undefined, 10, {}).events.map(({ seq }) => seq)).toEqual([3]);
});

test("a follower that is given up leaves nothing behind", async () => {
	emit(1);
	const follower = feed.follow(0, {}, new AbortController().signal);
	await follower.next();
	expect(feed.followers).toBe(1);
	await follower.return(undefined);
	expect(feed.followers).toBe(0);
});
