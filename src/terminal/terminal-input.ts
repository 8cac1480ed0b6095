/**
 * Reads a terminal until it is told to stop. What the kernel has not handed over by then stays in the terminal, for whoever
 * reads next: a read is always under way, and what it brings is delivered before anything else runs.
 */
import { closeSync } from "node:fs";

export interface InputListener {
	/** A promise is waited for before more is read. */
	received(bytes: Uint8Array): void | Promise<void>;
	/** The terminal is gone, null, or could not be read. Nothing follows. Not called after `close`. */
	ended(error: unknown): void;
}

export class TerminalInput {
	readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
	readonly #fd: number | null;
	#closed = false;

	/** Takes the descriptor over, which must not block, and closes it. Null reads standard input, which stays open. */
	constructor(fd: number | null, listener: InputListener) {
		this.#fd = fd;
		this.#reader = (fd === null ? Bun.stdin : Bun.file(fd)).stream().getReader();
		void this.#read(listener);
	}

	/** Idempotent. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		// A stream that broke rejects with what was told already.
		this.#reader.cancel().catch(() => {});
		if (this.#fd !== null) closeSync(this.#fd);
	}

	async #read(listener: InputListener): Promise<void> {
		try {
			for (;;) {
				const { value, done } = await this.#reader.read();
				if (this.#closed) return;
				if (done) break;
				const waited = listener.received(value);
				if (waited !== undefined) await waited;
			}
			this.close();
			listener.ended(null);
		} catch (error) {
			if (this.#closed) return;
			this.close();
			listener.ended(error);
		}
	}
}
