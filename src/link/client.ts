/** The caller's end of the holder protocol: identify, calls, notices, and the attach stream. */
import { BerthError } from "../contract/errors.ts";
import type { LenderMessage, LendingRequest, LinkServerMessage } from "../contract/lending.ts";
import type {
	CallerMessage,
	HolderMessage,
	Identity,
	LinkMethod,
	LinkMethods,
	Notice,
} from "../contract/link.ts";
import type { AttachRequest, ServerMessage } from "../contract/stream.ts";
import { decodeData } from "../contract/stream.ts";
import { Connection, type ConnectionHandler, socketHandlers } from "./connection.ts";
import { type Frame, parseMessage, TEXT } from "./framing.ts";

/** Opens a framed connection; `holder_unreachable` when nobody listens. */
export async function connect(socketPath: string, handler: ConnectionHandler): Promise<Connection> {
	const connection = new Connection(handler);
	try {
		const socket = await Bun.connect({ unix: socketPath, data: connection, socket: socketHandlers });
		connection.attachSocket(socket);
		return connection;
	} catch (error) {
		throw new BerthError("holder_unreachable", `no holder listens on ${socketPath}`, undefined, error);
	}
}

interface PendingCall {
	resolve: (result: unknown) => void;
	reject: (error: BerthError) => void;
	timer: Timer | null;
}

export interface HolderClientEvents {
	onNotice?: (notice: Notice) => void;
	/** The connection ended, for whatever reason; calls under way have been rejected. Not called after `close()`. */
	onGone?: () => void;
}

/** A control connection to one holder. The owner closes it; a holder that goes rejects every call under way. */
export class HolderClient {
	#connection!: Connection;
	#calls = new Map<number, PendingCall>();
	#identity: PendingCall[] = [];
	#nextId = 1;
	#closing = false;
	#events: HolderClientEvents;

	private constructor(events: HolderClientEvents) {
		this.#events = events;
	}

	static async connect(socketPath: string, events: HolderClientEvents = {}): Promise<HolderClient> {
		const client = new HolderClient(events);
		client.#connection = await connect(socketPath, {
			onFrame: (frame) => client.#receive(frame),
			onClose: () => client.#gone(),
		});
		return client;
	}

	/** Asks who answers. `timeoutMs` bounds a holder that is stopped: the kernel accepts connections for it. */
	identify(timeoutMs: number): Promise<Identity> {
		return new Promise((resolve, reject) => {
			const call = this.#pending(resolve as (result: unknown) => void, reject, timeoutMs, "identify");
			this.#identity.push(call);
			this.#send({ type: "identify" });
		});
	}

	/** Notices go to `onNotice` from now on; the first is the status. */
	subscribe(): void {
		this.#send({ type: "subscribe" });
	}

	/**
	 * One call. `timeoutMs` null waits as long as the holder lives (run and wait bound themselves). `signal` cancels a `wait`, which then
	 * answers at once; an older holder that cannot goes on waiting.
	 */
	call<M extends LinkMethod>(
		method: M,
		params: LinkMethods[M]["params"],
		timeoutMs: number | null,
		signal?: AbortSignal,
	): Promise<LinkMethods[M]["result"]> {
		return new Promise((resolve, reject) => {
			const id = this.#nextId++;
			const cancel = (): void =>
				this.#send({ type: "call", id: this.#nextId++, method: "cancel", params: { call: id } });
			signal?.addEventListener("abort", cancel, { once: true });
			this.#calls.set(id, this.#pending(resolve as (result: unknown) => void, reject, timeoutMs, method));
			this.#send({ type: "call", id, method, params } as CallerMessage);
			if (signal?.aborted) cancel();
		});
	}

	close(): void {
		this.#closing = true;
		this.#connection.close();
	}

	/** Closes once the calls under way are answered: a process that ends answers whoever waited for it. */
	retire(): void {
		this.#closing = true;
		if (this.#calls.size === 0) this.#connection.close();
	}

	#pending(
		resolve: PendingCall["resolve"],
		reject: PendingCall["reject"],
		timeoutMs: number | null,
		what: string,
	): PendingCall {
		const timer =
			timeoutMs === null
				? null
				: setTimeout(
						() =>
							reject(
								new BerthError(
									"holder_unreachable",
									`the holder did not answer ${what} within ${timeoutMs} ms`,
								),
							),
						timeoutMs,
					);
		return { resolve, reject, timer };
	}

	#send(message: CallerMessage): void {
		if (this.#connection.open) this.#connection.sendMessage(message);
		else this.#failAll();
	}

	#receive(frame: Frame): void {
		if (frame.kind !== TEXT) return;
		const message = parseMessage<HolderMessage>(frame);
		switch (message.type) {
			case "identity":
				for (const call of this.#identity.splice(0)) settle(call, () => call.resolve(message));
				break;
			case "result":
				this.#settleCall(message.id, (call) => call.resolve(message.result));
				break;
			case "fault":
				this.#settleCall(message.id, (call) => call.reject(BerthError.fromProblem(message.problem)));
				break;
			case "notice":
				this.#events.onNotice?.(message.notice);
				break;
		}
	}

	#settleCall(id: number, how: (call: PendingCall) => void): void {
		const call = this.#calls.get(id);
		if (!call) return;
		this.#calls.delete(id);
		settle(call, () => how(call));
		if (this.#closing && this.#calls.size === 0) this.#connection.close();
	}

	#gone(): void {
		this.#failAll();
		if (!this.#closing) this.#events.onGone?.();
	}

	#failAll(): void {
		const error = new BerthError("holder_unreachable", "the holder's connection ended before it answered");
		const calls = [...this.#calls.values(), ...this.#identity];
		this.#calls.clear();
		this.#identity = [];
		for (const call of calls) settle(call, () => call.reject(error));
	}
}

