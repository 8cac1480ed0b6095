/**
 * Who makes a request, and over what. The gateway decides it once, before any route runs; routes read it here. A request that the
 * gateway has not seen has no caller, and every route refuses it.
 */
import { BerthError } from "../../contract/errors.ts";
import { covers, type Scope } from "../../contract/system.ts";

export interface Caller {
	/** `owner`: the unix socket, which only the owner can open. `nobody`: no valid token; public paths only. */
	via: "owner" | "bearer" | "cookie" | "nobody";
	scope: Scope | null;
	/** The one session that the token sees; null for all. */
	sessionId: string | null;
	tokenId: string | null;
	/** Unix milliseconds; null never. */
	expiresAt: number | null;
	/** Turns the request into a WebSocket that `peer` serves; false when it asked for none. */
	upgrade(peer: WebSocketPeer): boolean;
	/** Lifts the listener's time limit for a silent connection: streams and long calls keep quiet for as long as they like. */
	keepOpen(): void;
}

/** One end of a WebSocket, as its route serves it. */
export interface WebSocketPeer {
	open(socket: PeerSocket): void;
	text(message: string): void;
	binary(message: Uint8Array): void;
	/** Everything written has been taken by the kernel. */
	drain(): void;
	close(): void;
}

export interface PeerSocket {
	/** True when it was taken or queued; false when the connection is gone. */
	send(message: string | Uint8Array): boolean;
	/** Bytes that wait for the peer. */
	readonly bufferedBytes: number;
	close(code: number, reason: string): void;
}

const callers = new WeakMap<Request, Caller>();

export function setCaller(request: Request, caller: Caller): void {
	callers.set(request, caller);
}

export function callerOf(request: Request): Caller {
	const caller = callers.get(request);
	if (!caller) throw new BerthError("unauthorized", "the request did not come through the gateway");
	return caller;
}

/** Refuses a caller whose scope does not cover `needed`. */
export function requireScope(caller: Caller, needed: Scope): void {
	if (caller.scope === null) {
		throw new BerthError(
			"unauthorized",
			"send a token (Authorization: Bearer …; see `berth token`), or log in with `berth ui`",
		);
	}
	if (!covers(caller.scope, needed)) {
		const detail = `this needs the scope ${needed}; the token has ${caller.scope}`;
		throw new BerthError("forbidden", detail, { needed, held: caller.scope });
	}
}

/** Refuses a token that is bound to one session where all of them are concerned. */
export function requireUnbound(caller: Caller): void {
	if (caller.sessionId !== null) {
		const detail = `this concerns all sessions; the token is bound to ${caller.sessionId}`;
		throw new BerthError("forbidden", detail, { sessionId: caller.sessionId });
	}
}
