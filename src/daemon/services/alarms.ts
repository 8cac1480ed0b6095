/**
 * Things to do at a time of the wall clock, each under a key, with one timer for all: a hundred sessions cost no polling.
 * A time is taken for how far away it is when it is set: a clock that is set afterwards brings nothing nearer and puts nothing off.
 * Owned by whoever made it; `stop` drops all. Nothing here survives the process: the times are stored with what they belong to.
 */

/** The longest sleep in milliseconds: after a suspend, what has become due is found this late at most. */
const LONGEST_SLEEP_MS = 60_000;

interface Alarm {
	/** On the monotonic clock, in milliseconds. */
	due: number;
	ring: () => void;
}

export class Alarms {
	readonly #now: () => number;
	readonly #monotonic: () => number;
	readonly #alarms = new Map<string, Alarm>();
	#timer: Timer | null = null;

	constructor(now: () => number, monotonic: () => number) {
		this.#now = now;
		this.#monotonic = monotonic;
	}

	/** Sets the key's alarm to a time in unix milliseconds, in place of one that it had. */
	set(key: string, at: number, ring: () => void): void {
		this.#alarms.set(key, { due: this.#monotonic() + at - this.#now(), ring });
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
		for (const { due } of this.#alarms.values()) next = Math.min(next, due);
		if (next === Number.POSITIVE_INFINITY) return;
		const wait = Math.max(0, Math.min(next - this.#monotonic(), LONGEST_SLEEP_MS));
		this.#timer = setTimeout(() => this.#ring(), wait);
	}

	#ring(): void {
		const now = this.#monotonic();
		// After a pause of the machine many are due at once.
		const ringing = [...this.#alarms]
			.filter(([, { due }]) => due <= now)
			.sort(([, a], [, b]) => a.due - b.due);
		for (const [key] of ringing) this.#alarms.delete(key);
		this.#wind();
		for (const [, { ring }] of ringing) ring();
	}
}
