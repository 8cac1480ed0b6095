/**
 * The attach stream of one worker that survives its connections: when the holder's socket goes, it is opened again and resumes from the
 * offset it had; when the worker was started again, its next generation is taken up. Neither needs the daemon, except to learn of
 * a new generation. Owns its connection and timers until `close`.
 */
import { BerthError } from "../../contract/errors.ts";
import type { KeyState, Lend, LinkServerMessage, TerminalMarks } from "../../contract/lending.ts";
import type { Exit } from "../../contract/state.ts";
import { type AttachRequest, type Role, SNAPSHOT } from "../../contract/stream.ts";
import { AttachStream } from "../../link/client.ts";
import { withLimit } from "./limit.ts";

/** Where a worker is to be found, and whether it has ended. */
export interface Whereabouts {
	socket: string | null;
	generation: number;
	exit: Exit | null;
}

export interface StreamHost {
	/** Role and, for a writer that takes part in the size, the window. */
	request(): AttachRequest & { role: Role };
	/** What the daemon knows; null while it cannot be asked. Throws when the worker is no more. */
	locate(): Promise<Whereabouts | null>;
	/** Whether a worker that ended so is started again: it is being restarted, or its policy says so. */
	returns(exit: Exit): boolean;
	/** The exit that this generation's holder left on disk. */
	recordedExit(generation: number): Exit | null;
	onSnapshot(bytes: Uint8Array): void;
	onOutput(bytes: Uint8Array): void;
	onSize(cols: number, rows: number): void;
	/** There is a holder again that may be lent the terminal, or none. */
	onHolder(borrows: boolean): void;
	/** The holder, which has the terminal, is about to show output that leaves these marks. */
	onMarks(marks: TerminalMarks): void;
	/** The terminal is ours again. `left` says how the holder leaves it, unless it never had it or did not say. */
	onReturned(left: { marks: TerminalMarks; keys: KeyState } | null): void;
	/** In the terminal that the holder has, somebody typed the detach keys, or it is gone. */
	onDetach(): void;
	onHangup(): void;
	/** The connection is gone and is being made again; told once until `onBack`. */
	onLost(): void;
	onBack(): void;
	/** Nothing follows. */
	onExit(exit: Exit): void;
	onError(error: BerthError): void;
}

/** Milliseconds: between attempts, and how long a vanished worker is looked for before giving up. */
const RETRY_MS = { first: 20, most: 500, limit: 30_000 } as const;

/** Milliseconds that a worker which is being restarted is waited for. */
const RETURN_MS = 30_000;

/** Milliseconds in which a holder gives the terminal back; a stopped one never does. */
const RETURNED_MS = 500;

/** Milliseconds in which a holder says hello; a stopped one accepts connections and says nothing. */
const HELLO_MS = 10_000;

export class WorkerStream {
	readonly #host: StreamHost;
	#socket: string;
	#generation: number;
	#stream: AttachStream | null = null;
	/** Counts connections: what one says that was given up is not heard any more. */
	#connection = 0;
	/** The offset that the next output must have; null while only a snapshot can continue. */
	#offset: number | null = null;
	#closed = false;
	#hello: Timer | null = null;
	/** While the holder has the terminal: resolved when it is ours again. */
	#lent: PromiseWithResolvers<void> | null = null;

	constructor(host: StreamHost, socket: string, generation: number) {
		this.#host = host;
		this.#socket = socket;
		this.#generation = generation;
	}

	/** The first connection; throws `holder_unreachable` when there is none. */
	async open(): Promise<void> {
		await this.#connect();
	}

	/** The socket of the generation that is attached, or was last. */
	get socket(): string {
		return this.#socket;
	}

	get bufferedBytes(): number {
		return this.#stream?.bufferedBytes ?? 0;
	}

	/** Typed while the connection is down, it is lost: a key must not arrive when nobody expects it any more. */
	input(bytes: Uint8Array): void {
		this.#stream?.input(bytes);
	}

	resize(cols: number, rows: number): void {
		this.#stream?.send({ type: "resize", cols, rows });
	}

	/** All output up to `offset` is with the host, and nothing but output can continue it. */
	get offset(): number | null {
		return this.#stream === null ? null : this.#offset;
	}

	/** Lends the terminal to the holder, which has said that it borrows: `onReturned` follows, however that ends. */
	lend(loan: Omit<Lend, "type">): void {
		this.#lent = Promise.withResolvers();
		this.#stream!.send({ type: "lend", ...loan });
	}

