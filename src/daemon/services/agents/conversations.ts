/**
 * Conversations as they are read: pages both ways by cursor, live, and whole in the order of what was said. An item that changes moves to
 * a new cursor, so a reader that keeps the newest version of each id has read everything once it has read both ways from anywhere.
 */
import type { ConversationPage, Item } from "../../../contract/conversation.ts";
import { BerthError } from "../../../contract/errors.ts";
import { itemsAfter, itemsBefore, itemsInOrder, newestCursor } from "../../../store/items.ts";
import type { Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";
import { Wakers } from "../wakers.ts";

/** Items of a page unless another number is asked for, and the most that may be. */
export const PAGE_ITEMS = { usual: 100, most: 500 } as const;

/** Items that a follower or an export holds in memory at once. */
const STEP_ITEMS = 50;

export interface PageQuery {
	after?: number;
	before?: number;
	limit?: number;
}

export class Conversations {
	readonly #store: Store;
	/** One for all: followers are few, and a look without a find is cheap. */
	readonly #wakers = new Wakers();
	#stopped = false;

	constructor(store: Store) {
		this.#store = store;
	}

	/** Where a follower that wants only what is new starts. */
	get newest(): number {
		return newestCursor(this.#store.read);
	}

	/** Throws `bad_request` for a cursor that this database has not given. */
	check(after: number): void {
		const { newest } = this;
		if (after <= newest) return;
		const detail = `the newest cursor is ${newest}: ${after} was not given by this database; read the conversation anew`;
		throw new BerthError("bad_request", detail, { field: "after", newest });
	}

	/** Items after or before a cursor; without either, the newest. */
	page(workerId: string, { after, before, limit = PAGE_ITEMS.usual }: PageQuery): ConversationPage {
		const { read } = this.#store;
		if (after !== undefined && before !== undefined) {
			throw new BerthError("bad_request", "give after or before, not both", { field: "before" });
		}
		this.check(after ?? 0);
		const items =
			after === undefined
				? itemsBefore(read, workerId, before ?? Number.MAX_SAFE_INTEGER, limit)
				: itemsAfter(read, workerId, after, limit);
		const oldest = items[0]?.cursor ?? (after === undefined ? 0 : after + 1);
		const older = itemsBefore(read, workerId, oldest, 1).length > 0;
		return { items, next: items.at(-1)?.cursor ?? after ?? 0, previous: older ? oldest : null };
	}

	/** What comes after the cursor, for as long as `signal` allows. Throws `worker_not_found` when the agent is forgotten. */
	follow(workerId: string, after: number, signal: AbortSignal): AsyncGenerator<readonly Item[]> {
		let cursor = after;
		const next = (): readonly Item[] => {
			if (this.#stopped) return [];
			const { read } = this.#store;
			if (!workerById(read, workerId)) throw new BerthError("worker_not_found", "the agent was forgotten");
			const items = itemsAfter(read, workerId, cursor, STEP_ITEMS);
			cursor = items.at(-1)?.cursor ?? cursor;
			return items;
		};
		return this.#wakers.follow(next, signal);
	}

	/** All of it, as the conversation went. */
	*all(workerId: string): Generator<Item, void, void> {
		for (let from = 0; ; ) {
			const items = itemsInOrder(this.#store.read, workerId, from, STEP_ITEMS);
			yield* items;
			const last = items.at(-1);
			if (!last) return;
			from = last.index + 1;
		}
	}

	/** Something was said or has changed somewhere, or is gone. */
	changed(): void {
		this.#wakers.wake();
	}

	stop(): void {
		this.#stopped = true;
		this.#wakers.wake();
	}
}
