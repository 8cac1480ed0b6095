/**
 * Everybody who is attached to the worker, and how output reaches them.
 *
 * Output is gathered into frames that all live clients share, one per event-loop turn or 64 KiB; the little that begins a turn goes out at
 * once, because somebody may be typing. A client joins in one step of the
 * event loop (flush to the others, snapshot or the replay's last bytes, then live), so that nothing is missed or given twice.
 *
 * A client that stops reading costs nothing per chunk once its queue was dropped: it is in no list that output walks. When it reads
 * again it gets a snapshot; snapshots are rationed, so that a slow client, or one that asks and asks, cannot make the holder paint all day.
 */
import type { Exit } from "../contract/state.ts";
import {
	type AttachRequest,
	OUTPUT,
	type ResyncReason,
	type ServerMessage,
	SNAPSHOT,
} from "../contract/stream.ts";
import type { Client } from "./client.ts";
import { Batch, type DataFrame, dataFrame } from "./frames.ts";
import { ReplyLog } from "./replies.ts";
import type { Size } from "./sizing.ts";

/** Output of so few bytes, the first in an event-loop turn, is an echo or a small change: it does not wait for the turn's end. */
const PROMPT_BYTES = 1024;

/** Bytes of journal per replay frame, and per client and turn of the event loop: a replay must not starve the process's output. */
const REPLAY_FRAME_BYTES = 64 * 1024;
const REPLAY_TURN_BYTES = 512 * 1024;

/** After a resync's snapshot none is made for this many times what it took: painting for slow clients stays below 5 % of the time. */
const SNAPSHOT_REST_FACTOR = 20;

/** Milliseconds that clients are given to take the last bytes after the process's exit. */
const LINGER_MS = 2000;

/** What clients are shown. The worker implements it. */
export interface Stage {
	readonly workerId: string;
	readonly generation: number;
	/** End of the output, and the first offset still kept. */
	readonly offset: number;
	readonly startOffset: number;
	readonly size: Size;
	readonly exit: Exit | null;
	read(from: number, to: number): { offset: number; bytes: Uint8Array };
	/** `scrollbackLines` bounds the lines above the screen. */
	snapshot(scrollbackLines: number | undefined): Uint8Array;
	/** Unix milliseconds. */
	now(): number;
	/** Milliseconds on a clock that is never set. */
	ticks(): number;
}

export class Clients {
	readonly #stage: Stage;
	readonly #changed: () => void;
	readonly #all = new Set<Client>();
	readonly #live = new Set<Client>();
	readonly #waiting = new Set<Client>();
	readonly #batch = new Batch();
	readonly #replyLog = new ReplyLog();
	#flushing = false;
	#round: Timer | null = null;
	#nextRoundAt = 0;
	#finished: (() => void) | null = null;

	/** `changed` is told when somebody came or went. */
	constructor(stage: Stage, changed: () => void) {
		this.#stage = stage;
		this.#changed = changed;
	}

	[Symbol.iterator](): Iterator<Client> {
		return this.#all.values();
	}

