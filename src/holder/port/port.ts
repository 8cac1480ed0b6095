/**
 * The session's own port on loopback: the data paths over HTTP and WebSocket, for scripts and browsers that know only the port. It
 * has no lifecycle; that lives at the daemon and works when this process hangs.
 *
 * Owned by the holder from before its process starts until the process's exit; open WebSockets then get the rest and the exit.
 * Measured (compiled): listening costs 0.3 MB private memory, the first request 0.2 MB more.
 */
import type { Server } from "bun";
import { BerthError } from "../../contract/errors.ts";
import type { HolderSpec } from "../../contract/link.ts";
import { TokensFile } from "../../platform/tokens-file.ts";
import { checkAttach } from "../params.ts";
import type { Worker } from "../worker.ts";
import { BODY_LIMIT_BYTES } from "./body.ts";
import { authorize, bearerToken, chooseProtocol, Guard, socketToken } from "./guard.ts";
import { lifecyclePaths, type Route, routes } from "./routes.ts";
import { attachQuery, type SocketData, socketHandler } from "./socket.ts";

/** Seconds that a connection may be silent in the middle of a request; `run` and `wait` have none. */
const IDLE_SECONDS = 30;

export interface SessionPort {
	/** Whether no request waits for its answer. */
	readonly answered: boolean;
	/** No new connections; those that are open are finished. Idempotent. */
	stop(): void;
}

/** Listens on 127.0.0.1. Throws `port_taken`. `worker` is asked once it exists. */
export function openPort(
	spec: HolderSpec,
	port: number,
	worker: () => Worker,
	now: () => number,
): SessionPort {
	const guard = new Guard(port, spec.allowedOrigins);
	const tokens = new TokensFile(spec.tokensFile, now);
	const desk = new Desk(spec, guard, tokens, worker);
	let server: Server<SocketData>;
	try {
		server = Bun.serve<SocketData>({
			hostname: "127.0.0.1",
			port,
			development: false,
			// Said aloud: with `development: false` Bun 1.4.4 shares the port with whoever binds it next.
			reusePort: false,
			idleTimeout: IDLE_SECONDS,
			// Above our own limit, so that the refusal is a problem document of ours for all but absurd sizes.
			maxRequestBodySize: 2 * BODY_LIMIT_BYTES,
			fetch: (request, self) => desk.answer(request, self),
			websocket: socketHandler,
		});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		throw new BerthError("port_taken", `port ${port} is taken; choose another with --port`, { port }, error);
	}
	let open = true;
	return {
		get answered() {
			return server.pendingRequests === 0;
		},
		stop() {
			if (open) void server.stop(false);
			open = false;
		},
	};
}

class Desk {
	constructor(
		readonly spec: HolderSpec,
		readonly guard: Guard,
		readonly tokens: TokensFile,
		readonly worker: () => Worker,
	) {}

	async answer(request: Request, server: Server<SocketData>): Promise<Response | undefined> {
		let origin: string | null = null;
		this.worker().housekeeping.work();
		try {
			origin = this.guard.check(request.headers);
			const response = await this.#route(request, server, origin);
			return response && finished(response, origin);
		} catch (error) {
			return finished(problem(BerthError.from(error)), origin);
		}
	}

	async #route(
		request: Request,
		server: Server<SocketData>,
		origin: string | null,
	): Promise<Response | undefined> {
		const { pathname, searchParams: query } = new URL(request.url);
		if (request.method === "OPTIONS" && origin !== null) return preflight();
		if (pathname === "/attach") return this.#attach(request, query, server);
		const route = Object.hasOwn(routes, pathname) ? routes[pathname]! : null;
		const token = bearerToken(request.headers);
		this.#authorize(token, route?.need ?? "read");
		if (route === null) throw notHere(pathname, this.spec.sessionId);
		if (request.method !== route.method) throw wrongMethod(pathname, route);
		if (route.long) server.timeout(request, 0);
		const needWrite = () => this.#authorize(token, "write");
		return route.handle({ request, query, worker: this.worker(), needWrite });
	}

	/** All refusals come as HTTP answers, before the protocol is switched. */
	#attach(request: Request, query: URLSearchParams, server: Server<SocketData>): Response | undefined {
		const token = socketToken({ headers: request.headers, query });
		this.#authorize(token, "read");
		const wanted = checkAttach(attachQuery(query));
		if (wanted.role === "writer") this.#authorize(token, "write");
		const protocol = chooseProtocol(request.headers);
		const data: SocketData = {
			worker: this.worker(),
			request: wanted,
			admitted: () => this.#admits(token),
			attachment: null,
			tokenLook: null,
		};
		const headers: Record<string, string> = protocol === null ? {} : { "sec-websocket-protocol": protocol };
		if (server.upgrade(request, { data, headers })) return undefined;
		throw new BerthError("bad_request", "/attach is a WebSocket; send an upgrade request");
	}

	/** For streams, which outlive the check they began with. A file that cannot be read admits nobody. */
	#admits(token: string | null): boolean {
		try {
			this.#authorize(token, "read");
			return true;
		} catch {
			return false;
		}
	}

	#authorize(token: string | null, need: Route["need"]): void {
		authorize(token, (given) => this.tokens.check(given), this.spec.sessionId, need);
	}
}

/** Named by its id: the session may have another name by now. */
function notHere(pathname: string, session: string): BerthError {
	if (!lifecyclePaths.has(pathname)) {
		return new BerthError("not_found", `there is no ${pathname} here; see the daemon's /docs`);
	}
	const path = `/sessions/${session}${pathname}`;
	return new BerthError("lifecycle_at_daemon", `ask the daemon: POST ${path}`, { path });
}

function wrongMethod(pathname: string, route: Route): BerthError {
	return new BerthError("method_not_allowed", `${pathname} takes ${route.method}`, { allow: route.method });
}

function problem(error: BerthError): Response {
	const headers: Record<string, string> = { "content-type": "application/problem+json" };
	if (error.code === "unauthorized") headers["www-authenticate"] = "Bearer";
	if (error.code === "method_not_allowed") headers.allow = String(error.info?.allow ?? "");
	return new Response(JSON.stringify(error.toProblem()), { status: error.status, headers });
}

/** What an allowed page asks before it sends what is no simple request. */
function preflight(): Response {
	return new Response(null, {
		status: 204,
		headers: {
			"access-control-allow-methods": "GET, POST",
			"access-control-allow-headers": "authorization, content-type",
			"access-control-max-age": "600",
		},
	});
}

/** Headers that every answer has. */
function finished(response: Response, origin: string | null): Response {
	response.headers.set("x-content-type-options", "nosniff");
	response.headers.set("cache-control", "no-store");
	if (origin !== null) {
		response.headers.set("access-control-allow-origin", origin);
		response.headers.set(
			"access-control-expose-headers",
			"berth-start-offset, berth-end-offset, berth-generation, berth-offset",
		);
		response.headers.set("vary", "origin");
	}
	return response;
}
