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
		const line = Buffer.from(`${time} ${level} ${message.replaceAll(/[\r\n]+/g, " | ")}${details}\n`);
		if (this.#size > 0 && this.#size + line.length > this.#limit) this.#rotate();
		writeSync(this.#fd, line);
		this.#size += line.length;
	};

	close(): void {
		closeSync(this.#fd);
	}

	#rotate(): void {
		closeSync(this.#fd);
		renameSync(this.#path, `${this.#path}.1`);
		this.#fd = openSync(this.#path, "a", 0o600);
		this.#size = 0;
	}
}
