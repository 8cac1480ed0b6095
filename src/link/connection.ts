/**
 * A framed connection over a unix socket, for both ends. Owns the socket: `close` ends it, and when the peer goes the
 * handler's `onClose` is told once.
 *
 * Writing never blocks and never loses: what the kernel does not take is kept here and sent when it drains. `bufferedBytes` tells
 * how much that is, so that a sender can bound it.
 */
import type { Socket } from "bun";
import { BerthError } from "../contract/errors.ts";
import { BINARY, encodeFrame, encodeMessage, type Frame, FrameDecoder } from "./framing.ts";

export interface ConnectionHandler {
	/** One frame; its payload is valid until the call returns. */
	onFrame(frame: Frame): void;
	/** The connection is gone; `error` is what broke it, null for a plain end. */
	onClose(error: BerthError | null): void;
	/** Everything written so far has been taken by the kernel. */
	onDrain?(): void;
}

/** What carries the bytes: the runtime's socket, or what an end puts in its place. */
export interface Transport {
	/** Bytes taken; below 0 when the peer is gone. `onDrain` follows when it was not all of them. */
	write(bytes: Uint8Array): number;
	/** Closes once what was taken has been sent. */
	end(): void;
	terminate(): void;
	pause(): void;
	resume(): void;
}

export interface TransportEvents {
	onData(chunk: Uint8Array): void;
	onDrain(): void;
	onClose(error: Error | null): void;
}

export class Connection {
	handler: ConnectionHandler;
	#socket: Transport | null = null;
	#decoder = new FrameDecoder();
	#queue: Uint8Array[] = [];
	#queuedBytes = 0;
	#ending = false;

	/** What follows a frame at which the connection was closed is nobody's. */
	readonly #take = (frame: Frame): void => {
		if (this.#socket !== null) this.handler.onFrame(frame);
	};

	constructor(handler: ConnectionHandler) {
		this.handler = handler;
	}

	get bufferedBytes(): number {
		return this.#queuedBytes;
	}

	get open(): boolean {
		return this.#socket !== null && !this.#ending;
	}

	sendMessage(message: object): void {
		this.#write(encodeMessage(message));
	}

	sendBinary(payload: Uint8Array): void {
		this.#write(encodeFrame(BINARY, payload));
	}

	/** A frame that is encoded already, so that many connections can share one; nobody may change it afterwards. */
	sendEncoded(frame: Uint8Array): void {
		this.#write(frame);
	}

	/** Sends what is queued, then closes. */
	end(): void {
		this.#ending = true;
		if (this.#queuedBytes === 0) this.#socket?.end();
	}

	/** Closes now; what is queued is dropped. */
	close(): void {
		this.#ending = true;
		this.#dropQueue();
		this.#socket?.terminate();
	}

	/** Stops reading, so that the peer's writes back up; `resume` undoes it. */
	pause(): void {
		this.#socket?.pause();
	}

	resume(): void {
		this.#socket?.resume();
	}

	/** Called by the carrier (socketHandlers) only. */
	attachSocket(socket: Transport): void {
		this.#socket = socket;
	}

	/**
	 * Lets another transport carry on; nothing is lost on the way, in neither direction. Keeps the socket when `make` has no other, and
	 * when bytes still wait to be written.
	 */
	replaceSocket(make: (socket: Transport, events: TransportEvents) => Transport | null): void {
		const socket = this.#socket;
		if (socket === null || this.#ending || this.#queuedBytes > 0) return;
		const other = make(socket, {
			onData: (chunk) => this.received(chunk),
			onDrain: () => this.drained(),
			onClose: (error) => this.gone(other, error),
		});
		if (other === null) return;
		this.#socket = other;
		socket.terminate();
	}

	received(chunk: Uint8Array): void {
		try {
			this.#decoder.push(chunk, this.#take);
		} catch (error) {
			const broken = BerthError.from(error);
			if (this.open) this.sendMessage({ type: "error", code: broken.code, detail: broken.message });
			this.#closed(broken);
		}
	}

	drained(): void {
		while (this.#queue.length > 0) {
			const head = this.#queue[0]!;
			const taken = this.#socket?.write(head) ?? -1;
			if (taken < 0) return;
			this.#queuedBytes -= taken;
			if (taken < head.length) {
				this.#queue[0] = head.subarray(taken);
				return;
			}
			this.#queue.shift();
		}
		if (this.#ending) this.#socket?.end();
		else this.handler.onDrain?.();
	}

	/** `socket` has ended. One that another has replaced is of no interest. */
	gone(socket: Transport | null, error: Error | null): void {
		if (socket !== this.#socket) return;
		this.#closed(error && new BerthError("holder_unreachable", error.message, undefined, error));
	}

	#write(frame: Uint8Array): void {
		if (!this.open) return;
		let rest = frame;
		if (this.#queuedBytes === 0) {
			const taken = this.#socket!.write(frame);
			if (taken === frame.length) return;
			rest = frame.subarray(Math.max(0, taken));
		}
		this.#queue.push(rest);
		this.#queuedBytes += rest.length;
	}

	#closed(error: BerthError | null): void {
		const socket = this.#socket;
		if (socket === null) return;
		this.#socket = null;
		this.#ending = true;
		this.#dropQueue();
		socket.end();
		this.handler.onClose(error);
	}

	#dropQueue(): void {
		this.#queue = [];
		this.#queuedBytes = 0;
	}
}

/** Socket callbacks that feed the Connection kept in the socket's data; the same for both ends. */
export const socketHandlers = {
	data(socket: Socket<Connection>, chunk: Uint8Array) {
		socket.data.received(chunk);
	},
	drain(socket: Socket<Connection>) {
		socket.data.drained();
	},
	close(socket: Socket<Connection>) {
		socket.data.gone(socket, null);
	},
	error(socket: Socket<Connection>, error: Error) {
		socket.data.gone(socket, error);
	},
};
