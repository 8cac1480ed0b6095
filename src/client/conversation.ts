/** A structured agent's conversation over HTTP: pages, and items as they come or change. `path` is that of its worker. */
import { Completer } from "../contract/appends.ts";
import type { ConversationPage, Item, ItemAppend } from "../contract/conversation.ts";
import { followStream } from "./follow.ts";
import type { Fetcher } from "./http.ts";

export interface PageQuery {
	/** What is new or changed since this cursor. */
	after?: number;
	/** The last items before this cursor. */
	before?: number;
	limit?: number;
}

/** Without `after` and `before` the newest items. */
export async function conversationPage(
	fetch: Fetcher,
	path: string,
	query: PageQuery = {},
): Promise<ConversationPage> {
	const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
	const response = await fetch(`${path}/conversation?${parameters}`, {
		headers: { accept: "application/json" },
	});
	return (await response.json()) as ConversationPage;
}

/** Each item as it comes and each time it changes, until `signal` aborts; resumes by itself. `after` absent: from now on. */
export async function* followConversation(
	fetch: Fetcher,
	path: string,
	after?: number,
	signal?: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
	// A long answer would come whole with every word that is new.
	const stream = {
		path: `${path}/conversation?appends=true`,
		after,
		cursorOf: ({ cursor }: Item | ItemAppend) => cursor,
	};
	const completer = new Completer();
	for await (const news of followStream<Item | ItemAppend>(fetch, stream, signal)) {
		const item = completer.take(news);
		if (item) yield item;
	}
}
