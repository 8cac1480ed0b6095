import { expect, test } from "bun:test";
import type { Permission } from "../../contract/permission.ts";
import type { Question } from "../../contract/question.ts";
import { changesOf, type FileChange } from "../../contract/tool-changes.ts";
import { callLines } from "./permission.ts";
import { styleFor } from "./style.ts";

test("a change is red and green on a terminal", () => {
	const input = { file_path: "/a", old_string: "one", new_string: "two" };
	const request = {
		kind: "edit",
		tool: "Edit",
		subject: "/a",
		input,
		questions: [] as Question[],
	} as Permission;
	expect(callLines(request, styleFor({}, true))).toEqual([
		...["\x1b[1m/a\x1b[22m", "\x1b[31m- one\x1b[39m", "\x1b[32m+ two\x1b[39m"],
	]);
});

test("questions are shown with what may be answered, and then with what was", () => {
	const option = { id: "v", name: "Vitest", description: "Fast", preview: "expect(1)" };
	const first: Question = {
		...{ id: "q", title: "Library", text: "Which \x1b[8mone?", type: "text", options: [option] },
		...{ multiple: false, ownText: true, required: true },
	};
	const second: Question = { ...first, title: "", text: "How many?", type: "integer", options: [] };
	const request = { kind: "other", subject: "", input: {}, answers: null } as Permission;
	const shown = (more: Partial<Permission>) => callLines({ ...request, ...more }, styleFor({}, false));
	expect(shown({ questions: [first, { ...second, id: "n", required: false }] })).toEqual([
		...["1  Which \\x1b[8mone?  (Library)", "   ( ) Vitest  Fast", "         expect(1)"],
		...["   or a text of your own", "", "2  How many?  (may be left out)", "   or a number"],
	]);
	expect(shown({ questions: [first], answers: { q: ["v"] } })[1]).toBe("   (x) Vitest  Fast");
	expect(shown({ questions: [first], answers: { q: ["none"] } }).at(-1)).toBe("   (x) none");
});

test("an edit tool's input tells what it would change, as each agent names it", () => {
	const table: [unknown, FileChange[]][] = [
		[{ file_path: "/a", old_string: "x", new_string: "y" }, [{ path: "/a", oldText: "x", newText: "y" }]],
		[{ filePath: "/a", oldString: "x", newString: "" }, [{ path: "/a", oldText: "x", newText: "" }]],
		[{ file_path: "/a", content: "all" }, [{ path: "/a", oldText: null, newText: "all" }]],
		[{ notebook_path: "/n", new_source: "z" }, [{ path: "/n", oldText: null, newText: "z" }]],
		[
			{
				file_path: "/a",
				edits: [
					{ old_string: "1", new_string: "2" },
					{ old_string: "3", new_string: "4" },
				],
			},
			[
				{ path: "/a", oldText: "1", newText: "2" },
				{ path: "/a", oldText: "3", newText: "4" },
			],
		],
		[{ file_path: "/a", edits: [{ old_string: "1" }] }, []],
		[{ file_path: "/a" }, []],
		[{ content: "nowhere" }, []],
		[null, []],
		["text", []],
	];
	for (const [input, changes] of table) expect(changesOf(input)).toEqual(changes);
});
