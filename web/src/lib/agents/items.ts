/** A conversation's items as the page keeps them: by id, the newest version of each. Pure. */
import type { Item } from "../types.ts";

/** Takes in a page of items: an older version of an item never replaces a newer one. Returns those that changed something. */
export function merge(into: Map<string, Item>, items: readonly Item[]): Item[] {
	const news: Item[] = [];
	for (const item of items) {
		const known = into.get(item.id);
		if (known !== undefined && known.cursor >= item.cursor) continue;
		into.set(item.id, item);
		news.push(item);
	}
	return news;
}

export function inOrder(items: Iterable<Item>): Item[] {
	return [...items].sort((a, b) => a.index - b.index);
}

/** What is said by showing nothing: a turn that ended as it should, a request that its card shows. */
export function isQuiet({ body }: Item): boolean {
	switch (body.type) {
		case "turn":
			return body.state !== "failed" && body.state !== "stopped";
		case "message":
			return body.done && body.parts.every((part) => part.type === "text" && part.text.trim() === "");
		default:
			return false;
	}
}
