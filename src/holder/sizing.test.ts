import { describe, expect, test } from "bun:test";
import { chooseSize, Sizing } from "./sizing.ts";

const current = { cols: 80, rows: 24 };
const votes = [
	{ cols: 100, rows: 20, rank: 2 },
	{ cols: 60, rows: 40, rank: 3 },
	{ cols: 120, rows: 30, rank: 1 },
];

describe("the size policy", () => {
	test("latest takes the window of whoever was active last", () => {
		expect(chooseSize("latest", votes, current)).toEqual({ cols: 60, rows: 40 });
	});
	test("smallest fits every window, largest shows what the biggest shows", () => {
		expect(chooseSize("smallest", votes, current)).toEqual({ cols: 60, rows: 20 });
		expect(chooseSize("largest", votes, current)).toEqual({ cols: 120, rows: 40 });
	});
	test("fixed and an empty room keep the size", () => {
		expect(chooseSize("fixed", votes, current)).toEqual(current);
		for (const policy of ["latest", "smallest", "largest"] as const) {
			expect(chooseSize(policy, [], current)).toEqual(current);
		}
	});
});

describe("clients of different sizes", () => {
	test("do not fight: the size follows the one who types", () => {
		const sizing = new Sizing<string>("latest", current);
		expect(sizing.vote("desk", { cols: 200, rows: 50 })).toEqual({ cols: 200, rows: 50 });
		expect(sizing.vote("phone", { cols: 40, rows: 20 })).toEqual({ cols: 40, rows: 20 });
		expect(sizing.typed("desk")).toEqual({ cols: 200, rows: 50 });
		expect(sizing.typed("desk")).toEqual({ cols: 200, rows: 50 });
		expect(sizing.claim("phone")).toEqual({ cols: 40, rows: 20 });
		expect(sizing.left("phone")).toEqual({ cols: 200, rows: 50 });
		expect(sizing.left("desk")).toEqual({ cols: 200, rows: 50 });
	});

	test("an explicit resize holds until somebody's window or typing changes it", () => {
		const sizing = new Sizing<string>("latest", current);
		sizing.vote("desk", { cols: 200, rows: 50 });
		expect(sizing.set({ cols: 90, rows: 30 })).toEqual({ cols: 90, rows: 30 });
		expect(sizing.typed("desk")).toEqual({ cols: 90, rows: 30 });
		expect(sizing.vote("desk", { cols: 201, rows: 50 })).toEqual({ cols: 201, rows: 50 });
	});

	test("fixed moves by a claim or an explicit resize only", () => {
		const sizing = new Sizing<string>("fixed", current);
		expect(sizing.vote("desk", { cols: 200, rows: 50 })).toEqual(current);
		expect(sizing.typed("desk")).toEqual(current);
		expect(sizing.claim("desk")).toEqual({ cols: 200, rows: 50 });
		expect(sizing.left("desk")).toEqual({ cols: 200, rows: 50 });
		expect(sizing.set({ cols: 10, rows: 5 })).toEqual({ cols: 10, rows: 5 });
	});

	test("who never told a size has no vote", () => {
		const sizing = new Sizing<string>("latest", current);
		expect(sizing.typed("script")).toEqual(current);
		expect(sizing.claim("script")).toEqual(current);
	});
});
