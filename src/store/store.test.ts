import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import type { Event } from "../contract/system.ts";
import { eventBounds, eventsAfter, pruneEvents } from "./events.ts";
import type { SessionRow } from "./schema.ts";
import {
	allSessions,
	createSession,
	deleteSession,
	sessionById,
	sessionsByIdPrefix,
	updateSession,
} from "./sessions.ts";
import { Store } from "./store.ts";
import { session, worker } from "./testing.ts";
import { createToken, dropExpiredTokens, expiredTokens } from "./tokens.ts";
import { allWorkers, createWorker, moveWorker, noteWorker, workerById, workersOf } from "./workers.ts";

let folder: string;
let path: string;
let store: Store;
let clock = 1000;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-store-"));
	path = join(folder, "state", "berth.db");
	clock = 1000;
	store = Store.open(path, { now: () => clock });
});
afterEach(() => {
	store.close();
	rmSync(folder, { recursive: true });
});

function code(work: () => unknown): string {
	try {
		work();
	} catch (error) {
		if (error instanceof BerthError) return error.code;
		return String(error);
	}
	return "nothing thrown";
}

test("a change and its events are committed together, and listeners hear of them afterwards", () => {
	const heard: Event[] = [];
	store.onEvents((events) => {
		expect(sessionById(store.read, "s_1")).toBeDefined();
		heard.push(...events);
	});
	store.change((change) => {
		createSession(change, session("s_1"));
		createWorker(change, worker("w_1", "s_1"));
		expect(heard).toEqual([]);
	});
	expect(heard.map(({ seq, type }) => [seq, type])).toEqual([
		[1, "session.created"],
		[2, "worker.created"],
	]);
	expect(eventsAfter(store.read, 0, 10)).toEqual(heard);
});

test("a change that fails leaves neither rows nor events", () => {
	const fail = () =>
		store.change((change) => {
			createSession(change, session("s_1"));
			throw new BerthError("spawn_failed", "no");
		});
	expect(code(fail)).toBe("spawn_failed");
	expect(sessionById(store.read, "s_1")).toBeUndefined();
	expect(eventsAfter(store.read, 0, 10)).toEqual([]);
});

test("a query that was prepared sees what the change that asks has written, and nothing of what did not commit", () => {
	store.change((change) => createSession(change, session("s_1")));
	expect(sessionById(store.read, "s_1")?.cols).toBe(80);
	const fail = (): void =>
		store.change((change) => {
			updateSession(change, "s_1", { cols: 100 });
			expect(sessionById(change.tx, "s_1")?.cols).toBe(100);
			throw new Error("no");
		});
	expect(fail).toThrow("no");
	expect(sessionById(store.read, "s_1")?.cols).toBe(80);
});

test("a query that was prepared for one database asks no other", () => {
	const other = Store.open(join(folder, "other", "berth.db"), { now: () => clock });
	try {
		store.change((change) => createSession(change, session("s_1")));
		expect(sessionById(store.read, "s_1")).toBeDefined();
		expect(sessionById(other.read, "s_1")).toBeUndefined();
	} finally {
		other.close();
	}
});

test("a store that gave its memory back knows what it knew", () => {
	store.change((change) => createSession(change, session("s_1")));
	store.shrink();
	expect(sessionById(store.read, "s_1")).toEqual(session("s_1"));
});

test("a list of sessions and workers holds everything but environments", () => {
	const row = session("s_1", { baseEnv: { BASE: "secret" } });
	const kept = worker("w_1", "s_1", { env: { OWN: "secret" } });
	store.change((change) => {
		createSession(change, row);
		createWorker(change, kept);
	});
	const { env: _env, baseEnv: _baseEnv, ...sessionFacts } = row;
	const { env: _own, ...workerFacts } = kept;
	expect(allSessions(store.read)).toEqual([sessionFacts]);
	expect(allWorkers(store.read)).toEqual([workerFacts]);
});

test("a change without an event does not commit", () => {
	store.change((change) => createSession(change, session("s_1")));
	const silent = () => store.change(({ tx }) => noteWorker({ tx }, "w_1", { offset: 4 }));
	expect(code(silent)).toContain("recorded no event");
});

