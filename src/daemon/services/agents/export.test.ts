import { expect, test } from "bun:test";
import type { Item, ItemBody } from "../../../contract/conversation.ts";
import { BerthError } from "../../../contract/errors.ts";
import { type ExportHead, exportJson, exportMarkdown } from "./export.ts";

const head: ExportHead = {
	session: "api",
	worker: "main",
	agent: "claude",
	conversation: "c-1",
	exportedAt: Date.UTC(2026, 0, 2),
};
const sha256 = "a".repeat(64);
const read = (name: string): Uint8Array => {
	if (name !== sha256) throw new BerthError("blob_not_found", "gone");
	return Buffer.from("picture");
};

function itemsOf(...bodies: ItemBody[]): Item[] {
	return bodies.map((body, index) => ({
		...{
			cursor: index + 1,
			id: `1.${index + 1}`,
			index,
			workerId: "w_1",
			generation: 1,
			at: 0,
			updatedAt: 0,
		},
		body,
	}));
}

const text = (value: string) => ({ type: "text" as const, text: value });
const tool = (output: Extract<ItemBody, { type: "tool" }>["output"]): ItemBody => ({
	...{ type: "tool", call: "c", title: "Run\n`x`", name: "Bash", kind: "execute", status: "completed" },
	...{ input: { command: "x" }, output, locations: [] },
});

test("Markdown has who said what, in order, and no content ends its own block", () => {
	const items = itemsOf(
		{ type: "message", role: "user", parts: [text("Why?")], done: true },
		{ type: "message", role: "thought", parts: [text("Hm\n# not a heading")], done: true },
		tool([text("```\nfenced\n````\n")]),
		tool([{ type: "diff", path: "/a.ts", oldText: "one", newText: "two" }]),
		{ type: "message", role: "assistant", parts: [text("Because.")], done: true },
	);
	const markdown = [...exportMarkdown(head, items, read)].join("");
	expect(markdown).toContain(
		"# api/main\n\nclaude, conversation `c-1`, exported 2026-01-02T00:00:00.000Z\n\n## User\n\nWhy?",
	);
	expect(markdown).toContain("## Thought\n\n> Hm\n> # not a heading");
	expect(markdown).toContain("### Tool: Run `x` (completed)");
	expect(markdown).toContain("\n`````\n```\nfenced\n````\n`````\n");
	expect(markdown).toContain("```diff\n-one\n+two\n```");
	expect(markdown.indexOf("Why?")).toBeLessThan(markdown.indexOf("Because."));
});

test("images are in the file, and one that is gone is said to be", () => {
	const image = { sha256, mediaType: "image/png" as const, bytes: 7 };
	const lost = { ...image, sha256: "b".repeat(64) };
	const parts = [image, lost].map((each) => ({ type: "image" as const, image: each }));
	const items = itemsOf({ type: "message", role: "user", parts, done: true });
	const markdown = [...exportMarkdown(head, items, read)].join("");
	const data = Buffer.from("picture").toString("base64");
	expect(markdown).toContain(`![image](data:image/png;base64,${data})`);
	expect(markdown).toContain(`(the image ${lost.sha256} is no longer kept)`);
	const json = JSON.parse([...exportJson(head, items, read)].join(""));
	expect(json).toMatchObject({
		session: "api",
		items,
		images: { [sha256]: { data }, [lost.sha256]: { data: null } },
	});
});

test("JSON of nothing is JSON", () => {
	expect(JSON.parse([...exportJson(head, [], read)].join(""))).toEqual({ ...head, items: [], images: {} });
});