function settle(call: PendingCall, how: () => void): void {
	if (call.timer) clearTimeout(call.timer);
	how();
}

/** `Message` is what the holder may tell: more to those who lend their terminal. */
export interface AttachHandler<Message = ServerMessage> {
	onMessage(message: Message): void;
	/** Snapshot or output as it came: header and bytes, to be forwarded; decoded for those who want it. */
	onData(data: NonNullable<ReturnType<typeof decodeData>>, raw: Uint8Array): void;
	onClose(error: BerthError | null): void;
	onDrain?(): void;
}

/** An attach stream straight from the holder. */
export class AttachStream {
	#connection: Connection;

	private constructor(connection: Connection) {
		this.#connection = connection;
	}

	static async open(
		socketPath: string,
		request: AttachRequest,
		handler: AttachHandler,
	): Promise<AttachStream> {
		return AttachStream.#open(socketPath, request, handler);
	}

	/** By a client that may lend its terminal. */
	static async openLending(
		socketPath: string,
		request: AttachRequest,
		handler: AttachHandler<LinkServerMessage>,
	): Promise<AttachStream> {
		return AttachStream.#open(socketPath, { ...request, lends: true }, handler);
	}

	static async #open<Message>(
		socketPath: string,
		request: LendingRequest,
		handler: AttachHandler<Message>,
	): Promise<AttachStream> {
		const connection = await connect(socketPath, {
			onFrame(frame) {
				if (frame.kind === TEXT) {
					handler.onMessage(parseMessage<Message>(frame));
					return;
				}
				const data = decodeData(frame.payload);
				if (data === null) throw new BerthError("protocol_mismatch", "a binary message of an unknown kind");
				handler.onData(data, frame.payload);
			},
			onClose: (error) => handler.onClose(error),
			onDrain: () => handler.onDrain?.(),
		});
		connection.sendMessage({ type: "attach", ...request });
		return new AttachStream(connection);
	}

	/** Bytes written that the holder has not taken yet. */
	get bufferedBytes(): number {
		return this.#connection.bufferedBytes;
	}

	input(bytes: Uint8Array): void {
		this.#connection.sendBinary(bytes);
	}

	send(message: LenderMessage): void {
		this.#connection.sendMessage(message);
	}

	/** Stops and starts reading: the holder's queue for this client then fills, and at its bound the client is resynced. */
	pause(): void {
		this.#connection.pause();
	}

	resume(): void {
		this.#connection.resume();
	}

	close(): void {
		this.#connection.close();
	}
}