test("a state that the table does not allow is refused and nothing is written", () => {
	store.change((change) => {
		createSession(change, session("s_1"));
		createWorker(change, worker("w_1", "s_1"));
	});
	store.change((change) => moveWorker(change, "w_1", "running", { pid: 42 }));
	store.change((change) => moveWorker(change, "w_1", "exited", { exitCode: 3, exitReason: "exited" }));
	expect(code(() => store.change((change) => moveWorker(change, "w_1", "stopping", { pid: 7 })))).toBe(
		"illegal_transition",
	);
	expect(workerById(store.read, "w_1")).toMatchObject({ state: "exited", pid: 42, exitCode: 3 });
	expect(eventsAfter(store.read, 0, 10).map(({ type }) => type)).toEqual([
		"session.created",
		"worker.created",
		"worker.running",
		"worker.exited",
	]);
});

test("clashes are told by what clashes", () => {
	store.change((change) => {
		createSession(change, session("s_1", { name: "api", port: 20_000 }));
		createWorker(change, worker("w_1", "s_1"));
	});
	const again = (over: Partial<SessionRow>) => () =>
		store.change((change) => createSession(change, session("s_2", over)));
	expect(code(again({ name: "api" }))).toBe("name_taken");
	expect(code(again({ port: 20_000 }))).toBe("port_taken");
	const second = worker("w_2", "s_1", { position: 1 });
	expect(code(() => store.change((change) => createWorker(change, second)))).toBe("name_taken");
	expect(code(() => store.change((change) => updateSession(change, "s_9", { name: "x" })))).toBe(
		"session_not_found",
	);
});

test("workers and tokens go with their session", () => {
	store.change((change) => {
		createSession(change, session("s_1"));
		createWorker(change, worker("w_1", "s_1"));
	});
	store.change((change) => deleteSession(change, "s_1"));
	expect(workersOf(store.read, "s_1")).toEqual([]);
});

test("a prefix is compared as it stands", () => {
	store.change((change) => createSession(change, session("s_abc")));
	store.change((change) => createSession(change, session("s_abd")));
	const ids = (prefix: string) => sessionsByIdPrefix(store.read, prefix).map(({ id }) => id);
	expect(ids("s_ab").length).toBe(2);
	expect(ids("s_abc")).toEqual(["s_abc"]);
	expect(ids("sxab")).toEqual([]);
	expect(ids("%")).toEqual([]);
});

test("the environment of a session never enters an event", () => {
	store.change((change) => createSession(change, session("s_1")));
	store.change((change) => updateSession(change, "s_1", { env: { SECRET: "s3cret" }, tags: ["x"] }));
	expect(JSON.stringify(eventsAfter(store.read, 0, 10))).not.toContain("s3cret");
});

test("event numbers are never given twice, even after all events were dropped and the file was opened anew", () => {
	for (const id of ["s_1", "s_2", "s_3"]) store.change((change) => createSession(change, session(id)));
	store.bookkeep((bookkeeping) => pruneEvents(bookkeeping, clock + 1, 100));
	expect(eventBounds(store.read)).toEqual({ oldest: 4, newest: 3 });
	store.close();
	store = Store.open(path, { now: () => clock });
	store.change((change) => createSession(change, session("s_4")));
	expect(eventsAfter(store.read, 0, 10).map(({ seq }) => seq)).toEqual([4]);
});

test("events are kept by count and by age, whichever drops more", () => {
	for (let n = 1; n <= 10; n++) {
		clock = n * 100;
		store.change((change) => createSession(change, session(`s_${n}`)));
	}
	store.bookkeep((bookkeeping) => pruneEvents(bookkeeping, 0, 6));
	expect(eventBounds(store.read)).toEqual({ oldest: 5, newest: 10 });
	store.bookkeep((bookkeeping) => pruneEvents(bookkeeping, 800, 6));
	expect(eventBounds(store.read)).toEqual({ oldest: 8, newest: 10 });
});

test("an expired token is dropped with an event that says so", () => {
	const row = { id: "t_1", label: "", sha256: "aa", scope: "read" as const, sessionId: null, browser: false };
	store.change((change) => createToken(change, { ...row, createdAt: 1, expiresAt: 2000 }));
	expect(expiredTokens(store.read, 1999)).toEqual([]);
	clock = 2000;
	store.change(dropExpiredTokens);
	const last = eventsAfter(store.read, 1, 10)[0];
	expect(last).toMatchObject({ type: "token.revoked", data: { id: "t_1", why: "expired" } });
	expect(JSON.stringify(eventsAfter(store.read, 0, 10))).not.toContain('"aa"');
});

test("the database and what SQLite puts beside it are readable by their owner only", () => {
	store.change((change) => createSession(change, session("s_1")));
	for (const file of ["", "-wal", "-shm"]) expect(statSync(path + file).mode & 0o777).toBe(0o600);
	expect(statSync(join(folder, "state")).mode & 0o777).toBe(0o700);
});
