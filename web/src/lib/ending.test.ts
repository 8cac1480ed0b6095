import { expect, test } from "bun:test";
import { happened } from "./ending.ts";
import type { Session, Worker } from "./types.ts";

const worker = (id: string, state: Worker["state"], generation = 1) => ({ id, state, generation }) as Worker;
const session = (workers: Worker[], pausedAt?: number) =>
	({ id: "s_1", workers, ...(pausedAt === undefined ? {} : { pausedAt }) }) as Session;

const before = { session: session([worker("w_1", "running"), worker("w_2", "running")]), worker: null };
const second = { ...before, worker: before.session.workers[1]! };

test("a session is closed when its last worker has ended, a worker when it has", () => {
	const half = session([worker("w_1", "running"), worker("w_2", "exited")]);
	expect([happened("close", before, half), happened("close", second, half)]).toEqual([false, true]);
	const whole = session([worker("w_1", "exited"), worker("w_2", "exited")]);
	expect([happened("kill", before, whole), happened("kill", before, undefined)]).toEqual([true, true]);
});

test("a session that is paused has not been closed", () => {
	const paused = session([worker("w_1", "exited")], 5);
	expect([happened("pause", before, paused), happened("close", before, paused)]).toEqual([true, false]);
	expect(happened("pause", before, session([worker("w_1", "stopping")], 5))).toBe(false);
});

test("a restart is proved by a greater generation, also of what ended again at once", () => {
	expect(happened("restart", before, session([worker("w_1", "running", 1)]))).toBe(false);
	expect(happened("restart", before, session([worker("w_1", "starting", 2)]))).toBe(false);
	expect(happened("restart", before, session([worker("w_1", "exited", 2)]))).toBe(true);
	expect(happened("restart", second, session([worker("w_1", "running", 2)]))).toBe(false);
});

test("forgotten is what is not known any more", () => {
	expect(happened("forget", before, session([]))).toBe(false);
	expect(happened("forget", before, undefined)).toBe(true);
	expect(happened("forget", second, session([worker("w_1", "running")]))).toBe(true);
});
