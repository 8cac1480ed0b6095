/**
 * The daemon's events, one stream for all windows of this browser: browsers open six connections to a host (HTTP/1.1), shared by all
 * windows, and a stream keeps one for good. The window that holds the lock reads the stream; the others hear of it.
 *
 *   daemon ── stream ──▶ window with the lock ── broadcast ──▶ every other window
 *
 * A window that goes leaves the lock to the next one, which reads on after the last event that it heard of. A window in the background
 * gives the lock up after a while; what happened meanwhile is read when somebody looks again. Where pages may not lock (an address
 * that is not trustworthy to the browser: plain HTTP from another machine), each window that somebody looks at has a stream of its own.
 */
import type { Event } from "../types.ts";
import { berth, onFinding, tell } from "./berth.ts";
import { codeOf } from "./errors.ts";

/** Milliseconds that a window in the background keeps the stream. */
const HIDDEN_MS = 30_000;

const NAME = "berth-events";

type Message =
	| { kind: "event"; event: Event }
	/** The stream is open; `fresh`: from now on, not after what was heard last. */
	| { kind: "open"; fresh: boolean }
	/** A window that is new here asks where the stream is. */
	| { kind: "where" }
	| { kind: "at"; seq: number };

export interface FeedListener {
	/** Each event once, in order. */
	onEvent(event: Event): void;
	/** The stream is refused for good. */
	onFailed(error: unknown): void;
}

export class EventFeed {
	readonly #listener: FeedListener;
	readonly #channel = new BroadcastChannel(NAME);
	/** Number of the last event that was seen. */
	#last: number | null = null;
	/** While this window reads the stream, or waits for its turn. */
	#turn: AbortController | null = null;
	#leads = false;
	#hiding: ReturnType<typeof setTimeout> | undefined;

	/** Follows until `stop` is called. */
	constructor(listener: FeedListener) {
		this.#listener = listener;
		this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#heard(data);
		this.#say({ kind: "where" });
		document.addEventListener("visibilitychange", this.#looked);
		this.#takeTurn();
	}

	stop(): void {
		clearTimeout(this.#hiding);
		document.removeEventListener("visibilitychange", this.#looked);
		this.#giveUp();
		this.#channel.close();
	}

	readonly #looked = (): void => {
		clearTimeout(this.#hiding);
		if (document.hidden) this.#hiding = setTimeout(() => this.#giveUp(), HIDDEN_MS);
		else this.#takeTurn();
	};

	#takeTurn(): void {
		if (this.#turn !== null) return;
		const turn = new AbortController();
		this.#turn = turn;
		const read = async (): Promise<void> => {
			this.#leads = true;
			await this.#read(turn.signal);
			this.#leads = false;
		};
		// Typed as always there; pages of an address that the browser does not trust have none.
		const locks = navigator.locks as LockManager | undefined;
		if (locks === undefined) void read();
		else
			locks.request(NAME, { signal: turn.signal }, read).catch((error: unknown) => {
				if (!turn.signal.aborted) this.#listener.onFailed(error);
			});
	}

	#giveUp(): void {
		this.#turn?.abort();
		this.#turn = null;
	}

	async #read(signal: AbortSignal): Promise<void> {
		const stopListening = onFinding((finding) => {
			if (finding === "events-open") this.#say({ kind: "open", fresh: this.#last === null });
		});
		try {
			await this.#readOn(signal);
		} finally {
			stopListening();
		}
	}

	async #readOn(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			const after = this.#last;
			try {
				for await (const event of berth.events(after === null ? {} : { after }, signal)) {
					this.#say({ kind: "event", event });
					this.#happened(event);
				}
			} catch (error) {
				if (signal.aborted || codeOf(error) === "unauthorized") return;
				// Missed more than is kept, or another database: a fresh stream, whose opening asks for everything.
				this.#last = null;
				if (after === null && codeOf(error) !== "cursor_too_old") {
					this.#listener.onFailed(error);
					return;
				}
			}
		}
	}

	#heard(message: Message): void {
		switch (message.kind) {
			case "event":
				this.#happened(message.event);
				break;
			case "open":
				if (message.fresh) this.#last = null;
				tell("events-open");
				break;
			case "where":
				if (this.#leads && this.#last !== null) this.#say({ kind: "at", seq: this.#last });
				break;
			case "at":
				this.#last = Math.max(this.#last ?? 0, message.seq);
				break;
		}
	}

	#happened(event: Event): void {
		if (this.#last !== null && event.seq <= this.#last) return;
		this.#last = event.seq;
		this.#listener.onEvent(event);
	}

	#say(message: Message): void {
		this.#channel.postMessage(message);
	}
}
