import { expect, test } from "bun:test";
import type { Item } from "../types.ts";
import { inOrder, isQuiet, merge } from "./items.ts";

function said(id: string, index: number, cursor: number, text: string): Item {
	return {
		cursor,
		id,
		index,
		workerId: "w_1",
		generation: 1,
		at: 1,
		updatedAt: cursor,
		body: { type: "message", role: "assistant", parts: [{ type: "text", text }], done: true },
	};
}

test("the newest version of an item stays, in whatever order the versions come", () => {
	const items = new Map<string, Item>();
	merge(items, [said("1.1", 0, 7, "whole")]);
	expect(merge(items, [said("1.1", 0, 3, "half"), said("1.2", 1, 4, "next")]).map(({ id }) => id)).toEqual([
		"1.2",
	]);
	expect(items.get("1.1")?.cursor).toBe(7);
});

test("items are shown in their order, however late one of them changed", () => {
	const items = [said("1.2", 1, 4, "second"), said("1.1", 0, 9, "first, changed last")];
	expect(inOrder(items).map(({ id }) => id)).toEqual(["1.1", "1.2"]);
});

test("a message without text, and a turn that ended as it should, are not shown", () => {
	expect(isQuiet(said("1.1", 0, 1, "  \n"))).toBe(true);
	expect(isQuiet(said("1.1", 0, 1, "text"))).toBe(false);
	const turn = (state: "completed" | "failed"): Item => ({
		...said("1.3", 2, 2, ""),
		body: { type: "turn", promptId: "q_1", state, stopReason: "end_turn", durationMs: 12 },
	});
	expect([isQuiet(turn("completed")), isQuiet(turn("failed"))]).toEqual([true, false]);
});
