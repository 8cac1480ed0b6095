/**
 * The one way in. Decides who calls before any route runs, and finishes what every answer carries. Both listeners and the tests go
 * through here.
 */
import { BerthError } from "../../contract/errors.ts";
import type { Log } from "../log.ts";
import type { Tokens } from "../services/tokens.ts";
import type { Traffic } from "../services/traffic.ts";
import { checkBodyHeaders } from "./body.ts";
import { type Caller, setCaller, type WebSocketPeer } from "./caller.ts";
import { readLogin } from "./cookie.ts";
import type { OriginPolicy } from "./origins.ts";
import { asBerthError, problemResponse } from "./problems.ts";
import { secure } from "./security-headers.ts";

/** What the gateway knows of the connection that a request came over. */
export interface Carrier {
	/** The unix socket, which only the owner can open, or a TCP port, which anybody on this machine can. */
	kind: "unix" | "tcp";
	upgrade(peer: WebSocketPeer): boolean;
	keepOpen(): void;
}

export interface GatewayOptions {
	log: Log;
	tokens: Tokens;
	origins: OriginPolicy;
	traffic: Traffic;
	/** The routes. */
	handle: (request: Request) => Promise<Response>;
}

export type Gateway = (request: Request, carrier: Carrier) => Promise<Response | undefined>;

/** Answers one request; undefined when it has become a WebSocket. */
export function createGateway({ log, tokens, origins, traffic, handle }: GatewayOptions): Gateway {
	const callerFor = (request: Request, carrier: Carrier): Omit<Caller, "upgrade" | "keepOpen"> => {
		if (carrier.kind === "unix") {
			return { via: "owner", scope: "admin", sessionId: null, tokenId: null, expiresAt: null };
		}
		origins.check(request);
		const authorization = request.headers.get("authorization");
		const login = readLogin(request);
		const nobody = { via: "nobody", scope: null, sessionId: null, tokenId: null, expiresAt: null } as const;
		if (authorization !== null) {
			const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
			const grant = token === undefined ? null : tokens.check(token, "bearer");
			if (grant === null) throw new BerthError("unauthorized", "the token is unknown, revoked or expired");
			const { id: tokenId, scope, sessionId, expiresAt } = grant;
			return { via: "bearer", scope, sessionId, tokenId, expiresAt };
		}
		const grant = login === null ? null : tokens.check(login.token, login.kind);
		if (grant === null) return nobody;
		origins.checkCookieUse(request);
		const { id: tokenId, scope, sessionId, expiresAt } = grant;
		return { via: "cookie", scope, sessionId, tokenId, expiresAt };
	};

	return async (request, carrier) => {
		let upgraded = false;
		let response: Response;
		try {
			// The Host header is part of the URL: one that makes no URL would fail whoever looks at it later.
			if (!URL.canParse(request.url))
				throw new BerthError("bad_request", "the Host header or the path is not valid");
			setCaller(request, {
				...callerFor(request, carrier),
				upgrade: (peer) => {
					upgraded = carrier.upgrade(peer);
					return upgraded;
				},
				keepOpen: () => carrier.keepOpen(),
			});
			checkBodyHeaders(request);
			response = await handle(request);
		} catch (error) {
			const failure = asBerthError(error);
			if (failure.code === "internal") log("error", `${request.method} ${request.url}: ${describe(error)}`);
			response = problemResponse(failure);
		}
		traffic.count(upgraded ? 101 : response.status);
		return upgraded ? undefined : secure(response);
	};
}

function describe(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
