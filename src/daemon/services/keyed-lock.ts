/** One thing at a time for each key, in the order of asking. Different keys never wait for each other. */
export class KeyedLock {
	readonly #tails = new Map<string, Promise<unknown>>();

	/** Runs `work` when everything that asked before for this key is done, however that ended. */
	run<T>(key: string, work: () => Promise<T>): Promise<T> {
		const before = this.#tails.get(key) ?? Promise.resolve();
		const mine = before.then(work, work);
		this.#tails.set(key, mine);
		const forget = (): void => {
			if (this.#tails.get(key) === mine) this.#tails.delete(key);
		};
		mine.then(forget, forget);
		return mine;
	}

	/** Resolves when everything that has asked so far is done. */
	async idle(): Promise<void> {
		await Promise.allSettled([...this.#tails.values()]);
	}
}
