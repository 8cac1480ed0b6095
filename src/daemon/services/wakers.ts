/** Those who wait for something new in a table. They read it by number and are only woken, so that replay and live are one read. */
export class Wakers {
	readonly #waiting = new Set<() => void>();

	get size(): number {
		return this.#waiting.size;
	}

	wake(): void {
		for (const wake of this.#waiting) wake();
	}

	/** What `next` reads, for as long as `signal` allows; when it reads nothing, it is asked again after the next {@link wake}. */
	async *follow<T>(next: () => readonly T[], signal: AbortSignal): AsyncGenerator<readonly T[]> {
		let woken = Promise.withResolvers<void>();
		const wake = () => woken.resolve();
		this.#waiting.add(wake);
		signal.addEventListener("abort", wake);
		try {
			while (!signal.aborted) {
				// Armed before the read: what is written after it is not slept through.
				woken = Promise.withResolvers<void>();
				const read = next();
				if (read.length > 0) yield read;
				else await woken.promise;
			}
		} finally {
			this.#waiting.delete(wake);
			signal.removeEventListener("abort", wake);
		}
	}
}
