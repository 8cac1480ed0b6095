/**
 * Things to do at a time of the wall clock, each under a key, with one timer for all: a hundred sessions cost no polling.
 * Owned by whoever made it; `stop` drops all. Nothing here survives the process: the times are stored with what they belong to.
 */

/** The longest sleep in milliseconds: after a suspend or a jump of the clock, what has become due is found this late at most. */
const LONGEST_SLEEP_MS = 60_000;

interface Alarm {
	/** Unix milliseconds. */
	at: number;
	ring: () => void;
}

export class Alarms {
	readonly #now: () => number;
	readonly #alarms = new Map<string, Alarm>();
	#timer: Timer | null = null;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** Sets the key's alarm, in place of one that it had. */
	set(key: string, at: number, ring: () => void): void {
		this.#alarms.set(key, { at, ring });
		this.#wind();
	}

	cancel(key: string): void {
		if (this.#alarms.delete(key)) this.#wind();
	}

	stop(): void {
		this.#alarms.clear();
		this.#wind();
	}

	#wind(): void {
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		let next = Number.POSITIVE_INFINITY;
		for (const { at } of this.#alarms.values()) next = Math.min(next, at);
		if (next === Number.POSITIVE_INFINITY) return;
		const wait = Math.max(0, Math.min(next - this.#now(), LONGEST_SLEEP_MS));
		this.#timer = setTimeout(() => this.#ring(), wait);
	}

	#ring(): void {
		const now = this.#now();
		const due = [...this.#alarms].filter(([, { at }]) => at <= now);
		for (const [key] of due) this.#alarms.delete(key);
		this.#wind();
		for (const [, { ring }] of due) ring();
	}
}
