/** The end of the daemon's log, for those who have to say why it does not run. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes of the log's end that are looked at: more than one line has. */
const TAIL_BYTES = 4096;

/** The last line that was written from `start` on; null when there is none. */
export function lastLogLine(file: string, start = 0): string | null {
	if (!existsSync(file)) return null;
	const fd = openSync(file, "r");
	try {
		const size = fstatSync(fd).size;
		const from = Math.max(start, size - TAIL_BYTES);
		const bytes = Buffer.alloc(Math.max(0, size - from));
		readSync(fd, bytes, 0, bytes.length, from);
		return bytes.toString().trim().split("\n").at(-1) || null;
	} finally {
		closeSync(fd);
	}
}
