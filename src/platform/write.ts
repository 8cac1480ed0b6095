/**
 * write(2) by the shortest way. Between two events of an otherwise idle process node:fs's takes 30 µs longer, which is most of what our
 * own code costs a key on its way to the user's eyes (echo through attach, side by side: 0.83 and 0.97 of tmux), and 1.7 ms to load.
 */
import { writeDescriptor } from "./libc.ts";

/** Bytes taken, at least one. Throws what node:fs throws: EAGAIN where the descriptor does not block and nothing was taken. */
export function writeSome(fd: number, bytes: Uint8Array): number {
	const taken = writeDescriptor(fd, bytes);
	if (taken > 0) return taken;
	// It knows why nothing was taken, and is loaded only then.
	const { writeSync } = require("node:fs") as typeof import("node:fs");
	return writeSync(fd, bytes);
}
