/**
 * One-time login tickets. Kept in memory only: a daemon that restarts has forgotten them, and 60 seconds are not worth a table.
 */
import { BerthError } from "../../contract/errors.ts";
import { TICKET_LIFETIME_MS } from "../../contract/limits.ts";
import { hashToken } from "../../platform/tokens-file.ts";

const TICKET_BYTES = 32;

/** Tickets that may wait at once; above it the oldest goes, so that asking cannot grow memory. */
const TICKETS_LIMIT = 100;

export class Tickets {
	readonly #now: () => number;
	/** Hash → expiry, oldest first. */
	readonly #waiting = new Map<string, number>();

	constructor(now: () => number) {
		this.#now = now;
	}

	create(): { ticket: string; expiresAt: number } {
		const ticket = Buffer.from(crypto.getRandomValues(new Uint8Array(TICKET_BYTES))).toString("base64url");
		const expiresAt = this.#now() + TICKET_LIFETIME_MS;
		this.#waiting.set(hashToken(ticket), expiresAt);
		for (const oldest of this.#waiting.keys()) {
			if (this.#waiting.size <= TICKETS_LIMIT) break;
			this.#waiting.delete(oldest);
		}
		return { ticket, expiresAt };
	}

	/** Uses the ticket up. Throws `ticket_invalid`. Looked up by hash, so the time taken tells nothing about a ticket. */
	redeem(ticket: string): void {
		const hash = hashToken(ticket);
		const expiresAt = this.#waiting.get(hash);
		this.#waiting.delete(hash);
		if (expiresAt === undefined || expiresAt <= this.#now()) {
			throw new BerthError(
				"ticket_invalid",
				"this login link has been used or is too old; run `berth ui` for another",
			);
		}
	}
}
