/**
 * The holder's unix socket: identify, calls, notices and attach streams (contract/link.ts).
 *
 * Ownership: the holder owns the listening socket from before its process starts until the exit; the lock on the worker's folder
 * says whose the path is. Each connection owns its subscriptions and its attachment and takes them along. What a peer sends wrong
 * costs that peer its connection and nobody else anything.
 */
import { chmodSync, unlinkSync } from "node:fs";
import type { Socket, UnixSocketListener } from "bun";
import { BerthError } from "../contract/errors.ts";
import { type HolderMessage, type Identity, LINK_PROTOCOL } from "../contract/link.ts";
import { VERSION } from "../contract/version.ts";
import { Connection, socketHandlers } from "../link/connection.ts";
import { BINARY, type Frame, parseMessage } from "../link/framing.ts";
import { Attachment } from "./attachment.ts";
import { isMethod, perform } from "./calls.ts";
import { LinkCarrier } from "./link-carrier.ts";
import { checks } from "./params.ts";
import { QuietSocket } from "./quiet-socket.ts";
import { statusOf } from "./status.ts";
import type { Worker } from "./worker.ts";

/** Bytes of notices that a subscriber may leave unread; then it is cut off, and learns the status when it comes back. */
const NOTICE_QUEUE_BYTES = 1024 * 1024;

/** Bytes of results that a caller may leave unread before its further calls wait. */
const RESULT_QUEUE_BYTES = 8 * 1024 * 1024;

export class HolderServer {
	readonly #path: string;
	readonly #peers = new Set<Peer>();
	readonly #worker: () => Worker;
	#listener: UnixSocketListener<Connection> | null;

	/** Listens. The caller holds the worker's lock, so what lies at the path is a dead holder's. `worker` is asked once it exists. */
	constructor(path: string, worker: () => Worker) {
		this.#path = path;
		this.#worker = worker;
		removeStale(path);
		// The socket must never be open to others, not even until chmod.
		const umask = process.umask(0o077);
		try {
			this.#listener = Bun.listen<Connection>({
				unix: path,
				socket: { ...socketHandlers, open: (socket) => this.#opened(socket) },
			});
			chmodSync(path, 0o600);
		} finally {
			process.umask(umask);
		}
	}

	/** Whether nobody waits for an answer that is still to be given or taken. */
	get answered(): boolean {
		for (const peer of this.#peers) if (peer.owed) return false;
		return true;
	}

	/** No new connections; those that are open stay. Removes the socket. Idempotent. */
	stop(): void {
		this.#listener?.stop(false);
		this.#listener = null;
		removeStale(this.#path);
	}

	#opened(socket: Socket<Connection>): void {
		const connection = new Connection({ onFrame: () => {}, onClose: () => {} });
		socket.data = connection;
		connection.attachSocket(socket);
		const peer = new Peer(connection, this.#worker(), () => this.#peers.delete(peer));
		this.#peers.add(peer);
	}
}

function removeStale(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
	}
}

/** What a connection is after `attach`. */
interface Stream {
	attachment: Attachment;
	carrier: LinkCarrier;
}

/** One connection: a control connection, or after `attach` a stream. */
class Peer {
	readonly #connection: Connection;
	readonly #worker: Worker;
	readonly #onGone: () => void;
	/** Waits under way, by the id of their call. */
	readonly #waits = new Map<number, AbortController>();
	#callsUnderWay = 0;
	#unsubscribe: (() => void) | null = null;
	/** Unread bytes that an answer accounts for: what was asked for never cuts a subscriber off. */
	#unreadResult = 0;
	#stream: Stream | null = null;

	constructor(connection: Connection, worker: Worker, onGone: () => void) {
		this.#connection = connection;
		this.#worker = worker;
		this.#onGone = onGone;
		connection.handler = {
			onFrame: (frame) => this.#received(frame),
			onClose: () => this.#gone(),
			onDrain: () => this.#drained(),
		};
	}

	/** Whether a call is under way, or its answer not yet taken by the kernel. */
	get owed(): boolean {
		return this.#callsUnderWay > 0 || (this.#stream === null && this.#connection.bufferedBytes > 0);
	}

