/**
 * Who is attached, and what their presence means for the terminal: input reaches it, and the windows of writers give its size. Owned by
 * the worker; lives as long.
 */
import type { AttachedClient } from "../contract/activity.ts";
import type { AttachRequest, SizePolicy } from "../contract/stream.ts";
import type { AttachmentHost } from "./attachment.ts";
import type { Client } from "./client.ts";
import { Clients, type Stage } from "./clients.ts";
import { type Size, Sizing } from "./sizing.ts";

/** The terminal, as clients act on it. */
export interface RoomTerminal {
	write(bytes: Uint8Array): void;
	/** Sizes the terminal; nothing happens when it has that size. */
	applySize(size: Size): void;
}

export class Room implements AttachmentHost {
	readonly clients: Clients;
	readonly #stage: Stage;
	readonly #terminal: RoomTerminal;
	readonly #sizing: Sizing<Client>;
	#lastId = 0;

	/** `changed` is told when somebody came or went. */
	constructor(stage: Stage, terminal: RoomTerminal, policy: SizePolicy, changed: () => void) {
		this.#stage = stage;
		this.#terminal = terminal;
		this.#sizing = new Sizing(policy, stage.size);
		this.clients = new Clients(stage, changed);
	}

	now(): number {
		return this.#stage.now();
	}

	ticks(): number {
		return this.#stage.ticks();
	}

	nextClientId(): number {
		return ++this.#lastId;
	}

	/** The size is settled first: the client's first picture is drawn for it. */
	admit(client: Client, request: AttachRequest): void {
		if (client.role === "writer" && request.cols !== undefined && request.rows !== undefined) {
			this.windowOf(client, { cols: request.cols, rows: request.rows });
		}
		this.clients.admit(client, request);
	}

	drained(client: Client): void {
		this.clients.drained(client);
	}

	repaint(client: Client): void {
		this.clients.repaint(client);
	}

	left(client: Client): void {
		this.clients.left(client);
		this.#terminal.applySize(this.#sizing.left(client));
	}

	isLead(client: Client): boolean {
		return this.clients.isLead(client);
	}

	typed(client: Client, bytes: Uint8Array): void {
		this.#terminal.applySize(this.#sizing.typed(client));
		this.#terminal.write(bytes);
	}

	windowOf(client: Client, size: Size): void {
		this.#terminal.applySize(this.#sizing.vote(client, size));
	}

	claim(client: Client): void {
		this.#terminal.applySize(this.#sizing.claim(client));
	}

	/** Who is attached, in the order of arrival. */
	attached(): AttachedClient[] {
		const latest = this.#sizing.latest;
		return [...this.clients].map((client) => {
			const vote = this.#sizing.voteOf(client);
			return {
				id: client.id,
				name: client.name,
				role: client.role,
				cols: vote?.cols ?? null,
				rows: vote?.rows ?? null,
				attachedAt: client.attachedAt,
				latest: client === latest,
			};
		});
	}

	/** An explicit resize, by a caller that is nobody's window. */
	resize(size: Size): void {
		this.#terminal.applySize(this.#sizing.set(size));
	}
}
