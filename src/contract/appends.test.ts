import { expect, test } from "bun:test";
import { Completer, Shortener } from "./appends.ts";
import type { Item, ItemBody, Part } from "./conversation.ts";

let cursor = 0;
const item = (id: string, body: ItemBody): Item => {
	cursor++;
	return { cursor, id, index: 0, workerId: "w_1", generation: 1, at: 1, updatedAt: cursor, body };
};
const message = (id: string, done: boolean, ...parts: Part[]): Item =>
	item(id, { type: "message", role: "assistant", parts, done });
const text = (text: string): Part => ({ type: "text", text });
const link: Part = { type: "link", uri: "file:///a", name: "a" };

test("text that grows is told by what is new, and is put together again", () => {
	const said = [
		message("1", false, text("one")),
		message("2", false, text("between")),
		message("1", false, text("one two")),
		message("1", true, text("one two three")),
		message("2", true, text("between")),
	];
	const shortener = new Shortener();
	const told = said.map((each) => shortener.take(each));
	expect(told.slice(2)).toMatchObject([
		{ id: "1", append: " two", done: false },
		{ id: "1", append: " three", done: true },
		{ id: "2", append: "", done: true },
	]);
	const completer = new Completer();
	expect(told.map((news) => completer.take(news))).toEqual(said);
});

test("whatever else changes is told whole", () => {
	const shortener = new Shortener();
	const said = [
		message("1", false, text("one")),
		message("1", false, text("another")),
		message("1", false, text("another"), link),
		message("1", false, text("another"), link, text("more")),
		message("1", true, text("changed"), link, text("more of it")),
		message("1", true, text("changed"), link, text("more of it, when it was done")),
		item("2", { type: "notice", level: "info", text: "so" }),
	];
	for (const each of said) expect(shortener.take(each)).toEqual(each);
});

test("more of a message that the reader never had is left out", () => {
	const append = { cursor: 1, id: "1", updatedAt: 1, append: "more", done: false };
	expect(new Completer().take(append)).toBeNull();
});
