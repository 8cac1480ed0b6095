/** What somebody types while a connection is being made. */

/** Milliseconds after which a key would arrive when nobody expects it any more. */
const FRESH_MS = 5000;

/** Bytes that are worth keeping: more is pasted, and can be pasted again. */
const MOST_BYTES = 64 * 1024;

export class Unsent {
	#pieces: Uint8Array<ArrayBuffer>[] = [];
	#bytes = 0;
	#since = 0;

	keep(piece: Uint8Array<ArrayBuffer>): void {
		if (this.#bytes === 0) this.#since = performance.now();
		this.#bytes += piece.length;
		if (this.#bytes <= MOST_BYTES) this.#pieces.push(piece);
	}

	/** All of it in order, and no more of it afterwards; nothing when its beginning is missing or too old, for an end alone may mean something else. */
	take(): Uint8Array<ArrayBuffer>[] {
		const whole = this.#bytes <= MOST_BYTES && performance.now() - this.#since <= FRESH_MS;
		const pieces = whole ? this.#pieces : [];
		this.#pieces = [];
		this.#bytes = 0;
		return pieces;
	}
}