	get writers(): number {
		let count = 0;
		for (const client of this.#all) if (client.role === "writer") count++;
		return count;
	}

	get viewers(): number {
		return this.#all.size - this.writers;
	}

	/** The writer that has been here longest answers what the holder cannot. */
	isLead(client: Client): boolean {
		for (const other of this.#all) if (other.role === "writer") return other === client;
		return false;
	}

	/** Starts the client's stream: hello, then nothing, a replay or a snapshot. */
	admit(client: Client, request: AttachRequest): void {
		this.flush();
		const refusal = this.#resumable(request);
		const from = refusal === null ? (request.from ?? 0) : this.#stage.offset;
		const hello: ServerMessage = {
			type: "hello",
			workerId: this.#stage.workerId,
			generation: this.#stage.generation,
			...this.#stage.size,
			role: client.role,
			offset: from,
			clientId: client.id,
			repaints: true,
		};
		this.#all.add(client);
		if (refusal === null) {
			client.paint([hello]);
			client.phase = "replay";
			client.cursor = from;
			this.#replay(client);
		} else {
			this.#paint([client], () =>
				refusal === "none" ? [hello] : [hello, { type: "resync", reason: refusal }],
			);
		}
		this.#changed();
	}

	/** Null when the stream can go on at `from`; else why not (`none`: it was not asked for). */
	#resumable(request: AttachRequest): ResyncReason | "none" | null {
		if (request.from === undefined) return "none";
		if (request.generation !== this.#stage.generation) return "stale_generation";
		if (request.from > this.#stage.offset) return "ahead";
		if (request.from < this.#stage.startOffset) return "trimmed";
		return null;
	}

	/** Output that the journal has. */
	output(bytes: Uint8Array, offset: number): void {
		if (this.#live.size === 0) return;
		if (!this.#flushing && bytes.length <= PROMPT_BYTES) {
			this.flush();
			let frame: DataFrame | null = null;
			for (const client of this.#live) {
				if (client.shows(bytes, offset)) continue;
				frame ??= dataFrame(OUTPUT, offset, bytes);
				this.#offer(client, frame);
			}
			this.#flushLater();
			return;
		}
		let taken = this.#batch.append(bytes, offset);
		while (taken < bytes.length) {
			this.flush();
			taken += this.#batch.append(bytes.subarray(taken), offset + taken);
		}
		if (!this.#flushing) this.#flushLater();
	}

	/** What comes until the turn's end goes out together. */
	#flushLater(): void {
		this.#flushing = true;
		setImmediate(() => {
			this.#flushing = false;
			this.flush();
		});
	}

	/** The holder answered queries that lie before `offset`. */
	answered(kinds: readonly string[], offset: number): void {
		this.#replyLog.add(offset, kinds);
		const now = this.#stage.ticks();
		for (const client of this.#live) if (client.role === "writer") client.replies.owe(kinds, now);
	}

	/** Tells all live clients, in order with the output. Those that are not live learn it with their snapshot. */
	broadcast(message: ServerMessage, except?: Client): void {
		this.flush();
		for (const client of this.#live) if (client !== except) this.#offer(client, message);
		if (message.type === "size") {
			// A replay is output only; it runs on at once, and the size it ends with is this one.
			for (const client of this.#all)
				if (client.phase === "replay" && client !== except) client.offer(message);
		}
	}

	/** Hands gathered output to the live clients. */
	flush(): void {
		if (this.#batch.empty) return;
		const frame = this.#batch.take();
		for (const client of this.#live) this.#offer(client, frame);
	}

	/** The client's carrier has taken everything. */
	drained(client: Client): void {
		if (client.phase === "gone") return;
		if (!client.drained(this.#stage.ticks())) return;
		if (client.phase === "replay") this.#replay(client);
		else if (client.phase === "dropped") this.#await(client);
		else if (client.phase === "live") this.#conclude(client);
		else if (client.phase === "ending") this.#dismiss(client);
	}

	/** The client wants a snapshot, in its turn like those that were slow. One that is not live gets one, or all of the output, anyway. */
	repaint(client: Client): void {
		if (client.phase !== "live") return;
		this.flush();
		this.#live.delete(client);
		client.resync = "asked";
		if (client.idle) this.#await(client);
		else client.phase = "dropped";
	}

	left(client: Client): void {
		if (client.phase === "gone") return;
		client.gone();
		this.#all.delete(client);
		this.#live.delete(client);
		this.#waiting.delete(client);
		if (this.#live.size === 0) this.#batch.release();
		this.#changed();
		this.#checkFinished();
	}

	/** The process has ended: everybody gets the rest and the exit, then goes. Resolves when they have, at the latest after 2 s. */
	finish(): Promise<void> {
		this.flush();
		return new Promise((resolve) => {
			const limit = setTimeout(() => this.#finished?.(), LINGER_MS);
			this.#finished = () => {
				clearTimeout(limit);
				this.#finished = null;
				resolve();
			};
			for (const client of this.#live) this.#conclude(client);
			if (this.#waiting.size > 0) this.#paintWaiting();
			this.#checkFinished();
		});
	}

	#offer(client: Client, item: Parameters<Client["offer"]>[0]): void {
		if (!client.offer(item)) this.#live.delete(client);
	}

	/** Reads on in the journal until the client stops taking, has had its turn, or has caught up and is live. */
	#replay(client: Client): void {
		let turn = 0;
		while (client.idle && client.phase === "replay") {
			if (client.cursor >= this.#stage.offset) {
				this.#join(client);
				return;
			}
			if (turn >= REPLAY_TURN_BYTES) {
				setImmediate(() => this.#replay(client));
				return;
			}
			const to = Math.min(client.cursor + REPLAY_FRAME_BYTES, this.#stage.offset);
			const { offset, bytes } = this.#stage.read(client.cursor, to);
			if (offset !== client.cursor || bytes.length === 0) {
				this.#paint([client], () => [{ type: "resync", reason: "trimmed" }]);
				return;
			}
			const end = offset + bytes.length;
			client.replies.owe(this.#replyLog.between(offset, end), this.#stage.ticks());
			client.cursor = end;
			client.offer(dataFrame(OUTPUT, offset, bytes));
			turn += bytes.length;
		}
	}

	#join(client: Client): void {
		this.flush();
		client.phase = "live";
		this.#live.add(client);
		this.#conclude(client);
	}

	#await(client: Client): void {
		client.phase = "waiting";
		this.#waiting.add(client);
		if (this.#round !== null) return;
		const rest = this.#stage.exit === null ? this.#nextRoundAt - this.#stage.ticks() : 0;
		if (rest <= 0) this.#paintWaiting();
		else this.#round = setTimeout(() => this.#paintWaiting(), rest);
	}

	#paintWaiting(): void {
		if (this.#round !== null) clearTimeout(this.#round);
		this.#round = null;
		const clients = [...this.#waiting];
		this.#waiting.clear();
		if (clients.length === 0) return;
		const started = this.#stage.ticks();
		this.#paint(clients, (client) => [
			{ type: "resync", reason: client.resync },
			{ type: "size", ...this.#stage.size },
		]);
		for (const client of clients) client.resync = "slow";
		const now = this.#stage.ticks();
		this.#nextRoundAt = now + SNAPSHOT_REST_FACTOR * Math.max(1, now - started);
	}

	/** One snapshot for all of these clients that want the same of it. They are live afterwards. */
	#paint(clients: Client[], before: (client: Client) => ServerMessage[]): void {
		this.flush();
		const frames = new Map<number | undefined, DataFrame>();
		for (const client of clients) {
			const { scrollback } = client;
			let frame = frames.get(scrollback);
			if (frame === undefined) {
				frame = dataFrame(SNAPSHOT, this.#stage.offset, this.#stage.snapshot(scrollback));
				frames.set(scrollback, frame);
			}
			client.paint([...before(client), frame]);
			this.#join(client);
		}
	}

	/** Once the process has ended: the exit message to a live client that has everything. */
	#conclude(client: Client): void {
		const { exit } = this.#stage;
		if (exit === null || this.#finished === null || client.phase !== "live" || !client.idle) return;
		client.offer({ type: "exit", ...exit });
		client.phase = "ending";
		if (client.idle) this.#dismiss(client);
	}

	#dismiss(client: Client): void {
		client.end();
		this.left(client);
	}

	#checkFinished(): void {
		if (this.#all.size === 0) this.#finished?.();
	}
}
