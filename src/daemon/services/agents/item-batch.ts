/**
 * Items of one reading: changes of an item that come together are one change of it, so that text that streams costs one write a
 * reading, not one a word.
 */
import type { ItemBody } from "../../../contract/conversation.ts";
import { itemsById, type NewItem, putItems } from "../../../store/items.ts";
import type { Bookkeeping } from "../../../store/store.ts";

/** Whose items, and the place of the next new one. */
export interface ItemOwner {
	workerId: string;
	generation: number;
	next: number;
}

export class ItemBatch {
	readonly #bookkeeping: Bookkeeping;
	readonly #owner: ItemOwner;
	readonly #stored: ReadonlyMap<string, NewItem>;
	/** In the order of their last change. */
	readonly #changed = new Map<string, NewItem>();
	#next: number;

	/** `ids` are the items that may be changed; those that are stored are read at once. */
	constructor(bookkeeping: Bookkeeping, owner: ItemOwner, ids: Iterable<string>) {
		this.#bookkeeping = bookkeeping;
		this.#owner = owner;
		this.#next = owner.next;
		const stored = itemsById(bookkeeping.tx, owner.workerId, [...new Set(ids)]);
		this.#stored = new Map(stored.map((item) => [item.id, item]));
	}

	/** A new item, or the whole of one that is there already. */
	put(id: string, body: ItemBody, at: number): void {
		const before = this.#find(id);
		this.#change(before ? { ...before, updatedAt: at, body } : this.#made(id, body, at));
	}

	/** More text of a message. One that never began is taken for an answer. */
	append(id: string, text: string, at: number): void {
		const before = this.#find(id);
		const body = before?.body ?? { type: "message", role: "assistant", parts: [], done: false };
		if (body.type !== "message") return;
		const last = body.parts.at(-1);
		const parts =
			last?.type === "text"
				? [...body.parts.slice(0, -1), { ...last, text: last.text + text }]
				: [...body.parts, { type: "text" as const, text }];
		this.put(id, { ...body, parts }, at);
	}

	/** Stores what has changed; the place of the next new item. */
	write(): number {
		putItems(this.#bookkeeping, this.#owner.workerId, [...this.#changed.values()]);
		return this.#next;
	}

	get size(): number {
		return this.#changed.size;
	}

	#find(id: string): NewItem | undefined {
		return this.#changed.get(id) ?? this.#stored.get(id);
	}

	#made(id: string, body: ItemBody, at: number): NewItem {
		const { workerId, generation } = this.#owner;
		return { workerId, id, index: this.#next++, generation, at, updatedAt: at, body };
	}

	#change(item: NewItem): void {
		// Taken out first: the order of the map is that of the last changes, and so will be that of the cursors.
		this.#changed.delete(item.id);
		this.#changed.set(item.id, item);
	}
}

/** An item that nothing will come for any more, as it ended; null when it had ended. */
export function closedBody(body: ItemBody): ItemBody | null {
	switch (body.type) {
		case "message":
			return body.done ? null : { ...body, done: true };
		case "tool":
			return body.status === "pending" || body.status === "running" ? { ...body, status: "failed" } : null;
		case "permission":
			return body.state === "pending" ? { ...body, state: "cancelled", decision: "deny" } : null;
		case "turn":
			return body.state === "completed" || body.state === "failed" || body.state === "stopped"
				? null
				: { ...body, state: "failed" };
		default:
			return null;
	}
}
