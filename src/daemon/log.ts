/**
 * The daemon's log: one line per fact, in a private file that is bounded. Owned by the daemon's main; the lines written are in the
 * file when the call returns, so a crash loses none.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** Bytes after which the file becomes `….1`, replacing the one before: the two together are the most that is kept. */
export const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

export type Level = "info" | "warn" | "error";

export type Log = (level: Level, message: string, facts?: Record<string, unknown>) => void;

export class LogFile {
	readonly #path: string;
	readonly #now: () => number;
	readonly #limit: number;
	#fd: number;
	#size: number;
	/** Lines that the disk refused since the last one that it took. */
	#lost = 0;

	constructor(path: string, now: () => number, limit: number = LOG_LIMIT_BYTES) {
		this.#path = path;
		this.#now = now;
		this.#limit = limit;
		this.#fd = openSync(path, "a", 0o600);
		this.#size = fstatSync(this.#fd).size;
	}

	readonly write: Log = (level, message, facts) => {
		const time = new Date(this.#now()).toISOString();
		const details = facts === undefined ? "" : ` ${JSON.stringify(facts)}`;
		// One fact stays one line, whatever a name or an error's text holds.
		const line = `${time} ${level} ${message.replaceAll(/[\r\n]+/g, " | ")}${details}\n`;
		const gap =
			this.#lost === 0 ? "" : `${time} warn ${this.#lost} lines before this one could not be written\n`;
		try {
			this.#append(Buffer.from(gap + line));
			this.#lost = 0;
		} catch (error) {
			// A full or failed disk must not take the daemon down that has to tell of it; how much is missing is told later.
			if ((error as NodeJS.ErrnoException).code === undefined) throw error;
			this.#lost++;
		}
	};

	#append(lines: Uint8Array): void {
		if (this.#size > 0 && this.#size + lines.length > this.#limit) this.#rotate();
		writeSync(this.#fd, lines);
		this.#size += lines.length;
	}

	close(): void {
		closeSync(this.#fd);
	}

	#rotate(): void {
		renameSync(this.#path, `${this.#path}.1`);
		const fd = openSync(this.#path, "a", 0o600);
		closeSync(this.#fd);
		this.#fd = fd;
		this.#size = 0;
	}
}
