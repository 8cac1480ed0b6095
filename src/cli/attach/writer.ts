/**
 * Output to a terminal that may not take it (a slow line, Ctrl-S) without ever blocking: keys, signals and the detach keys go on working.
 * What waits is bounded by `full`: whoever feeds the writer stops reading from the session meanwhile, the holder's own queue for us
 * fills, and at its bound it drops it and paints anew.
 */
import type { UserTerminal } from "../../platform/terminal.ts";
import { writeSome } from "../../platform/write.ts";
import { OutputClosed } from "../output/out.ts";

/** Bytes that may wait here before the feeder should stop. */
const FULL_BYTES = 256 * 1024;

/** Milliseconds of one wait for the terminal inside the event loop: short, so that a key is never late by more. */
const WAIT_MS = 2;

/** After this many waits in a row the terminal is stopped rather than slow, and it is looked at every REST_MS. */
const WAITS_BEFORE_REST = 50;
const REST_MS = 20;

const NOTHING = new Uint8Array(0);

export class TerminalWriter {
	readonly #terminal: UserTerminal;
	readonly #drained: () => void;
	readonly #failed: (error: unknown) => void;
	#queue: Uint8Array[] = [];
	#bytes = 0;
	#waits = 0;
	#timer: ReturnType<typeof setImmediate> | Timer | null = null;

	/** `drained` is called when everything was taken after the writer had been full; `failed` when the terminal is gone. */
	constructor(terminal: UserTerminal, drained: () => void, failed: (error: unknown) => void) {
		this.#terminal = terminal;
		this.#drained = drained;
		this.#failed = failed;
	}

	get full(): boolean {
		return this.#bytes >= FULL_BYTES;
	}

	/** The terminal has taken everything. */
	get idle(): boolean {
		return this.#bytes === 0;
	}

	/** Takes the bytes; they are copied when they have to wait. */
	write(data: string | Uint8Array): void {
		const bytes: Uint8Array = typeof data === "string" ? Buffer.from(data) : data;
		const rest = this.#bytes === 0 ? this.#attempt(bytes) : bytes;
		if (rest.length === 0) return;
		this.#queue.push(rest.slice());
		this.#bytes += rest.length;
		this.#schedule();
	}

	/** Drops what waits and writes this as far as the terminal takes it within `limitMs`. For the way out. */
	finish(data: string, limitMs: number): void {
		this.#queue = [];
		this.#bytes = 0;
		const deadline = performance.now() + limitMs;
		let rest: Uint8Array = Buffer.from(data);
		try {
			rest = tryWrite(this.#terminal.output, rest);
			while (rest.length > 0 && performance.now() < deadline) {
				if (this.#terminal.waitWritable(WAIT_MS)) rest = tryWrite(this.#terminal.output, rest);
			}
		} catch (error) {
			// A terminal that is gone needs no restoring.
			if (!(error instanceof OutputClosed)) throw error;
		}
	}

	#attempt(bytes: Uint8Array): Uint8Array {
		try {
			return tryWrite(this.#terminal.output, bytes);
		} catch (error) {
			this.#failed(error);
			return bytes.subarray(bytes.length);
		}
	}

	#schedule(): void {
		this.#timer ??=
			this.#waits < WAITS_BEFORE_REST
				? setImmediate(() => this.#continue())
				: setTimeout(() => this.#continue(), REST_MS);
	}

	#continue(): void {
		this.#timer = null;
		const wasFull = this.full;
		if (!this.#terminal.waitWritable(this.#waits < WAITS_BEFORE_REST ? WAIT_MS : 0)) this.#waits++;
		else {
			this.#waits = 0;
			this.#drain();
		}
		if (this.#bytes > 0) this.#schedule();
		if (wasFull && !this.full) this.#drained();
	}

	#drain(): void {
		while (this.#queue.length > 0) {
			const head = this.#queue[0]!;
			const rest = this.#attempt(head);
			this.#bytes -= head.length - rest.length;
			if (rest.length > 0) {
				this.#queue[0] = rest;
				return;
			}
			this.#queue.shift();
		}
	}
}

/** Writes what the descriptor takes now; returns the rest. */
function tryWrite(fd: number, bytes: Uint8Array): Uint8Array {
	let rest = bytes;
	while (rest.length > 0) {
		try {
			const written = writeSome(fd, rest);
			if (written === rest.length) return NOTHING;
			rest = rest.subarray(written);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (code === "EAGAIN") return rest;
			if (code === "EIO" || code === "EPIPE") throw new OutputClosed();
			throw error;
		}
	}
	return rest;
}
