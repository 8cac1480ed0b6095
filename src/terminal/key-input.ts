/**
 * What is typed into a terminal, on its way to the session: the detach keys taken out, and nothing kept back for long. The same wherever
 * the keys are read, in attach or in the holder that has borrowed the terminal.
 */
import type { KeyState } from "../contract/lending.ts";
import { DetachKeys, parseDetachKeys } from "./detach-keys.ts";

/** Milliseconds that an unfinished escape sequence is kept back; then it was a person's key. */
const ESCAPE_WAIT_MS = 20;

export interface KeyListener {
	/** Keys, without those that detach. */
	type(input: Uint8Array): void;
	detach(): void;
}

export class KeyInput {
	readonly #keys: DetachKeys;
	readonly #listener: KeyListener;
	#timer: Timer | null = null;

	/** `keys` in the notation of `--detach-keys`. */
	constructor(keys: string, listener: KeyListener) {
		this.#keys = new DetachKeys(parseDetachKeys(keys));
		this.#listener = listener;
	}

	/** Nothing is kept back and no paste is under way: whoever reads on needs to know nothing. */
	get idle(): boolean {
		return this.#keys.idle;
	}

	push(bytes: Uint8Array): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		const { input, detach } = this.#keys.push(bytes);
		if (input.length > 0) this.#listener.type(input);
		if (detach) this.#listener.detach();
		else if (this.#keys.unfinished) this.#timer = setTimeout(() => this.#flush(), ESCAPE_WAIT_MS);
	}

	/** Stops; the result is for whoever reads on. */
	stop(): KeyState {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		return this.#keys.take();
	}

	/** Goes on where another stopped. */
	resume({ held, pasting }: KeyState): void {
		if (pasting) this.#keys.paste();
		if (held !== "") this.push(Buffer.from(held, "latin1"));
	}

	#flush(): void {
		this.#timer = null;
		const input = this.#keys.flush();
		if (input.length > 0) this.#listener.type(input);
	}
}
