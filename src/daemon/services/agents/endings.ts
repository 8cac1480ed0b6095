/** Who waits for a request for permission to end, wherever that is decided: an answer, a deadline, an agent's log. */
import { permissionById } from "../../../store/permissions.ts";
import type { PermissionRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";

export class Endings {
	readonly #store: Store;
	readonly #waiting = new Map<string, Set<() => void>>();
	readonly #undo: () => void;
	#stopped = false;

	constructor(store: Store) {
		this.#store = store;
		this.#undo = store.onEvents((events) => {
			for (const { type, data } of events) {
				if (type !== "permission.ended") continue;
				for (const wake of this.#waiting.get(String(data.id)) ?? []) wake();
			}
		});
	}

	/** How many wait for this one. */
	waiting(id: string): number {
		return this.#waiting.get(id)?.size ?? 0;
	}

	/** The request when it has ended; null when the signal came before. */
	async of(id: string, signal: AbortSignal): Promise<PermissionRow | null> {
		const ended = (): PermissionRow | null => {
			if (this.#stopped) return null;
			const row = permissionById(this.#store.read, id);
			return row && row.state !== "pending" ? row : null;
		};
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
}
