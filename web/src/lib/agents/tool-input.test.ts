import { expect, test } from "bun:test";
import { diffOf } from "./tool-input.ts";

test("an edit is shown as what it changes, a new file as all of it", () => {
	const input = { file_path: "/a", old_string: "x", new_string: "y" };
	expect(diffOf({ kind: "edit", input })).toEqual({ path: "/a", oldText: "x", newText: "y" });
	expect(diffOf({ kind: "edit", input: { path: "/a", content: "z" } })).toEqual({
		path: "/a",
		oldText: null,
		newText: "z",
	});
});

test("what is no edit, or not understood, is left as it is", () => {
	expect(diffOf({ kind: "execute", input: { file_path: "/a", content: "z" } })).toBeNull();
	for (const input of [null, "text", 7, {}, { file_path: "/a" }, { content: "z" }])
		expect(diffOf({ kind: "edit", input })).toBeNull();
});
