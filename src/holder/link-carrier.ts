/**
 * The unix socket's carrier of an attach stream. While the client has lent its terminal, small output goes there instead of through the
 * connection; everything else, and the first output that is too much, ends the loan and takes the connection.
 */
import type { LinkServerMessage } from "../contract/lending.ts";
import { decodeData, OUTPUT, type ServerMessage } from "../contract/stream.ts";
import type { Connection } from "../link/connection.ts";
import type { Attachment } from "./attachment.ts";
import { BorrowedTerminal } from "./borrowed-terminal.ts";
import type { Carrier } from "./client.ts";
import { type DataFrame, dataFrame } from "./frames.ts";
import { checkLend } from "./params.ts";
import type { Worker } from "./worker.ts";

/** Bytes of one frame that are shown in passing: a large screen drawn anew. More is a flood, and that is work for another process. */
const SHOWN_BYTES = 16 * 1024;

/** Bytes of input that are a key: the longest sequences of keyboards take some ten. What is longer is pasted, and nobody waits for its echo. */
const KEY_BYTES = 32;

/** Bytes of input that may lie unread by the program; beyond, the client paces what it reads. */
const BACKLOG_BYTES = 64 * 1024;

export class LinkCarrier implements Carrier {
	readonly #connection: Connection;
	readonly #worker: Worker;
	/** Whether the client knows of lending. */
	readonly #lends: boolean;
	#terminal: BorrowedTerminal | null = null;
	/** Offset after the last output that stands on the borrowed terminal. */
	#shown = 0;

	constructor(connection: Connection, worker: Worker, lends: boolean) {
		this.#connection = connection;
		this.#worker = worker;
		this.#lends = lends;
	}

	get bufferedBytes(): number {
		return this.#connection.bufferedBytes;
	}

	message(message: ServerMessage): void {
		this.#send(message.type === "hello" && this.#lends ? { ...message, borrows: true } : message);
	}

	show(bytes: Uint8Array, offset: number): boolean {
		if (this.#terminal === null) return false;
		const taken = bytes.length <= SHOWN_BYTES ? this.#terminal.show(bytes) : 0;
		this.#shown = offset + taken;
		if (taken === bytes.length) return true;
		this.giveBack();
		if (taken > 0) this.#connection.sendEncoded(dataFrame(OUTPUT, this.#shown, bytes.subarray(taken)).link);
		return taken > 0;
	}

	data(frame: DataFrame): void {
		if (this.#terminal !== null) {
			const { kind, offset, bytes } = decodeData(frame.message)!;
			if (kind !== OUTPUT) this.giveBack();
			else if (this.show(bytes, offset)) return;
		}
		this.#connection.sendEncoded(frame.link);
	}

	end(): void {
		this.close();
		this.#connection.end();
	}

	/**
	 * The client lends its terminal. Refused when it has not seen all output yet, and while input waits: then the client has to pace itself. Throws
	 * `bad_request`.
	 */
	lend(value: unknown, attachment: Attachment): void {
		const lend = checkLend(value);
		const ready = lend.offset === this.#worker.offset && this.#worker.unreadInputBytes <= BACKLOG_BYTES;
		this.close();
		this.#shown = lend.offset;
		this.#terminal = ready
			? BorrowedTerminal.borrow(lend, {
					type: (bytes) => this.#typed(attachment, bytes),
					detach: () => this.#leave("detach"),
					hangup: () => this.#leave("hangup"),
					marks: (marks) => this.#send({ type: "marks", marks }),
					stopped: () => this.giveBack(),
				})
			: null;
		if (this.#terminal === null) this.#send({ type: "refused" });
	}

	/** The client has its terminal again, and output goes on over the connection. */
	giveBack(): void {
		if (this.#terminal === null) return;
		const { marks } = this.#terminal;
		const keys = this.#terminal.close();
		this.#terminal = null;
		this.#send({ type: "returned", offset: this.#shown, marks, keys });
	}

	/** Lets go of the terminal, because nobody is there to get it back. */
	close(): void {
		this.#terminal?.close();
		this.#terminal = null;
	}

	#typed(attachment: Attachment, bytes: Uint8Array): void {
		attachment.input(bytes);
		if (bytes.length <= KEY_BYTES) this.#worker.awaitEcho();
		this.#worker.housekeeping.work();
		if (this.#worker.unreadInputBytes > BACKLOG_BYTES) this.giveBack();
	}

	#leave(how: "detach" | "hangup"): void {
		this.close();
		this.#send({ type: how });
	}

	#send(message: LinkServerMessage): void {
		this.#connection.sendMessage(message);
	}
}
