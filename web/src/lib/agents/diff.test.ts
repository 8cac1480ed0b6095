import { expect, test } from "bun:test";
import { diffHunks } from "./diff.ts";

const numbers = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join("\n");

test("a change is shown with three lines around it, and says how many are left out before", () => {
	const [hunk, ...rest] = diffHunks(`${numbers}\n`, `${numbers.replace("line 15", "changed")}\n`);
	expect(rest).toEqual([]);
	expect(hunk?.skipped).toBe(11);
	expect(hunk?.lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
		"same line 12",
		"same line 13",
		"same line 14",
		"removed line 15",
		"added changed",
		"same line 16",
		"same line 17",
		"same line 18",
	]);
});

test("a new file is all added", () => {
	expect(diffHunks(null, "a\nb\n")).toEqual([
		{
			skipped: 0,
			lines: [
				{ kind: "added", text: "a" },
				{ kind: "added", text: "b" },
			],
		},
	]);
});

test("texts that are the same have no hunk", () => {
	expect(diffHunks("a\n", "a\n")).toEqual([]);
});

test("huge texts are shown whole instead of being compared for minutes", () => {
	const huge = "x\n".repeat(30_000);
	const [hunk] = diffHunks(huge, "y\n");
	expect(hunk?.lines.length).toBe(30_001);
});
