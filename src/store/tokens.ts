/** Queries of tokens: their hashes, never the tokens. */
import { and, asc, eq, isNotNull, lte } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { type TokenRow, tokens } from "./schema.ts";
import type { Change, Reader } from "./store.ts";

/** Oldest first. */
export function allTokens(read: Reader): TokenRow[] {
	return read.select().from(tokens).orderBy(asc(tokens.createdAt), asc(tokens.id)).all();
}

export function createToken(change: Change, row: TokenRow): void {
	change.tx.insert(tokens).values(row).run();
	const { sha256: _secret, ...data } = row;
	change.record({ type: "token.created", sessionId: row.sessionId, workerId: null, data });
}

export function revokeToken(change: Change, id: string): TokenRow {
	const row = change.tx.delete(tokens).where(eq(tokens.id, id)).returning().get();
	if (!row) throw new BerthError("token_not_found", `there is no token ${id}; see GET /tokens`);
	recordRevocation(change, row, "revoked");
	return row;
}

/** Tokens whose time is over; empty when there is nothing for {@link dropExpiredTokens} to do. */
export function expiredTokens(read: Reader, now: number): TokenRow[] {
	return read
		.select()
		.from(tokens)
		.where(and(isNotNull(tokens.expiresAt), lte(tokens.expiresAt, now)))
		.all();
}

export function dropExpiredTokens(change: Change): void {
	for (const row of expiredTokens(change.tx, change.at)) {
		change.tx.delete(tokens).where(eq(tokens.id, row.id)).run();
		recordRevocation(change, row, "expired");
	}
}

function recordRevocation(change: Change, row: TokenRow, why: "revoked" | "expired"): void {
	const data = { id: row.id, label: row.label, why };
	change.record({ type: "token.revoked", sessionId: row.sessionId, workerId: null, data });
}
