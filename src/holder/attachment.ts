/**
 * One attached client's requests: what it types, its window, its claim. The same for both carriers. Ends with the connection: the
 * carrier calls `left` once.
 */
import { BerthError } from "../contract/errors.ts";
import { INPUT_LIMIT_BYTES } from "../contract/limits.ts";
import type { AttachRequest, ClientMessage } from "../contract/stream.ts";
import { type Carrier, Client } from "./client.ts";
import { checkAttach, checkClientMessage } from "./params.ts";
import type { Size } from "./sizing.ts";

/** Milliseconds that the start of a terminal's answer is kept back; then it was a person's Escape key. */
const ESCAPE_WAIT_MS = 20;

/** What an attachment needs of the worker. */
export interface AttachmentHost {
	/** Unix milliseconds. */
	now(): number;
	/** Milliseconds on a clock that is never set. */
	ticks(): number;
	nextClientId(): number;
	/** Starts the client's stream. */
	admit(client: Client, request: AttachRequest): void;
	drained(client: Client): void;
	/** The client wants a snapshot. */
	repaint(client: Client): void;
	left(client: Client): void;
	isLead(client: Client): boolean;
	/** Input of a person at this client. Throws `session_busy`. */
	typed(client: Client, bytes: Uint8Array): void;
	windowOf(client: Client, size: Size): void;
	claim(client: Client): void;
}

export class Attachment {
	readonly #host: AttachmentHost;
	readonly #carrier: Carrier;
	readonly #client: Client;
	#escape: Timer | null = null;
	#refused = false;

	/** Throws `bad_request` when the request is none, before anything is attached. */
	constructor(host: AttachmentHost, carrier: Carrier, request: unknown) {
		const wanted = checkAttach(request);
		this.#host = host;
		this.#carrier = carrier;
		const { role, name = "", scrollback } = wanted;
		const identity = { id: host.nextClientId(), role, name, scrollback };
		this.#client = new Client(carrier, identity, host.now(), host.ticks());
		host.admit(this.#client, wanted);
	}

	/** Input, byte for byte. A viewer's goes nowhere. */
	input(bytes: Uint8Array): void {
		if (bytes.length === 0 || !this.#mayWrite()) return;
		if (bytes.length > INPUT_LIMIT_BYTES) {
			this.#complain(new BerthError("too_large", `one input may have at most ${INPUT_LIMIT_BYTES} bytes`));
			return;
		}
		if (this.#escape !== null) clearTimeout(this.#escape);
		this.#escape = null;
		const { replies } = this.#client;
		// Nearly all that a person types: nothing in it asks who answers.
		if (replies.ignores(bytes)) {
			this.#type(bytes);
			return;
		}
		const { caughtUpAt, idle } = this.#client;
		const now = this.#host.ticks();
		const lead = this.#host.isLead(this.#client);
		const kept = replies.filter(bytes, now, idle ? caughtUpAt : now, lead);
		this.#type(kept);
		if (replies.holding) this.#escape = setTimeout(() => this.#release(), ESCAPE_WAIT_MS);
	}

	/** A control message as it came; what is none of ours is told so and ignored. */
	message(value: unknown): void {
		let message: ClientMessage;
		try {
			message = checkClientMessage(value);
		} catch (error) {
			this.#complain(BerthError.from(error));
			return;
		}
		if (message.type === "repaint") this.#host.repaint(this.#client);
		else if (!this.#mayWrite()) return;
		else if (message.type === "resize") this.#host.windowOf(this.#client, message);
		else this.#host.claim(this.#client);
	}

	drained(): void {
		this.#host.drained(this.#client);
	}

	left(): void {
		if (this.#escape !== null) clearTimeout(this.#escape);
		this.#escape = null;
		this.#host.left(this.#client);
	}

	#release(): void {
		this.#escape = null;
		this.#type(this.#client.replies.flush());
	}

	#type(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		try {
			this.#host.typed(this.#client, bytes);
		} catch (error) {
			this.#complain(BerthError.from(error));
		}
	}

	/** A viewer is told once, not at every key. */
	#mayWrite(): boolean {
		if (this.#client.role === "writer") return true;
		if (!this.#refused) {
			this.#refused = true;
			this.#complain(new BerthError("forbidden", "a viewer neither types nor resizes; attach as writer"));
		}
		return false;
	}

	#complain(error: BerthError): void {
		// A client that does not read gets no complaints piled up.
		if (this.#client.idle) this.#carrier.message({ type: "error", code: error.code, detail: error.message });
	}
}
