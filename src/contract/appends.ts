/**
 * A message that is being written, told by what is new of it: for the one side of a stream that takes a text apart, and for the other,
 * which puts it together. Each keeps the messages that are not done, as the reader has them.
 */
import type { Item, ItemAppend, ItemBody } from "./conversation.ts";

type MessageBody = Extract<ItemBody, { type: "message" }>;

/** Items of one stream, in its order. */
class Unfinished {
	readonly #items = new Map<string, Item>();

	message(id: string): { item: Item; body: MessageBody } | undefined {
		const item = this.#items.get(id);
		return item?.body.type === "message" ? { item, body: item.body } : undefined;
	}

	keep(item: Item): void {
		if (item.body.type === "message" && !item.body.done) this.#items.set(item.id, item);
		else this.#items.delete(item.id);
	}
}

export class Shortener {
	readonly #sent = new Unfinished();

	/** The item, or what its reader lacks of it. */
	take(item: Item): Item | ItemAppend {
		const before = this.#sent.message(item.id);
		this.#sent.keep(item);
		if (!before || item.body.type !== "message") return item;
		const append = rest(before.body, item.body);
		if (append === null) return item;
		const { cursor, id, updatedAt, body } = item;
		return { cursor, id, updatedAt, append, done: body.done };
	}
}

export class Completer {
	readonly #read = new Unfinished();

	/** The item as it is now; null for more of one that was never told. */
	take(news: Item | ItemAppend): Item | null {
		const item = "append" in news ? this.#extended(news) : news;
		if (item) this.#read.keep(item);
		return item;
	}

	#extended({ id, cursor, updatedAt, append, done }: ItemAppend): Item | null {
		const before = this.#read.message(id);
		const last = before?.body.parts.at(-1);
		if (!before || last?.type !== "text") return null;
		const parts = [...before.body.parts.slice(0, -1), { ...last, text: last.text + append }];
		return { ...before.item, cursor, updatedAt, body: { ...before.body, parts, done } };
	}
}

/** What `after` has at the end of its text beyond `before`; null when something else of it is another. */
function rest(before: MessageBody, after: MessageBody): string | null {
	const [old, last] = [before.parts.at(-1), after.parts.at(-1)];
	if (old?.type !== "text" || last?.type !== "text" || !last.text.startsWith(old.text)) return null;
	const same = (body: MessageBody) => JSON.stringify({ ...body, done: null, parts: body.parts.slice(0, -1) });
	return same(before) === same(after) ? last.text.slice(old.text.length) : null;
}
