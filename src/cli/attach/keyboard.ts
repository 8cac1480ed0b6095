/** The keys of the user's terminal, for as long as we have it: read, and passed on at the pace at which the session takes them. */
import type { KeyState } from "../../contract/lending.ts";
import { openTerminalFile } from "../../platform/open-terminal.ts";
import { KeyInput } from "../../terminal/key-input.ts";
import { TerminalInput } from "../../terminal/terminal-input.ts";
import { OutputClosed } from "../output/out.ts";

/** Bytes of input that may wait for the holder before we stop reading, and milliseconds until we look again. */
const BACKLOG_BYTES = 1024 * 1024;
const BACKLOG_WAIT_MS = 20;

export interface KeyboardHost {
	/** Without the keys that detach. */
	typed(input: Uint8Array): void;
	onDetach(): void;
	/** Bytes typed that the holder has not taken yet. */
	readonly unsentInputBytes: number;
	failed(error: unknown): void;
}

export class Keyboard {
	readonly #host: KeyboardHost;
	readonly #keys: KeyInput;
	#input: TerminalInput | null = null;
	#waiting = false;

	/** `detachKeys` in the notation of `--detach-keys`. */
	constructor(host: KeyboardHost, detachKeys: string) {
		this.#host = host;
		this.#keys = new KeyInput(detachKeys, {
			type: (input) => host.typed(input),
			detach: () => {
				this.stop();
				host.onDetach();
			},
		});
	}

	/** Nothing is kept back or waits: somebody else could read on. */
	get idle(): boolean {
		return this.#keys.idle && !this.#waiting && this.#host.unsentInputBytes === 0;
	}

	/** Reads, from where somebody else stopped. Nothing happens when it does already. */
	listen(from?: KeyState): void {
		if (from !== undefined) this.#keys.resume(from);
		this.#input ??= new TerminalInput(openKeyboard(), {
			received: (bytes) => this.#received(bytes),
			ended: (error) => this.#host.failed(error ?? new OutputClosed()),
		});
	}

	/** Leaves what comes to others. */
	stop(): void {
		this.#input?.close();
		this.#input = null;
		this.#keys.stop();
	}

	#received(bytes: Uint8Array): void | Promise<void> {
		this.#keys.push(bytes);
		if (this.#host.unsentInputBytes > BACKLOG_BYTES) return this.#pace();
	}

	async #pace(): Promise<void> {
		this.#waiting = true;
		while (this.#host.unsentInputBytes > BACKLOG_BYTES) await Bun.sleep(BACKLOG_WAIT_MS);
		this.#waiting = false;
	}
}

/** Null where the terminal has no name that we may open: standard input is read then, and cannot be left to others. */
function openKeyboard(): number | null {
	return process.platform === "linux" ? openTerminalFile("/proc/self/fd/0", "read") : null;
}
