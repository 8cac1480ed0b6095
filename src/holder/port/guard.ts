/**
 * Who may call the session's port. A page of another origin must neither call nor read it, not even when its host name is made to
 * resolve to this machine (DNS rebinding); and whoever calls needs a token. Pure but for the tokens, which are passed in.
 */
import { BerthError } from "../../contract/errors.ts";
import type { Grant } from "../../platform/tokens-file.ts";

export type Need = "read" | "write";

/** Hosts and origins under which the port is itself, and the ones of the spec. */
export class Guard {
	readonly #hosts = new Set<string>();
	/** Names that may carry any port. */
	readonly #names = new Set<string>();
	readonly #origins = new Set<string>();

	/**
	 * An entry of `allowed` is an origin (`http://127.0.0.1:19999`: its pages may call), `host:port` (we are reached as that, and its
	 * pages may call), or a host's name (a reverse proxy's: any port, either scheme).
	 */
	constructor(port: number, allowed: readonly string[]) {
		for (const name of ["127.0.0.1", "localhost", "[::1]"]) this.#host(`${name}:${port}`);
		for (const entry of allowed) {
			if (entry.includes("://")) this.#origins.add(entry.toLowerCase().replace(/\/$/, ""));
			else if (/:\d+$/.test(entry)) this.#host(entry.toLowerCase());
			else this.#names.add(entry.toLowerCase());
		}
	}

	#host(host: string): void {
		this.#hosts.add(host);
		this.#origins.add(`http://${host}`);
		this.#origins.add(`https://${host}`);
	}

	/** Throws `origin_refused`. Returns the Origin that may read the answer; null for a caller that is no page. */
	check(headers: Headers): string | null {
		const host = headers.get("host")?.toLowerCase();
		if (host === undefined || !(this.#hosts.has(host) || this.#names.has(nameOf(host)))) {
			throw new BerthError(
				"origin_refused",
				"the Host header names somebody else; call 127.0.0.1 and this port",
				{
					host: host ?? null,
				},
			);
		}
		const origin = headers.get("origin");
		if (origin !== null && !this.#isOurs(origin.toLowerCase())) {
			throw new BerthError("origin_refused", "pages of this origin may not call a session", { origin });
		}
		return origin;
	}

	#isOurs(origin: string): boolean {
		if (this.#origins.has(origin)) return true;
		const match = /^https?:\/\/(.+)$/.exec(origin);
		return match !== null && this.#names.has(nameOf(match[1]!));
	}
}

function nameOf(host: string): string {
	return host.replace(/:\d+$/, "");
}

/** The bearer token of a request; null without one. */
export function bearerToken(headers: Headers): string | null {
	return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** A browser cannot set headers on a WebSocket: the token may stand in the query or be offered as a subprotocol. */
export function socketToken(request: { headers: Headers; query: URLSearchParams }): string | null {
	return bearerToken(request.headers) ?? request.query.get("token") ?? protocolToken(request.headers);
}

const TOKEN_PROTOCOL = "berth.token.";

function offeredProtocols(headers: Headers): string[] {
	return (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
}

function protocolToken(headers: Headers): string | null {
	const offered = offeredProtocols(headers).find((name) => name.startsWith(TOKEN_PROTOCOL));
	return offered?.slice(TOKEN_PROTOCOL.length) || null;
}

/** The subprotocol to choose: one that does not repeat the token when there is a choice. A browser insists on one it offered. */
export function chooseProtocol(headers: Headers): string | null {
	const offered = offeredProtocols(headers).filter((name) => name !== "");
	return offered.find((name) => !name.startsWith(TOKEN_PROTOCOL)) ?? offered[0] ?? null;
}

/** Throws `unauthorized` without a valid token, `forbidden` when its scope or its session does not fit. */
export function authorize(
	token: string | null,
	check: (token: string) => Grant | null,
	sessionId: string,
	need: Need,
): void {
	const grant = token === null ? null : check(token);
	if (grant === null) {
		throw new BerthError("unauthorized", "send `Authorization: Bearer TOKEN`; `berth token` makes one");
	}
	if (grant.sessionId !== null && grant.sessionId !== sessionId) {
		throw new BerthError("forbidden", "the token is bound to another session");
	}
	if (need === "write" && grant.scope === "read") {
		throw new BerthError("forbidden", "the token may read only; this needs the scope write", {
			needed: "write",
		});
	}
}
