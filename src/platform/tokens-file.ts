/**
 * The file of token hashes that every holder checks its port's callers against. The daemon owns it and replaces it as a whole;
 * a holder reads it again when it was replaced, so that a revoked token stops working at once, with or without a daemon.
 */
import { statSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import type { Scope } from "../contract/system.ts";
import { readJson, writeFileAtomic } from "./files.ts";

/** A token as it is kept: never the token itself. */
export interface TokenEntry {
	id: string;
	/** SHA-256 of the token, hex. */
	sha256: string;
	scope: Scope;
	/** Bound to this session; null for all. */
	sessionId: string | null;
	/** Unix milliseconds; null never. */
	expiresAt: number | null;
}

/** What a valid token lets its bearer do. */
export interface Grant {
	id: string;
	scope: Scope;
	sessionId: string | null;
	expiresAt: number | null;
}

interface TokensDocument {
	tokens: TokenEntry[];
}

/** Not by node:crypto, which costs every holder that loads it 1.5 MB. */
export function hashToken(token: string): string {
	return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}

/**
 * The entry that the token belongs to, if it has not expired. Every entry is compared in full and in constant time, so that the time
 * taken tells nothing about any hash.
 */
export function matchToken(entries: Iterable<TokenEntry>, token: string, now: number): Grant | null {
	const given = Buffer.from(hashToken(token), "hex");
	let found: TokenEntry | null = null;
	for (const entry of entries) {
		const kept = Buffer.from(entry.sha256, "hex");
		if (kept.length === given.length && crypto.timingSafeEqual(kept, given)) found = entry;
	}
	if (found === null || (found.expiresAt !== null && found.expiresAt <= now)) return null;
	return { id: found.id, scope: found.scope, sessionId: found.sessionId, expiresAt: found.expiresAt };
}

/** Replaces the file (0600) in one step. */
export function writeTokensFile(path: string, tokens: readonly TokenEntry[]): void {
	const document: TokensDocument = { tokens: [...tokens] };
	writeFileAtomic(path, `${JSON.stringify(document)}\n`);
}

/** A reader's view of the file. No file means no valid token. */
export class TokensFile {
	readonly #path: string;
	readonly #now: () => number;
	#version = "";
	#entries: TokenEntry[] = [];

	constructor(path: string, now: () => number) {
		this.#path = path;
		this.#now = now;
	}

	/** What the token grants; null when it is unknown, revoked or expired. A damaged file throws, and so grants nothing. */
	check(token: string): Grant | null {
		this.#refresh();
		return matchToken(this.#entries, token, this.#now());
	}

	#refresh(): void {
		const stat = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
		// A replacement by rename is a new inode even when the clock's step hides the change of time.
		const version = stat === undefined ? "" : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
		if (version === this.#version) return;
		this.#entries = version === "" ? [] : this.#read();
		this.#version = version;
	}

	#read(): TokenEntry[] {
		try {
			return readJson<TokensDocument>(this.#path)?.tokens ?? [];
		} catch (error) {
			const why = `${this.#path} cannot be read; start the daemon, which writes it anew`;
			throw new BerthError("internal", why, undefined, error);
		}
	}
}