	#received(frame: Frame): void {
		this.#worker.housekeeping.work();
		if (this.#stream !== null) {
			if (frame.kind === BINARY) this.#stream.attachment.input(frame.payload);
			else this.#said(this.#stream, parseMessage<Record<string, unknown> | null>(frame));
			return;
		}
		if (frame.kind === BINARY) throw new BerthError("protocol_mismatch", "input came before attach");
		const message = parseMessage<Record<string, unknown> | null>(frame);
		switch (message?.type) {
			case "identify":
				this.#send(this.#identity());
				break;
			case "subscribe":
				this.#subscribe();
				break;
			case "call":
				void this.#call(message);
				break;
			case "attach":
				this.#attach(message);
				break;
			default:
				throw new BerthError(
					"protocol_mismatch",
					"a message's type must be identify, call, subscribe or attach",
				);
		}
	}

	#identity(): Identity {
		const { workerId, generation, nonce } = this.#worker.spec;
		return {
			type: "identity",
			protocol: LINK_PROTOCOL,
			version: VERSION,
			workerId,
			generation,
			nonce,
			holderPid: process.pid,
		};
	}

	#subscribe(): void {
		if (this.#unsubscribe !== null) return;
		this.#unsubscribe = this.#worker.notices.subscribe((notice) => {
			const unread = this.#connection.bufferedBytes;
			this.#unreadResult = Math.min(this.#unreadResult, unread);
			if (unread - this.#unreadResult > NOTICE_QUEUE_BYTES) this.#connection.close();
			else this.#send({ type: "notice", notice });
		});
		this.#send({ type: "notice", notice: { kind: "status", status: statusOf(this.#worker) } });
		// A subscriber stays for days and is mostly silent.
		this.#connection.replaceSocket((socket, events) => {
			const { fd } = socket as { fd?: number };
			return fd === undefined ? null : QuietSocket.takeOver(fd, events);
		});
	}

	async #call(message: Record<string, unknown>): Promise<void> {
		const { id, method, params } = message;
		if (!Number.isSafeInteger(id)) {
			this.#refuse(new BerthError("protocol_mismatch", "a call needs an id that is a whole number"));
			return;
		}
		this.#callsUnderWay++;
		try {
			const result = await this.#perform(id as number, method, params);
			this.#send({ type: "result", id: id as number, result });
			this.#unreadResult = this.#connection.bufferedBytes;
		} catch (error) {
			this.#send({ type: "fault", id: id as number, problem: BerthError.from(error).toProblem() });
		} finally {
			this.#callsUnderWay--;
		}
		if (this.#connection.bufferedBytes > RESULT_QUEUE_BYTES) this.#connection.pause();
	}

	/** A wait may last for days: it ends with its caller, or when that gives up. */
	async #perform(id: number, method: unknown, params: unknown): Promise<unknown> {
		if (method === "cancel") {
			this.#waits.get(checks.cancel(params, false).call)?.abort();
			return {};
		}
		if (!isMethod(method)) {
			throw new BerthError("unknown_method", `there is no call ${JSON.stringify(method)}`);
		}
		if (method !== "wait") return perform(this.#worker, method, params, false);
		const patience = new AbortController();
		this.#waits.set(id, patience);
		try {
			return await perform(this.#worker, method, params, false, patience.signal);
		} finally {
			this.#waits.delete(id);
		}
	}

	#attach(message: Record<string, unknown>): void {
		try {
			const carrier = new LinkCarrier(this.#connection, this.#worker, message.lends === true);
			this.#stream = { carrier, attachment: new Attachment(this.#worker.room, carrier, message) };
			this.#unsubscribe?.();
			this.#unsubscribe = null;
		} catch (error) {
			this.#refuse(BerthError.from(error));
		}
	}

	/** A control message of an attached client. */
	#said({ attachment, carrier }: Stream, message: Record<string, unknown> | null): void {
		if (message?.type === "lend") carrier.lend(message, attachment);
		else if (message?.type === "return") carrier.giveBack();
		else attachment.message(message);
	}

	/** Says why, then hangs up. */
	#refuse(error: BerthError): void {
		this.#connection.sendMessage({ type: "error", code: error.code, detail: error.message });
		this.#connection.end();
	}

	#send(message: HolderMessage): void {
		this.#connection.sendMessage(message);
	}

	#drained(): void {
		this.#connection.resume();
		this.#stream?.attachment.drained();
	}

	#gone(): void {
		for (const patience of this.#waits.values()) patience.abort();
		this.#unsubscribe?.();
		this.#stream?.carrier.close();
		this.#stream?.attachment.left();
		this.#onGone();
	}
}
