/**
 * A connection of the runtime's, carried on without its clock.
 *
 * As long as one of its sockets is open, Bun's event loop wakes up every second for the Date header of HTTP and every four to look for
 * timeouts, whether anybody uses either (usockets: `us_internal_enable_sweep_timer`). A holder's one open connection is, for days, the
 * daemon's, which waits for notices: with a hundred sessions that was 1 % of a core for nothing. Descriptors that are read as files
 * are waited for in the same loop and have no clock, so the connection's descriptor is taken over and the runtime's socket let go.
 *
 * Owns the descriptor from `takeOver` until `end`, `terminate` or the peer's end; each of them calls `onClose` once.
 */
import { closeSync, writeSync } from "node:fs";
import type { Transport, TransportEvents } from "../link/connection.ts";
import { duplicateDescriptor } from "../platform/libc.ts";

/** Milliseconds until a peer that took nothing is tried again: at first, and at the most. Each try in vain doubles it. */
const RETRY_MS = { first: 1, longest: 100 } as const;

export class QuietSocket implements Transport {
	readonly #events: TransportEvents;
	readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
	#fd: number | null;
	#paused: PromiseWithResolvers<void> | null = null;
	#retry: Timer | null = null;
	#retryMs: number = RETRY_MS.first;

	/** `descriptor` stays the caller's. Null where descriptors cannot be duplicated (anything but Linux) or are used up. */
	static takeOver(descriptor: number, events: TransportEvents): QuietSocket | null {
		const own = duplicateDescriptor(descriptor);
		return own === null ? null : new QuietSocket(own, events);
	}

	private constructor(fd: number, events: TransportEvents) {
		this.#fd = fd;
		this.#events = events;
		this.#reader = Bun.file(fd).stream().getReader();
		void this.#read();
	}

	write(bytes: Uint8Array): number {
		let taken = 0;
		try {
			while (this.#fd !== null && taken < bytes.length) taken += writeSync(this.#fd, bytes, taken);
		} catch (error) {
			// A peer that is gone is told of by the read.
			if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return -1;
			if (taken > 0) this.#retryMs = RETRY_MS.first;
			this.#retry ??= setTimeout(() => this.#tryAgain(), this.#retryMs);
		}
		return taken;
	}

	/** What the kernel has taken still arrives. */
	end(): void {
		this.#close(null);
	}

	terminate(): void {
		this.#close(null);
	}

	pause(): void {
		this.#paused ??= Promise.withResolvers();
	}

	resume(): void {
		this.#paused?.resolve();
		this.#paused = null;
	}

	#tryAgain(): void {
		this.#retry = null;
		this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS.longest);
		this.#events.onDrain();
		if (this.#retry === null) this.#retryMs = RETRY_MS.first;
	}

	async #read(): Promise<void> {
		try {
			for (;;) {
				const { value, done } = await this.#reader.read();
				if (this.#paused !== null) await this.#paused.promise;
				if (done || this.#fd === null) break;
				this.#events.onData(value);
			}
			this.#close(null);
		} catch (error) {
			this.#close(error as Error);
		}
	}

	#close(error: Error | null): void {
		if (this.#fd === null) return;
		closeSync(this.#fd);
		this.#fd = null;
		if (this.#retry !== null) clearTimeout(this.#retry);
		this.#retry = null;
		this.resume();
		// A stream that broke rejects with what was reported already.
		this.#reader.cancel().catch(() => {});
		this.#events.onClose(error);
	}
}
