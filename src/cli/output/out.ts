/**
 * Writing to standard output and error, straight to the descriptors: what was written is out when the call returns, also when the
 * process exits right after it, and a slow reader slows us instead of filling memory.
 */
import { writeSome } from "../../platform/write.ts";

/** Whoever read our output has gone, as in `berth logs | head`: nothing is left to do, and nothing to complain about. */
export class OutputClosed extends Error {
	constructor() {
		super("the reader of the output has gone");
		this.name = "OutputClosed";
	}
}

/** Milliseconds between attempts while a descriptor that somebody else made non-blocking takes nothing. */
const RETRY_MS = 2;

export function writeAll(fd: 1 | 2, data: string | Uint8Array): void {
	// Buffer takes 1.4 ms to load, which nothing else in a short command needs.
	let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
	while (bytes.length > 0) {
		try {
			bytes = bytes.subarray(writeSome(fd, bytes));
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// EIO: the terminal hung up.
			if (code === "EPIPE" || code === "EIO") throw new OutputClosed();
			if (code !== "EAGAIN") throw error;
			Bun.sleepSync(RETRY_MS);
		}
	}
}
