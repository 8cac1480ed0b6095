/**
 * Gives memory back after a burst of requests. The runtime collects when its heap grows, and a daemon that falls silent after a burst
 * would keep the burst's garbage for days: 100 sessions made in a row left 44 MB private, a collection in the silence 38 MB.
 */

/** Milliseconds between two looks. A look finds silence when nothing was asked since the last one. */
const LOOK_MS = 10_000;

/** Requests below which there is nothing worth a pause of some ten milliseconds. */
const WORTH_REQUESTS = 50;

export class Housekeeping {
	readonly #requests: () => number;
	readonly #collect: () => void;
	readonly #timer: Timer;
	#atLastLook = 0;
	#atLastCollection = 0;

	/** `requests` counts all requests so far; `collect` frees what it can. */
	constructor(requests: () => number, collect: () => void) {
		this.#requests = requests;
		this.#collect = collect;
		this.#timer = setInterval(() => this.look(), LOOK_MS);
		this.#timer.unref();
	}

	look(): void {
		const count = this.#requests();
		const silent = count === this.#atLastLook;
		this.#atLastLook = count;
		if (!silent || count - this.#atLastCollection < WORTH_REQUESTS) return;
		this.#atLastCollection = count;
		this.#collect();
	}

	stop(): void {
		clearInterval(this.#timer);
	}
}
