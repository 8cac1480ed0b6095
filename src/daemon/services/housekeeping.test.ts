import { expect, test } from "bun:test";
import { Housekeeping } from "./housekeeping.ts";

test("garbage is collected once, in the silence after a burst, and never under load or for a few requests", () => {
	let requests = 0;
	let collections = 0;
	const housekeeping = new Housekeeping(
		() => requests,
		() => collections++,
	);
	const after = (more: number): number => {
		requests += more;
		housekeeping.look();
		return collections;
	};
	expect(after(10)).toBe(0);
	expect(after(0)).toBe(0);
	expect(after(1000)).toBe(0);
	expect(after(1)).toBe(0);
	expect(after(0)).toBe(1);
	expect(after(0)).toBe(1);
	housekeeping.stop();
});
