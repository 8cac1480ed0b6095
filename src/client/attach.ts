/**
 * Attach over a WebSocket, for browsers, Bun, Node and Deno. Owns the socket until `close` or the process's exit: when the connection
 * goes, it is made again and resumes from the offset it had, so that the caller sees every byte once. Where the bytes are no longer
 * kept, or the session was restarted in between, a snapshot comes instead (`onSnapshot`: start from a reset terminal).
 */
import { BerthError } from "../contract/errors.ts";
import type { Exit } from "../contract/state.ts";
import {
	type ClientMessage,
	decodeData,
	type FlowMessage,
	type Hello,
	type ResyncReason,
	type Role,
	type ServerMessage,
	SNAPSHOT,
} from "../contract/stream.ts";
import { Unsent } from "./unsent.ts";

export interface AttachOptions {
	/** `ws://…/sessions/REF/attach`, or a session port's `/attach`; without query. */
	url: string;
	role?: Role;
	/** What others see this client called. */
	name?: string;
	cols?: number;
	rows?: number;
	/** Makes the socket; where headers can be set (Bun, Node) the token goes in here. */
	connect?: (url: string) => WebSocket;
	onHello?: (hello: Hello) => void;
	/** Paints the whole terminal as it was at `offset`; it starts with a reset. */
	onSnapshot: (bytes: Uint8Array, offset: number) => void;
	/** What came after; `offset` is that of the first byte. */
	onOutput: (bytes: Uint8Array, offset: number) => void;
	onSize?: (cols: number, rows: number) => void;
	/** What comes next is a snapshot, because of this. */
	onResync?: (reason: ResyncReason) => void;
	/** The process ended; nothing follows. */
	onExit: (exit: Exit) => void;
	/** The server refused; nothing follows. */
	onError: (error: BerthError) => void;
	/** `open`: bytes flow. `waiting`: the connection is gone and will be made again. */
	onState?: (state: "connecting" | "open" | "waiting") => void;
}

export interface Attachment {
	/** Typed as it stands. While the connection is being made it is kept for some seconds (unsent.ts): a key must not arrive minutes later. */
	input(data: Uint8Array<ArrayBuffer> | string): void;
	resize(cols: number, rows: number): void;
	/** Takes over the size. */
	claim(): void;
	/** Whether the session's holder paints when it is asked; one of an older build does not. */
	readonly repaints: boolean;
	/** Asks for a snapshot. */
	repaint(): void;
	/** For carriers whose reading cannot be stopped: the daemon stops sending until `resume`, then sends on or a fresh snapshot. */
	pause(): void;
	resume(): void;
	/** Connects at once when the next attempt is still being waited for: the caller knows that the server is back. */
	retry(): void;
	close(): void;
}

/** Milliseconds between attempts to connect again. */
const RETRY_MS = { first: 250, most: 5000 } as const;

/** RFC 6455, 7.4.1: the server will not have us, whatever we try. */
const POLICY_VIOLATION = 1008;

export function attach(options: AttachOptions): Attachment {
	return new WebSocketAttachment(options);
}

class WebSocketAttachment implements Attachment {
	#options: AttachOptions;
	#socket: WebSocket | null = null;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#delay: number = RETRY_MS.first;
	#finished = false;
	/** Where the stream stands; null while only a snapshot can continue it. */
	#position: { generation: number; offset: number } | null = null;
	#generation = 0;
	/** The server has said hello on this connection. */
	#greeted = false;
	readonly #unsent = new Unsent();
	repaints = false;
	#size: { cols: number; rows: number } | null;

	constructor(options: AttachOptions) {
		this.#options = options;
		this.#size =
			options.cols !== undefined && options.rows !== undefined
				? { cols: options.cols, rows: options.rows }
				: null;
		this.#open();
	}

