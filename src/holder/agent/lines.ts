/** Cuts a stream of bytes into lines with bounded memory: a line that is too long is dropped as it comes, and told. */

const NEWLINE = 0x0a;

export interface LineListener {
	onLine(line: string): void;
	/** A line of this many bytes was dropped. */
	onOverlong(bytes: number): void;
}

export class Lines {
	readonly #listener: LineListener;
	readonly #limit: number;
	#pieces: Uint8Array[] = [];
	#bytes = 0;

	constructor(limitBytes: number, listener: LineListener) {
		this.#limit = limitBytes;
		this.#listener = listener;
	}

	/** The bytes are not the caller's any more: copying them would double what a long message costs. */
	push(chunk: Uint8Array): void {
		let start = 0;
		for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
			this.#take(chunk.subarray(start, end));
			this.#finish();
			start = end + 1;
		}
		if (start < chunk.length) this.#take(chunk.subarray(start));
	}

	/** The stream has ended; what has no line end is a line all the same. */
	end(): void {
		if (this.#bytes > 0) this.#finish();
	}

	#take(piece: Uint8Array): void {
		this.#bytes += piece.length;
		if (this.#bytes > this.#limit) this.#pieces = [];
		else if (piece.length > 0) this.#pieces.push(piece);
	}

	#finish(): void {
		const bytes = this.#bytes;
		const pieces = this.#pieces;
		this.#bytes = 0;
		this.#pieces = [];
		if (bytes > this.#limit) this.#listener.onOverlong(bytes);
		else this.#listener.onLine(Buffer.concat(pieces).toString("utf8"));
	}
}
