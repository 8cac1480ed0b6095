import { expect, test } from "bun:test";
import { Housekeeping } from "./housekeeping.ts";

test("garbage is collected once, in the silence after a burst, and never under load or for a little work", () => {
	let collections = 0;
	const housekeeping = new Housekeeping({ lookMs: 10_000, worth: 50, collect: () => collections++ });
	const after = (more: number): number => {
		for (let i = 0; i < more; i++) housekeeping.work();
		housekeeping.look();
		return collections;
	};
	expect(after(10)).toBe(0);
	expect(after(0)).toBe(0);
	expect(after(1000)).toBe(0);
	expect(after(1)).toBe(0);
	expect(after(0)).toBe(1);
	expect(after(0)).toBe(1);
	expect(after(50)).toBe(1);
	expect(after(0)).toBe(2);
	for (let i = 0; i < 50; i++) housekeeping.background();
	expect(after(1)).toBe(2);
	expect(after(0)).toBe(3);
	housekeeping.stop();
});
