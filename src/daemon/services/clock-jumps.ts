/**
 * How long ago something was, by a wall clock that may be set meanwhile.
 *
 * A machine without a clock of its own starts in 1970 and jumps half a century when it hears of the time; nobody was idle for that long.
 * What the wall clock went ahead of the monotonic one since the last question is such a jump, and does not count for what was
 * before it. A clock that is set back only makes things look more recent, which ends nothing.
 */

/** Milliseconds by which the two clocks may part without a jump: clocks are also slewed, and read one after the other. */
const TOLERANCE_MS = 1000;

export class ClockJumps {
	readonly #now: () => number;
	readonly #monotonic: () => number;
	#ahead: number;
	/** Jumps ahead: when they were noticed, in unix ms, and how far they went. */
	#jumps: { at: number; ms: number }[] = [];

	constructor(now: () => number, monotonic: () => number) {
		this.#now = now;
		this.#monotonic = monotonic;
		this.#ahead = now() - monotonic();
	}

	/** Milliseconds that have passed since this unix time, at most; never less than 0. */
	since(at: number): number {
		const now = this.#now();
		const ahead = now - this.#monotonic();
		const ms = ahead - this.#ahead;
		this.#ahead = ahead;
		if (ms > TOLERANCE_MS) this.#jumps.push({ at: now, ms });
		// Set back before an earlier jump, that jump is undone.
		if (ms < -TOLERANCE_MS) this.#jumps = this.#jumps.filter((jump) => jump.at <= now);
		let passed = now - at;
		for (const jump of this.#jumps) if (at < jump.at) passed -= jump.ms;
		return Math.max(0, passed);
	}
}
