/**
 * The feed of events: pages, and live followers. A follower reads the table by number and is only woken by commits, so that replay
 * and live events are one and the same read and there is no seam between them to lose an event in.
 */
import { BerthError } from "../../contract/errors.ts";
import { EVENT_RETENTION } from "../../contract/limits.ts";
import type { Event, EventPage } from "../../contract/system.ts";
import { type EventFilter, eventBounds, eventsAfter, eventsBefore, pruneEvents } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import { Wakers } from "./wakers.ts";

/** Events per read: bounds a page, and what a follower holds in memory. */
export const PAGE_EVENTS = 500;

/** Events between two prunings; the table may grow by this much beyond its bound. */
const PRUNE_EVERY = 500;

/** Milliseconds between two prunings by age. */
const PRUNE_INTERVAL_MS = 3600 * 1000;

export interface FeedOptions {
	store: Store;
	now: () => number;
	retention?: { count: number; ageMs: number };
}

export class Feed {
	readonly #store: Store;
	readonly #now: () => number;
	readonly #retention: { count: number; ageMs: number };
	readonly #wakers = new Wakers();
	readonly #stopListening: () => void;
	readonly #timer: Timer;
	#sincePruning = 0;

	constructor({ store, now, retention = EVENT_RETENTION }: FeedOptions) {
		this.#store = store;
		this.#now = now;
		this.#retention = retention;
		this.#stopListening = store.onEvents((events) => this.#committed(events.length));
		this.#timer = setInterval(() => this.prune(), PRUNE_INTERVAL_MS);
		this.#timer.unref();
		this.prune();
	}

	/** Where a follower that wants only what is new starts. */
	get newest(): number {
		return eventBounds(this.#store.read).newest;
	}

	/** Throws `cursor_too_old` when events after `after` have been dropped, `bad_request` when it is beyond the newest. */
	check(after: number): void {
		const { oldest, newest } = eventBounds(this.#store.read);
		if (after + 1 < oldest) {
			const detail = `events after ${after} were asked for; the oldest kept is ${oldest}: read on from there, or list the sessions anew`;
			throw new BerthError("cursor_too_old", detail, { oldest, newest });
		}
		if (after > newest) {
			const detail = `the newest event is ${newest}: ${after} was not given by this database; list the sessions anew`;
			throw new BerthError("bad_request", detail, { field: "after", oldest, newest });
		}
	}

	page(after: number | undefined, limit: number, filter: EventFilter): EventPage {
		const { oldest, newest } = eventBounds(this.#store.read);
		const from = after ?? oldest - 1;
		this.check(from);
		const events = eventsAfter(this.#store.read, from, limit, filter);
		// A page that is not full has seen everything: the cursor then moves over what the filter left out.
		const next = events.length === limit ? events.at(-1)!.seq : Math.max(newest, from);
		return { events, next, oldest };
	}

	/** The last events before the number `before`; `next` is the newest number, from where a stream goes on. */
	pageBefore(before: number, limit: number, filter: EventFilter): EventPage {
		const { oldest, newest } = eventBounds(this.#store.read);
		return { events: eventsBefore(this.#store.read, before, limit, filter), next: newest, oldest };
	}

	/**
	 * Events after `after` for as long as `signal` allows, in order and without a gap. Throws `cursor_too_old` when the reader was so slow
	 * that what it has not read yet was dropped.
	 */
	follow(after: number, filter: EventFilter, signal: AbortSignal): AsyncGenerator<readonly Event[]> {
		let cursor = after;
		const next = (): readonly Event[] => {
			const page = this.page(cursor, PAGE_EVENTS, filter);
			cursor = page.next;
			return page.events;
		};
		return this.#wakers.follow(next, signal);
	}

	/** How many follow now. */
	get followers(): number {
		return this.#wakers.size;
	}

	prune(): void {
		this.#sincePruning = 0;
		const { count, ageMs } = this.#retention;
		this.#store.bookkeep((bookkeeping) => pruneEvents(bookkeeping, this.#now() - ageMs, count));
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#stopListening();
		this.#wakers.wake();
	}

	#committed(count: number): void {
		this.#sincePruning += count;
		if (this.#sincePruning >= PRUNE_EVERY) this.prune();
		this.#wakers.wake();
	}
}
