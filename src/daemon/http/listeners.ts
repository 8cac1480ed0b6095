/**
 * The two listeners over one gateway. They belong to the daemon's main and live as long as it; the unix socket's file stays behind
 * after a crash and is replaced by the next daemon, which holds the lock.
 */
import { chmodSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Server, ServerWebSocket } from "bun";
import { BerthError } from "../../contract/errors.ts";
import { FRAME_LIMIT_BYTES } from "../../contract/limits.ts";
import type { Settings } from "../../platform/config.ts";
import { BODY_LIMIT_BYTES } from "./body.ts";
import type { PeerSocket, WebSocketPeer } from "./caller.ts";
import type { Gateway } from "./gateway.ts";
import { isLoopback } from "./origins.ts";

/** Seconds without a sign of life, pings included, after which a WebSocket is dead (Bun pings by itself). */
const WEBSOCKET_IDLE_SECONDS = 30;

/**
 * Seconds without a byte after which a connection is given up. Calls that answer late lift it for the time until they answer; streams
 * write more often than this.
 */
const REQUEST_IDLE_SECONDS = 30;

/** No bound of Bun's, whose refusal has no problem document: body.ts bounds every body before it is in memory. */
const HARD_BODY_LIMIT_BYTES = Number.MAX_SAFE_INTEGER;

/**
 * Bytes that may wait in one WebSocket. The bridge stops reading from the holder long before; what it has by then is at most one frame,
 * and the largest, a snapshot of a long coloured scrollback, must fit.
 */
const WEBSOCKET_BACKLOG_BYTES = FRAME_LIMIT_BYTES + 1024 * 1024;

type Socket = ServerWebSocket<WebSocketPeer>;

function peerSocket(socket: Socket): PeerSocket {
	return {
		send: (message) => socket.send(message) !== 0,
		get bufferedBytes() {
			return socket.getBufferedAmount();
		},
		close: (code, reason) => socket.close(code, reason),
	};
}

const websocket = {
	idleTimeout: WEBSOCKET_IDLE_SECONDS,
	sendPings: true,
	backpressureLimit: WEBSOCKET_BACKLOG_BYTES,
	closeOnBackpressureLimit: true,
	maxPayloadLength: BODY_LIMIT_BYTES,
	open(socket: Socket) {
		socket.binaryType = "uint8array";
		socket.data.open(peerSocket(socket));
	},
	message(socket: Socket, message: string | Uint8Array) {
		if (typeof message === "string") socket.data.text(message);
		else socket.data.binary(message);
	},
	drain(socket: Socket) {
		socket.data.drain();
	},
	close(socket: Socket) {
		socket.data.close();
	},
};

function common(gateway: Gateway, kind: "unix" | "tcp") {
	return {
		maxRequestBodySize: HARD_BODY_LIMIT_BYTES,
		development: false,
		websocket,
		fetch: (request: Request, server: Server<WebSocketPeer>) =>
			gateway(withRoutableHost(request), {
				kind,
				upgrade: (peer) => server.upgrade(request, { data: peer }),
				keepOpen: () => server.timeout(request, 0),
			}),
	} as const;
}

/**
 * Elysia 1.4 looks for the path from the URL's 12th character on, so that it misses the path behind a host of one to three letters, as in
 * `curl --unix-socket … http://x/health`; its own remedy, `standardHostname: false`, misses every path of an https URL. The
 * Host header, by which we judge, stays as it was.
 */
const ROUTER_SKIPS = "http://abcd".length;

function withRoutableHost(request: Request): Request {
	const { url } = request;
	const authority = url.indexOf("//") + 2;
	const path = url.indexOf("/", authority);
	if (path === -1 || path >= ROUTER_SKIPS) return request;
	return new Request(`${url.slice(0, authority)}localhost${url.slice(path)}`, request);
}

/** Milliseconds that open answers get to end by themselves: streams were told that the daemon stops. */
const GRACE_MS = 300;

interface Listener {
	/** Takes nobody in any more, lets what is open end for a moment, and cuts off the rest. */
	stop(): Promise<void>;
}

async function stopServer(server: Server<WebSocketPeer>): Promise<void> {
	await Promise.race([server.stop(), Bun.sleep(GRACE_MS)]);
	await server.stop(true);
}

/** Binds beside the final path and moves over it: clients meet the old socket or the new one, never none and never a public one. */
export function listenUnix(path: string, gateway: Gateway): Listener {
	// Always the same and short: what a crash leaves of it is replaced, and a deep home still fits into a socket's address.
	const temporary = join(dirname(path), ".new");
	rmSync(temporary, { force: true });
	const options = { ...common(gateway, "unix"), unix: temporary };
	// Bun's types know no idle time-out for unix sockets; Bun 1.4.4 has one, of 10 s, and takes another all the same.
	const limited = { ...options, idleTimeout: REQUEST_IDLE_SECONDS };
	const server = Bun.serve<WebSocketPeer>(limited as typeof options);
	chmodSync(temporary, 0o600);
	renameSync(temporary, path);
	return {
		async stop() {
			rmSync(path, { force: true });
			await stopServer(server);
		},
	};
}

/** `url` is null while `settings.port` is 0. */
export interface TcpListener extends Listener {
	url: string;
}

/** Throws `bad_request` when the address would be open to the network without TLS, `port_taken` when the port is in use. */
export function listenTcp(settings: Settings, gateway: Gateway): TcpListener {
	const { host, port, tlsCert, tlsKey } = settings;
	checkExposure(settings);
	const tls =
		tlsCert === "" ? {} : { tls: { cert: readPem(tlsCert, "tls_cert"), key: readPem(tlsKey, "tls_key") } };
	let server: Server<WebSocketPeer>;
	try {
		const idleTimeout = REQUEST_IDLE_SECONDS;
		// Said aloud: with `development: false` Bun 1.4.4 shares the port with whoever binds it next.
		const reusePort = false;
		server = Bun.serve<WebSocketPeer>({
			...common(gateway, "tcp"),
			...tls,
			hostname: host,
			port,
			idleTimeout,
			reusePort,
		});
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "EADDRINUSE")
			throw new BerthError("port_taken", `${host}:${port} is in use`, { port }, error);
		const why = error instanceof Error ? error.message : String(error);
		throw new BerthError("bad_request", `cannot listen on ${host}:${port}: ${why}`, undefined, error);
	}
	const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
	return {
		url: `${tlsCert === "" ? "http" : "https"}://${name}:${server.port}`,
		stop: () => stopServer(server),
	};
}

function checkExposure({ host, tlsCert, tlsKey, insecure }: Settings): void {
	if ((tlsCert === "") !== (tlsKey === "")) {
		throw new BerthError("bad_request", "TLS needs both tls_cert and tls_key");
	}
	if (!isLoopback(host) && tlsCert === "" && !insecure) {
		const advice =
			"set tls_cert and tls_key, or insecure = true (--insecure, BERTH_INSECURE=1) where the network is trusted";
		throw new BerthError("bad_request", `${host} is reachable from the network: ${advice}`);
	}
}

function readPem(path: string, key: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new BerthError("bad_request", `${key}: ${path} cannot be read: ${why}`, undefined, error);
	}
}
