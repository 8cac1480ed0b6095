import { describe, expect, test } from "bun:test";
import { Alarms } from "./alarms.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { Turnstile } from "./turnstile.ts";

describe("a keyed lock", () => {
	test("runs work of one key in order, a failure included, and of different keys at once", async () => {
		const lock = new KeyedLock();
		const order: string[] = [];
		const gate = Promise.withResolvers<void>();
		const first = lock.run("a", async () => {
			await gate.promise;
			order.push("a1");
			throw new Error("no");
		});
		const second = lock.run("a", async () => order.push("a2"));
		await lock.run("b", async () => order.push("b"));
		gate.resolve();
		expect(await first.catch((error: Error) => error.message)).toBe("no");
		await second;
		expect(order).toEqual(["b", "a1", "a2"]);
		await lock.idle();
	});
});

describe("a turnstile", () => {
	test("never lets more through than its limit, and everybody in the end", async () => {
		const turnstile = new Turnstile(3);
		let [inside, most, done] = [0, 0, 0];
		await Promise.all(
			Array.from({ length: 20 }, (_, number) =>
				turnstile
					.pass(async () => {
						inside++;
						most = Math.max(most, inside);
						await Promise.resolve();
						inside--;
						done++;
						if (number % 4 === 0) throw new Error("no");
					})
					.catch(() => {}),
			),
		);
		expect({ most, inside, done }).toEqual({ most: 3, inside: 0, done: 20 });
	});
});

describe("alarms", () => {
	test("ring once, in time, unless they are cancelled or replaced", async () => {
		const now = () => performance.now();
		const alarms = new Alarms(now, now);
		const rung: string[] = [];
		const last = Promise.withResolvers<void>();
		alarms.set("replaced", now() + 5, () => rung.push("first"));
		alarms.set("cancelled", now() + 5, () => rung.push("cancelled"));
		alarms.set("past", now() - 1000, () => rung.push("past"));
		alarms.set("replaced", now() + 20, () => {
			rung.push("second");
			last.resolve();
		});
		alarms.cancel("cancelled");
		await last.promise;
		expect(rung).toEqual(["past", "second"]);
	});

	test("that are due at once ring in the order of their times", async () => {
		let passed = 0;
		const alarms = new Alarms(
			() => passed,
			() => passed,
		);
		const rung: string[] = [];
		const last = Promise.withResolvers<void>();
		alarms.set("second", 20, () => {
			rung.push("second");
			last.resolve();
		});
		alarms.set("first", 10, () => rung.push("first"));
		passed = 30;
		await last.promise;
		expect(rung).toEqual(["first", "second"]);
	});

	test("a clock that is set brings none nearer and puts none off", async () => {
		let set = 0;
		const alarms = new Alarms(
			() => performance.now() + set,
			() => performance.now(),
		);
		const rung: string[] = [];
		const last = Promise.withResolvers<void>();
		const begin = performance.now();
		alarms.set("later", begin + 40, () => {
			rung.push("later");
			last.resolve();
		});
		alarms.set("sooner", begin + 10, () => rung.push("sooner"));
		set = -86_400_000;
		alarms.set("after it was set back", performance.now() + set + 20, () => rung.push("between"));
		alarms.set("tomorrow", performance.now() + set + 86_400_000, () => rung.push("tomorrow"));
		set = 86_400_000;
		await last.promise;
		alarms.stop();
		expect(rung).toEqual(["sooner", "between", "later"]);
	});

	test("one that sets itself again while it rings is not lost", async () => {
		const now = () => performance.now();
		const alarms = new Alarms(now, now);
		let rings = 0;
		const done = Promise.withResolvers<void>();
		const ring = (): void => {
			if (++rings === 3) done.resolve();
			else alarms.set("again", performance.now() + 1, ring);
		};
		alarms.set("again", performance.now(), ring);
		await done.promise;
		alarms.stop();
		expect(rings).toBe(3);
	});
});
