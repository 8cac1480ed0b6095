/**
 * Tokens: making, checking and revoking them. The database is the truth; the tokens file tells the holders. Streams that a token
 * opened are watched, so that they end with it.
 */
import { newId } from "../../contract/names.ts";
import type { Scope, Token } from "../../contract/system.ts";
import { type Grant, hashToken, matchToken, writeTokensFile } from "../../platform/tokens-file.ts";
import type { TokenRow } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import { allTokens, createToken, dropExpiredTokens, expiredTokens, revokeToken } from "../../store/tokens.ts";

/** Random bytes of a token: 256 bits cannot be guessed. */
const TOKEN_BYTES = 32;

/** How long a browser stays logged in, in milliseconds. */
export const LOGIN_LIFETIME_MS = 30 * 24 * 3600 * 1000;

/** The longest delay that a timer takes: 2^31 - 1 ms; a later expiry is looked at again then. */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface NewTokenRequest {
	label: string;
	scope: Scope;
	sessionId: string | null;
	/** Unix milliseconds; null never. */
	expiresAt: number | null;
	browser: boolean;
}

export interface TokensOptions {
	store: Store;
	tokensFile: string;
	now: () => number;
}

export class Tokens {
	readonly #store: Store;
	readonly #file: string;
	readonly #now: () => number;
	#rows: TokenRow[] = [];
	readonly #watchers = new Map<string, Set<() => void>>();
	#expiry: Timer | null = null;
	readonly #stopListening: () => void;

	constructor({ store, tokensFile, now }: TokensOptions) {
		this.#store = store;
		this.#file = tokensFile;
		this.#now = now;
		// A session that is forgotten takes its tokens along, so tokens follow from what was committed, whoever did it.
		this.#stopListening = store.onEvents((events) => {
			if (events.some(({ type }) => type.startsWith("token.") || type === "session.deleted")) this.#reload();
		});
		this.#reload();
	}

	/** Browsers' logins among them, so that they can be revoked too. */
	list(): Token[] {
		return this.#rows.map(shown);
	}

	/** The token's text is given here and never again. */
	create(request: NewTokenRequest): Token & { token: string } {
		const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))).toString("base64url");
		const token = `berth_${secret}`;
		const row: TokenRow = { id: newId("t"), sha256: hashToken(token), createdAt: this.#now(), ...request };
		this.#store.change((change) => createToken(change, row));
		return { ...shown(row), token };
	}

	/** Takes effect at once, open streams included. Throws `token_not_found`. */
	revoke(id: string): void {
		this.#store.change((change) => revokeToken(change, id));
	}

	/** What a bearer token, or a browser's cookie, grants; null when it is not valid. */
	check(token: string, kind: "bearer" | "browser"): Grant | null {
		const fitting = this.#rows.filter(({ browser }) => browser === (kind === "browser"));
		return matchToken(fitting, token, this.#now());
	}

	/** Calls `ended` when the token is revoked or expires; returns the removal. */
	watch(id: string, ended: () => void): () => void {
		const set = this.#watchers.get(id) ?? new Set();
		this.#watchers.set(id, set.add(ended));
		return () => {
			set.delete(ended);
			if (set.size === 0 && this.#watchers.get(id) === set) this.#watchers.delete(id);
		};
	}

	stop(): void {
		this.#stopListening();
		if (this.#expiry) clearTimeout(this.#expiry);
	}

	#reload(): void {
		this.#rows = allTokens(this.#store.read);
		// A browser's login is for the daemon alone: sessions' ports take bearer tokens.
		const forHolders = this.#rows.filter(({ browser }) => !browser);
		writeTokensFile(
			this.#file,
			forHolders.map(({ id, sha256, scope, sessionId, expiresAt }) => ({
				id,
				sha256,
				scope,
				sessionId,
				expiresAt,
			})),
		);
		const valid = new Set(this.#rows.map(({ id }) => id));
		for (const [id, watchers] of [...this.#watchers]) {
			if (valid.has(id)) continue;
			this.#watchers.delete(id);
			for (const ended of watchers) ended();
		}
		this.#scheduleExpiry();
	}

	#scheduleExpiry(): void {
		if (this.#expiry) clearTimeout(this.#expiry);
		const next = Math.min(...this.#rows.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY));
		if (next === Number.POSITIVE_INFINITY) return;
		const delay = Math.min(Math.max(0, next - this.#now()), LONGEST_TIMER_MS);
		this.#expiry = setTimeout(() => {
			if (expiredTokens(this.#store.read, this.#now()).length > 0) this.#store.change(dropExpiredTokens);
			else this.#scheduleExpiry();
		}, delay);
		this.#expiry.unref();
	}
}

function shown({ id, label, scope, sessionId, createdAt, expiresAt }: TokenRow): Token {
	return { id, label, scope, sessionId, createdAt, expiresAt };
}