	input(data: Uint8Array<ArrayBuffer> | string): void {
		if (this.#finished) return;
		const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
		if (this.#greeted && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
		else this.#unsent.keep(bytes);
	}

	resize(cols: number, rows: number): void {
		this.#size = { cols, rows };
		this.#send({ type: "resize", cols, rows });
	}

	claim(): void {
		this.#send({ type: "claim" });
	}

	repaint(): void {
		if (this.repaints) this.#send({ type: "repaint" });
	}

	pause(): void {
		this.#send({ type: "pause" });
	}

	resume(): void {
		this.#send({ type: "resume" });
	}

	retry(): void {
		if (this.#finished || this.#socket !== null || this.#timer === null) return;
		clearTimeout(this.#timer);
		this.#delay = RETRY_MS.first;
		this.#open();
	}

	close(): void {
		this.#finished = true;
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#socket?.close();
		this.#socket = null;
	}

	#open(): void {
		this.#options.onState?.("connecting");
		const url = `${this.#options.url}?${this.#query()}`;
		const socket = this.#options.connect?.(url) ?? new WebSocket(url);
		socket.binaryType = "arraybuffer";
		this.#socket = socket;
		this.#greeted = false;
		socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
			if (socket !== this.#socket) return;
			if (typeof data === "string") this.#message(JSON.parse(data) as ServerMessage);
			else this.#data(new Uint8Array(data));
		});
		socket.addEventListener("close", ({ code, reason }: CloseEvent) => {
			if (socket !== this.#socket || this.#finished) return;
			if (code === POLICY_VIOLATION) {
				this.#fail(new BerthError("forbidden", reason || "the server refused the connection"));
			} else this.#again();
		});
	}

	#query(): URLSearchParams {
		const query = new URLSearchParams({ role: this.#options.role ?? "writer" });
		if (this.#options.name !== undefined) query.set("name", this.#options.name);
		if (this.#size) {
			query.set("cols", String(this.#size.cols));
			query.set("rows", String(this.#size.rows));
		}
		if (this.#position) {
			query.set("from", String(this.#position.offset));
			query.set("generation", String(this.#position.generation));
		}
		return query;
	}

	#message(message: ServerMessage): void {
		switch (message.type) {
			case "hello":
				this.#hello(message);
				break;
			case "size":
				this.#options.onSize?.(message.cols, message.rows);
				break;
			case "resync":
				this.#position = null;
				this.#options.onResync?.(message.reason);
				break;
			case "exit": {
				this.close();
				const { code, signal, reason } = message;
				this.#options.onExit({ code, signal, reason });
				break;
			}
			case "error":
				this.#fail(BerthError.fromProblem(message));
				break;
		}
	}

	#hello(hello: Hello): void {
		const other = this.#generation !== 0 && this.#generation !== hello.generation;
		this.#delay = RETRY_MS.first;
		this.#generation = hello.generation;
		this.#greeted = true;
		this.repaints = hello.repaints ?? false;
		// What was meant for one process is not typed into the next one.
		const typed = this.#unsent.take();
		if (!other) for (const bytes of typed) this.#socket!.send(bytes);
		this.#options.onState?.("open");
		this.#options.onHello?.(hello);
	}

	#data(message: Uint8Array): void {
		const data = decodeData(message);
		if (data === null) {
			this.#fail(new BerthError("protocol_mismatch", "an unknown kind of data came"));
			return;
		}
		const { kind, offset, bytes } = data;
		if (kind === SNAPSHOT) {
			this.#position = { generation: this.#generation, offset };
			this.#options.onSnapshot(bytes, offset);
			return;
		}
		if (this.#position !== null && offset !== this.#position.offset) {
			// A hole is never painted over: the snapshot that a fresh connection brings is whole.
			this.#position = null;
			this.#again();
			return;
		}
		this.#position = { generation: this.#generation, offset: offset + bytes.length };
		this.#options.onOutput(bytes, offset);
	}

	#again(): void {
		this.#socket?.close();
		this.#socket = null;
		this.#options.onState?.("waiting");
		this.#timer = setTimeout(() => this.#open(), this.#delay);
		this.#delay = Math.min(this.#delay * 2, RETRY_MS.most);
	}

	#fail(error: BerthError): void {
		this.close();
		this.#options.onError(error);
	}

	#send(message: ClientMessage | FlowMessage): void {
		if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
	}
}
