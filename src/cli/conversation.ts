/** Reading conversations of structured agents over the API. */
import { followConversation as follow } from "../client/conversation.ts";
import type { ConversationPage, Item } from "../contract/conversation.ts";
import type { Api } from "./api.ts";

/** Items of one request; the API gives no more. */
const PAGE_ITEMS = 500;

/** A page; without a cursor the newest. */
export function conversationPage(
	api: Api,
	target: string,
	query: { after?: number; before?: number; limit?: number },
): Promise<ConversationPage> {
	const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
	return api.json<ConversationPage>(`${api.targetPath(target)}/conversation?${search}`);
}

/** The last `count` items, in the conversation's order, and the cursor for what comes later. */
export async function lastItems(
	api: Api,
	target: string,
	count: number,
): Promise<{ items: Item[]; next: number }> {
	const items = new Map<string, Item>();
	const keep = (page: ConversationPage): void => {
		// What moved while it was read comes with its newer version.
		for (const item of page.items) if (!items.has(item.id)) items.set(item.id, item);
	};
	const first = await conversationPage(api, target, { limit: Math.min(count, PAGE_ITEMS) });
	keep(first);
	let { previous } = first;
	while (previous !== null && items.size < count) {
		const limit = Math.min(count - items.size, PAGE_ITEMS);
		const page = await conversationPage(api, target, { before: previous, limit });
		keep(page);
		previous = page.previous;
	}
	const ordered = [...items.values()].sort((a, b) => a.index - b.index);
	return { items: ordered, next: first.next };
}

/** What is new or changed after the cursor, without end; a daemon that goes is waited for. */
export function followConversation(
	api: Api,
	target: string,
	after: number,
	signal?: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
	return follow(api.client.fetch, api.targetPath(target), after, signal);
}
