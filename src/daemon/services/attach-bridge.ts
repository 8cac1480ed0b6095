/**
 * Carries one attach stream between a WebSocket and a holder. Owned by the WebSocket: whichever side goes takes the other along.
 *
 *   holder ──frames──▶ bridge ──messages──▶ client     a client that reads slowly stops the reading from the holder, whose own
 *   holder ◀──input─── bridge ◀──messages── client     bounded queue then drops, resyncs and never waits
 */
import type { BerthError } from "../../contract/errors.ts";
import { INPUT_LIMIT_BYTES, SIZE_LIMITS } from "../../contract/limits.ts";
import type { AttachRequest, ClientMessage, FlowMessage, ServerMessage } from "../../contract/stream.ts";
import { AttachStream } from "../../link/client.ts";
import type { PeerSocket, WebSocketPeer } from "../http/caller.ts";

/** Bytes waiting for the client above which reading from the holder stops; it goes on when all of them are taken. */
const PAUSE_ABOVE_BYTES = 256 * 1024;

/** Bytes of input waiting for the holder above which the client is cut off: its program does not read. */
const INPUT_BACKLOG_BYTES = 2 * INPUT_LIMIT_BYTES;

/** RFC 6455 §7.4.1, and the registry it founded. */
const NORMAL = 1000;
const POLICY = 1008;
const TOO_BIG = 1009;
const TRY_AGAIN = 1013;
const RESTARTING = 1012;

/** A client's messages that are nothing but their type. */
const BARE = ["claim", "repaint", "pause", "resume"] as const;

export interface BridgeOptions {
	socketPath: string;
	request: AttachRequest;
	/** Both are asked to end the bridge from outside; each returns its removal. */
	onRevoked: (ended: () => void) => () => void;
	stopping: AbortSignal;
	/** Told once when the stream is over. */
	onEnd: () => void;
}

export class AttachBridge implements WebSocketPeer {
	readonly #options: BridgeOptions;
	#socket: PeerSocket | null = null;
	#stream: AttachStream | null = null;
	#early: (Uint8Array | ClientMessage)[] = [];
	#earlyBytes = 0;
	#paused = false;
	/** The client asked to be left alone for now. */
	#held = false;
	#exited = false;
	#over = false;
	readonly #removals: (() => void)[] = [];

	constructor(options: BridgeOptions) {
		this.#options = options;
	}

	open(socket: PeerSocket): void {
		this.#socket = socket;
		const { onRevoked, stopping } = this.#options;
		const stop = () => this.#end(RESTARTING, "the daemon restarts; connect again");
		stopping.addEventListener("abort", stop);
		this.#removals.push(
			() => stopping.removeEventListener("abort", stop),
			onRevoked(() => this.#end(POLICY, "the token is no longer valid")),
		);
		if (stopping.aborted) stop();
		else void this.#connect();
	}

	text(message: string): void {
		const parsed = parseClientMessage(message);
		if (parsed === null)
			this.#fail("bad_request", `a text message must be a resize, or one of ${BARE.join(", ")}`);
		else if (parsed.type === "pause" || parsed.type === "resume") this.#hold(parsed.type === "pause");
		else if (this.#stream) this.#stream.send(parsed);
		else this.#keepEarly(parsed, message.length);
	}

	binary(bytes: Uint8Array): void {
		if (this.#stream === null) {
			this.#keepEarly(bytes.slice(), bytes.length);
			return;
		}
		this.#stream.input(bytes);
		if (this.#stream.bufferedBytes > INPUT_BACKLOG_BYTES)
			this.#end(TOO_BIG, "the program does not read its input");
	}

	drain(): void {
		if (!this.#paused || (this.#socket?.bufferedBytes ?? 0) > 0) return;
		this.#paused = false;
		if (!this.#held) this.#stream?.resume();
	}

	close(): void {
		this.#socket = null;
		this.#end(NORMAL, "");
	}

	async #connect(): Promise<void> {
		const { socketPath, request } = this.#options;
		try {
			const stream = await AttachStream.open(socketPath, request, {
				onMessage: (message) => this.#fromHolder(message),
				onData: (_data, raw) => this.#forward(raw),
				onClose: (error) => this.#holderGone(error),
			});
			this.#stream = stream;
			if (this.#over) {
				stream.close();
				return;
			}
			for (const message of this.#early.splice(0)) {
				if (message instanceof Uint8Array) stream.input(message);
				else stream.send(message);
			}
			if (this.#paused || this.#held) stream.pause();
		} catch (error) {
			this.#holderGone(error as BerthError);
		}
	}

	/** The holder's queue for this client then fills, and at its bound the client is resynced. */
	#hold(held: boolean): void {
		this.#held = held;
		if (held) this.#stream?.pause();
		else if (!this.#paused) this.#stream?.resume();
	}

	/** What the client sends before the holder is connected waits; it is bounded like the rest. */
	#keepEarly(message: Uint8Array | ClientMessage, bytes: number): void {
		this.#early.push(message);
		this.#earlyBytes += bytes;
		if (this.#earlyBytes > INPUT_BACKLOG_BYTES) this.#end(TOO_BIG, "too much input at once");
	}

	#fromHolder(message: ServerMessage): void {
		if (message.type === "exit") this.#exited = true;
		this.#forward(JSON.stringify(message));
	}

	#forward(message: string | Uint8Array): void {
		if (this.#socket === null) return;
		if (!this.#socket.send(message)) this.#end(TRY_AGAIN, "the connection is gone");
		else if (!this.#paused && this.#socket.bufferedBytes > PAUSE_ABOVE_BYTES) {
			this.#paused = true;
			this.#stream?.pause();
		}
	}

	#holderGone(error: BerthError | null): void {
		if (this.#exited) this.#end(NORMAL, "the process has ended");
		else
			this.#end(
				TRY_AGAIN,
				error?.message.slice(0, 100) ?? "the session's holder closed the stream; connect again",
			);
	}

	#fail(code: string, detail: string): void {
		this.#forward(JSON.stringify({ type: "error", code, detail } satisfies ServerMessage));
		this.#end(POLICY, detail);
	}

	#end(code: number, reason: string): void {
		if (this.#over) return;
		this.#over = true;
		for (const remove of this.#removals.splice(0)) remove();
		this.#early = [];
		this.#stream?.close();
		this.#socket?.close(code, reason);
		this.#options.onEnd();
	}
}

/** One of the messages that a client may send as text; null for anything else. */
function parseClientMessage(text: string): ClientMessage | FlowMessage | null {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
	if (typeof value !== "object" || value === null || !("type" in value)) return null;
	if (isBare(value.type)) return { type: value.type };
	if (value.type !== "resize" || !("cols" in value) || !("rows" in value)) return null;
	const { cols, rows } = value;
	const { minCols, maxCols, minRows, maxRows } = SIZE_LIMITS;
	return isWithin(cols, minCols, maxCols) && isWithin(rows, minRows, maxRows)
		? { type: "resize", cols, rows }
		: null;
}

function isBare(type: unknown): type is (typeof BARE)[number] {
	return BARE.some((bare) => bare === type);
}

function isWithin(value: unknown, low: number, high: number): value is number {
	return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}
