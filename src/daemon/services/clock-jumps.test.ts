import { expect, test } from "bun:test";
import { ClockJumps } from "./clock-jumps.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;

/** A clock that time passes on, and that is set. */
function clock() {
	let wall = 1_700_000_000_000;
	let ticks = 0;
	const jumps = new ClockJumps(
		() => wall,
		() => ticks,
	);
	return {
		jumps,
		now: () => wall,
		pass(ms: number) {
			wall += ms;
			ticks += ms;
		},
		set(ms: number) {
			wall += ms;
		},
	};
}

test("time that passed counts, a jump ahead does not", () => {
	const { jumps, now, pass, set } = clock();
	const before = now();
	pass(HOUR);
	expect(jumps.since(before)).toBe(HOUR);
	set(DAY);
	expect(jumps.since(before)).toBe(HOUR);
	const after = now();
	pass(HOUR);
	expect(jumps.since(after)).toBe(HOUR);
	expect(jumps.since(before)).toBe(2 * HOUR);
	set(50 * 365 * DAY);
	expect([jumps.since(before), jumps.since(after)]).toEqual([2 * HOUR, HOUR]);
});

test("a jump that is set back is undone", () => {
	const { jumps, now, pass, set } = clock();
	const before = now();
	set(DAY);
	expect(jumps.since(before)).toBe(0);
	const between = now();
	set(-DAY);
	pass(HOUR);
	expect(jumps.since(before)).toBe(HOUR);
	expect(jumps.since(between)).toBe(0);
});

test("a clock that is slewed is no clock that was set", () => {
	const { jumps, now, pass, set } = clock();
	const before = now();
	for (let n = 0; n < 100; n++) {
		pass(HOUR);
		set(500);
		expect(jumps.since(before)).toBe(now() - before);
	}
});
