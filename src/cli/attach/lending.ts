/**
 * When the user's terminal is lent to the holder (contract/lending.ts): as soon as it shows the session as it is and nothing is on its way,
 * so that the next key finds the shorter path. It comes back by itself when output is more than can be shown in passing.
 */
import { standardTerminal } from "../../terminal/identity.ts";
import type { Keyboard } from "./keyboard.ts";
import type { WorkerStream } from "./stream.ts";
import type { View } from "./view.ts";

/** Milliseconds without output after which none is expected: shorter than between two keys, longer than between two pieces of a flood. */
const QUIET_MS = 10;

export class Lending {
	/** The holder borrows, and this client is one that types. */
	wanted = false;
	readonly #stream: WorkerStream;
	readonly #view: View;
	readonly #keyboard: Keyboard;
	readonly #detachKeys: string;
	readonly #terminal = standardTerminal();
	#shownAt = 0;
	#timer: Timer | null = null;

	constructor(stream: WorkerStream, view: View, keyboard: Keyboard, detachKeys: string) {
		this.#stream = stream;
		this.#view = view;
		this.#keyboard = keyboard;
		this.#detachKeys = detachKeys;
	}

	/** Output came over the connection: the terminal is not lent. */
	shown(): void {
		if (!this.wanted || this.#terminal === null) return;
		this.#shownAt = performance.now();
		this.#timer ??= setTimeout(() => this.#try(), QUIET_MS);
	}

	stop(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	#try(): void {
		this.#timer = null;
		if (performance.now() - this.#shownAt < QUIET_MS) {
			this.#timer = setTimeout(() => this.#try(), QUIET_MS);
			return;
		}
		const marks = this.#view.settled;
		const { offset } = this.#stream;
		// The next output tries again.
		if (marks === null || offset === null || !this.#keyboard.idle) return;
		this.#keyboard.stop();
		this.#stream.lend({
			terminal: this.#terminal!,
			pid: process.pid,
			detachKeys: this.#detachKeys,
			offset,
			marks,
		});
	}
}
