/**
 * One attached client's end of the stream: a queue with a bound, and what becomes of it.
 *
 * The client belongs to the carrier's connection and goes with it. What the carrier takes at once is never queued; a client that
 * stalls costs at most CLIENT_QUEUE_BYTES of shared frames, then nothing at all until it reads again.
 *
 *              ┌───────────────── snapshot ────────────────┐
 *              ↓                                           │
 *   replay ─→ live ──overflow, asked──→ dropped ──drained──→ waiting
 *              └──the process has ended──→ ending ──→ gone
 */
import { CLIENT_QUEUE_BYTES } from "../contract/limits.ts";
import type { ResyncReason, Role, ServerMessage } from "../contract/stream.ts";
import type { DataFrame } from "./frames.ts";
import { ReplyFilter } from "./replies.ts";

/** What carries the stream: the unix socket's connection or a WebSocket. */
export interface Carrier {
	/** Bytes that the peer's kernel has not taken yet. While it is above 0 the carrier promises to call `drained` later. */
	readonly bufferedBytes: number;
	message(message: ServerMessage): void;
	/** Shows output without sending it, where that can be; false when it has to be sent. */
	show(bytes: Uint8Array, offset: number): boolean;
	data(frame: DataFrame): void;
	/** Sends what is buffered, then closes. */
	end(): void;
}

/**
 * live: gets output as it comes; replay: reads the journal; dropped: gets no more for now; waiting: has taken everything, wants a snapshot;
 * ending: has everything but the last message.
 */
export type Phase = "replay" | "live" | "dropped" | "waiting" | "ending" | "gone";

/** What one queued item costs besides its bytes, so that a queue of tiny frames is bounded too. */
const ITEM_BYTES = 128;

/** Who a client is to others. */
export interface ClientIdentity {
	/** Unique while the worker runs. */
	id: number;
	role: Role;
	/** What it calls itself. */
	name: string;
	/** Lines above the screen that it wants painted; undefined for all. */
	scrollback: number | undefined;
}

export class Client {
	readonly id: number;
	readonly role: Role;
	readonly name: string;
	readonly scrollback: number | undefined;
	/** Unix milliseconds. */
	readonly attachedAt: number;
	readonly replies = new ReplyFilter();
	phase: Phase = "live";
	/** Where a replay goes on. */
	cursor = 0;
	/** Why the next snapshot follows, when one does. */
	resync: ResyncReason = "slow";
	/** When the client had last taken everything, in ticks. */
	caughtUpAt: number;
	readonly #carrier: Carrier;
	#queue: (DataFrame | ServerMessage)[] = [];
	#head = 0;
	#queuedBytes = 0;

	constructor(carrier: Carrier, { id, role, name, scrollback }: ClientIdentity, now: number, ticks: number) {
		this.#carrier = carrier;
		this.id = id;
		this.role = role;
		this.name = name;
		this.scrollback = scrollback;
		this.attachedAt = now;
		this.caughtUpAt = ticks;
	}

	/** Nothing is on its way: the next item goes straight to the carrier. */
	get idle(): boolean {
		return this.#queuedBytes === 0 && this.#carrier.bufferedBytes === 0;
	}

	/** Output, by the shortest way; false when there is none and it has to be offered as a frame. */
	shows(bytes: Uint8Array, offset: number): boolean {
		return this.#queuedBytes === 0 && this.#carrier.show(bytes, offset);
	}

	/** Sends in order. False when the queue would overflow: it is dropped then, and the client with it until it drains. */
	offer(item: DataFrame | ServerMessage): boolean {
		if (this.idle) {
			this.#send(item);
			return true;
		}
		const bytes = ITEM_BYTES + ("link" in item ? item.link.length : 0);
		if (this.#queuedBytes + bytes > CLIENT_QUEUE_BYTES) {
			this.#clear();
			this.phase = "dropped";
			return false;
		}
		this.#queue.push(item);
		this.#queuedBytes += bytes;
		return true;
	}

	/** Hands all of it to the carrier, past the queue's bound: a snapshot must be sent whole. The queue must be empty. */
	paint(items: (DataFrame | ServerMessage)[]): void {
		for (const item of items) this.#send(item);
	}

	/** The carrier has taken everything that it was given. Sends on; true when nothing is left. */
	drained(ticks: number): boolean {
		while (this.#head < this.#queue.length && this.#carrier.bufferedBytes === 0) {
			this.#send(this.#queue[this.#head++]!);
		}
		if (this.#head < this.#queue.length || this.#carrier.bufferedBytes > 0) {
			this.#account();
			return false;
		}
		this.#clear();
		this.caughtUpAt = ticks;
		return true;
	}

	end(): void {
		this.#carrier.end();
	}

	gone(): void {
		this.phase = "gone";
		this.#clear();
	}

	#send(item: DataFrame | ServerMessage): void {
		if ("link" in item) this.#carrier.data(item);
		else this.#carrier.message(item);
	}

	/** Lets go of what was sent. */
	#account(): void {
		this.#queue = this.#queue.slice(this.#head);
		this.#head = 0;
		this.#queuedBytes = 0;
		for (const item of this.#queue) this.#queuedBytes += ITEM_BYTES + ("link" in item ? item.link.length : 0);
	}

	#clear(): void {
		this.#queue = [];
		this.#head = 0;
		this.#queuedBytes = 0;
	}
}
