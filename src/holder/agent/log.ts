/**
 * The agent's log (contract/agent-log.ts): appended, whole lines, before anybody is told. The driver owns the descriptor from the
 * agent's start to its end. A record that the disk refuses is not counted; the line it may have begun is ended by the next one.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AGENT_LOG, type AgentFact } from "../../contract/agent-log.ts";

export interface AgentLogOptions {
	/** Folder of the generation. */
	dir: string;
	/** Unix milliseconds. */
	now: () => number;
	/** The log has this many records now. */
	told: (records: number) => void;
	report: (failure: unknown) => void;
}

export class AgentLog {
	readonly #options: AgentLogOptions;
	#fd: number | null;
	#records = 0;
	#torn = false;

	/** Throws when the file cannot be made. */
	constructor(options: AgentLogOptions) {
		this.#options = options;
		this.#fd = openSync(join(options.dir, AGENT_LOG), "a", 0o600);
	}

	/** False when it could not be written: nobody will ever read it then. */
	write(fact: AgentFact): boolean {
		if (this.#fd === null) return false;
		const line = `${JSON.stringify({ ...fact, n: this.#records + 1, at: this.#options.now() })}\n`;
		const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
		try {
			for (let at = 0; at < bytes.length; ) {
				at += writeSync(this.#fd, bytes, at);
				this.#torn = at < bytes.length;
			}
		} catch (error) {
			this.#options.report(error);
			return false;
		}
		this.#options.told(++this.#records);
		return true;
	}

	/** Nothing is written after it. Idempotent. */
	close(): void {
		if (this.#fd === null) return;
		const fd = this.#fd;
		this.#fd = null;
		try {
			fsyncSync(fd);
		} catch (error) {
			this.#options.report(error);
		}
		closeSync(fd);
	}
}
