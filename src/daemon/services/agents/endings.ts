/** Who waits for something to end that is stored, wherever that is decided: an answer, a deadline, an agent's log. */
import type { EventType } from "../../../contract/words.ts";
import type { Reader, Store } from "../../../store/store.ts";

export class Endings<Row> {
	readonly #store: Store;
	readonly #ended: (read: Reader, id: string) => Row | null;
	readonly #waiting = new Map<string, Set<() => void>>();
	readonly #undo: () => void;
	#stopped = false;

	/** `type` is the event that tells of an end, with the `id` in its data; `ended` is what has ended, null while it has not. */
	constructor(store: Store, type: EventType, ended: (read: Reader, id: string) => Row | null) {
		this.#store = store;
		this.#ended = ended;
		this.#undo = store.onEvents((events) => {
			for (const event of events) {
				if (event.type === type) this.#wake(String(event.data.id));
				// What was deleted has ended as well, without an event of its own.
				if (event.type === "session.deleted" || event.data.deleted === true) this.#wakeAll();
			}
		});
	}

	/** How many wait for this one. */
	waiting(id: string): number {
		return this.#waiting.get(id)?.size ?? 0;
	}

	/** What has ended; null when the signal came before, or when it was deleted. */
	async of(id: string, signal: AbortSignal): Promise<Row | null> {
		const ended = (): Row | null => (this.#stopped ? null : this.#ended(this.#store.read, id));
		const already = ended();
		if (already || signal.aborted) return already;
		const { promise, resolve } = Promise.withResolvers<void>();
		const wake = (): void => resolve();
		const all = this.#waiting.get(id) ?? new Set();
		this.#waiting.set(id, all.add(wake));
		signal.addEventListener("abort", wake, { once: true });
		await promise;
		signal.removeEventListener("abort", wake);
		all.delete(wake);
		if (all.size === 0) this.#waiting.delete(id);
		return ended();
	}

	/** Who waits hears of no end any more. */
	stop(): void {
		this.#stopped = true;
		this.#undo();
	}

	#wake(id: string): void {
		for (const wake of this.#waiting.get(id) ?? []) wake();
	}

	#wakeAll(): void {
		for (const id of [...this.#waiting.keys()]) this.#wake(id);
	}
}
