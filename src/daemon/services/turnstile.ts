/** Lets a bounded number of pieces of work run at once; the others wait in the order of asking. */
export class Turnstile {
	readonly #limit: number;
	#running = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(limit: number) {
		this.#limit = limit;
	}

	async pass<T>(work: () => Promise<T>): Promise<T> {
		if (this.#running < this.#limit) this.#running++;
		else await new Promise<void>((resolve) => this.#waiting.push(resolve));
		try {
			return await work();
		} finally {
			// The place goes straight to the next, so that nobody who asks now gets in between.
			const next = this.#waiting.shift();
			if (next) next();
			else this.#running--;
		}
	}
}