	/** Asks for the terminal and waits until it is ours, a moment at most. */
	async takeBack(): Promise<void> {
		if (this.#lent === null) return;
		this.#stream?.send({ type: "return" });
		await withLimit(this.#lent.promise, RETURNED_MS);
		this.#returned(null);
	}

	pause(): void {
		this.#stream?.pause();
	}

	resume(): void {
		this.#stream?.resume();
	}

	/** A fresh painting: the connection is made anew without resuming. */
	async repaint(): Promise<void> {
		await this.takeBack();
		this.#drop();
		this.#offset = null;
		await this.#reconnect();
	}

	close(): void {
		this.#closed = true;
		this.#drop();
	}

	#drop(): void {
		if (this.#hello !== null) clearTimeout(this.#hello);
		this.#hello = null;
		this.#connection++;
		this.#stream?.close();
		this.#stream = null;
		// What it has shown by now, nobody can say.
		if (this.#lent !== null) this.#offset = null;
		this.#returned(null);
	}

	#returned(left: { marks: TerminalMarks; keys: KeyState } | null): void {
		if (this.#lent === null) return;
		this.#lent.resolve();
		this.#lent = null;
		this.#host.onReturned(left);
	}

	async #connect(): Promise<void> {
		const request = this.#host.request();
		if (this.#offset !== null) {
			request.from = this.#offset;
			request.generation = this.#generation;
		}
		const connection = ++this.#connection;
		const current = () => connection === this.#connection && !this.#closed;
		const stream = await AttachStream.openLending(this.#socket, request, {
			onMessage: (message) => current() && this.#message(message),
			onData: ({ kind, offset, bytes }) => current() && this.#data(kind, offset, bytes),
			onClose: () => {
				if (!current()) return;
				this.#drop();
				void this.#reconnect();
			},
		});
		if (!current()) return stream.close();
		this.#stream = stream;
		this.#hello = setTimeout(() => this.#silent(), HELLO_MS);
	}

	#silent(): void {
		this.#finish(() =>
			this.#host.onError(
				new BerthError(
					"holder_unreachable",
					"the session's holder accepts connections but says nothing; berth kill ends it",
				),
			),
		);
	}

	#message(message: LinkServerMessage): void {
		switch (message.type) {
			case "hello":
				if (this.#hello !== null) clearTimeout(this.#hello);
				this.#hello = null;
				if (message.generation !== this.#generation) this.#offset = null;
				this.#generation = message.generation;
				this.#host.onBack();
				this.#host.onHolder(message.borrows === true);
				this.#host.onSize(message.cols, message.rows);
				break;
			case "size":
				this.#host.onSize(message.cols, message.rows);
				break;
			case "resync":
				this.#offset = null;
				break;
			case "marks":
				this.#host.onMarks(message.marks);
				break;
			case "refused":
				this.#returned(null);
				break;
			case "returned":
				this.#offset = message.offset;
				this.#returned(message);
				break;
			case "detach":
				this.#lent = null;
				this.#host.onDetach();
				break;
			case "hangup":
				this.#lent = null;
				this.#host.onHangup();
				break;
			case "exit": {
				const { code, signal, reason } = message;
				void this.#ended({ code, signal, reason });
				break;
			}
			case "error":
				this.#finish(() => this.#host.onError(BerthError.fromProblem(message)));
				break;
		}
	}

	#data(kind: number, offset: number, bytes: Uint8Array): void {
		if (kind === SNAPSHOT) {
			this.#offset = offset;
			this.#host.onSnapshot(bytes);
			return;
		}
		if (this.#offset !== null && offset !== this.#offset) {
			// A hole is never painted over.
			void this.repaint();
			return;
		}
		this.#offset = offset + bytes.length;
		this.#host.onOutput(bytes);
	}

	/** The process ended: for good, unless it is being started again. */
	async #ended(exit: Exit): Promise<void> {
		this.#drop();
		const where = this.#host.returns(exit) ? await this.#locate() : null;
		if (this.#closed) return;
		if (where !== null) await this.#reconnect(RETURN_MS, exit);
		else this.#finish(() => this.#host.onExit(exit));
	}

	/** As the host's; a worker that is no more ends the stream. */
	async #locate(): Promise<Whereabouts | null> {
		try {
			return await this.#host.locate();
		} catch (error) {
			this.#finish(() => this.#host.onError(BerthError.from(error)));
			return null;
		}
	}

	/** `exit` is how the last generation ended, when that is known. */
	async #reconnect(limitMs: number = RETRY_MS.limit, exit: Exit | null = null): Promise<void> {
		const deadline = performance.now() + limitMs;
		let delay: number = RETRY_MS.first;
		let told = false;
		let known = exit;
		while (!this.#closed && this.#stream === null) {
			if (known === null) {
				if (await this.#tryConnect()) return;
				known = this.#host.recordedExit(this.#generation);
			}
			const where = await this.#locate();
			if (this.#closed) return;
			if (where !== null && where.generation > this.#generation && where.socket !== null) {
				this.#socket = where.socket;
				this.#offset = null;
				if (await this.#tryConnect()) return;
			} else {
				const end = where?.exit ?? known;
				const over = end !== null && (where === null || !this.#host.returns(end));
				if (over) return this.#finish(() => this.#host.onExit(end));
			}
			if (performance.now() > deadline) {
				return this.#finish(() =>
					known ? this.#host.onExit(known) : this.#host.onError(unreachable(limitMs)),
				);
			}
			if (!told) this.#host.onLost();
			told = true;
			await Bun.sleep(delay);
			delay = Math.min(delay * 2, RETRY_MS.most);
		}
	}

	async #tryConnect(): Promise<boolean> {
		try {
			await this.#connect();
			return true;
		} catch (error) {
			if (error instanceof BerthError && error.code === "holder_unreachable") return false;
			throw error;
		}
	}

	#finish(tell: () => void): void {
		if (this.#closed) return;
		this.close();
		tell();
	}
}

function unreachable(limitMs: number): BerthError {
	return new BerthError(
		"holder_unreachable",
		`the connection was lost and could not be made again for ${limitMs / 1000} s; berth info says what became of the session`,
	);
}
