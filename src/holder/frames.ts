/**
 * Output on its way to attached clients: one buffer per batch, encoded once for both carriers and shared by all clients.
 *
 *   u32 length │ 'B' │ u8 kind │ u64 offset │ bytes          the whole is the unix socket's frame (link/framing.ts)
 *   └── link header ─┘└── the WebSocket's message (contract/stream.ts) ──┘
 */
import { DATA_HEADER_BYTES, type DataKind, OUTPUT, putDataHeader } from "../contract/stream.ts";
import { BINARY, HEADER_BYTES as LINK_HEADER_BYTES, putFrameHeader } from "../link/framing.ts";

const HEADER_BYTES = LINK_HEADER_BYTES + DATA_HEADER_BYTES;

/** Bytes gathered into one frame while the event loop is busy with output: fewer writes, and still small against a socket's buffer. */
const BATCH_BYTES = 64 * 1024;

/** Below this a batch is copied out, so that a few typed characters do not hold a whole buffer in a slow client's queue. */
const COPY_BELOW_BYTES = BATCH_BYTES / 4;

export class DataFrame {
	/** `link` is the frame of the unix socket. */
	constructor(readonly link: Uint8Array<ArrayBuffer>) {}

	/** As a message of a WebSocket. */
	get message(): Uint8Array<ArrayBuffer> {
		return this.link.subarray(LINK_HEADER_BYTES);
	}
}

/** One frame around a copy of the bytes. */
export function dataFrame(kind: DataKind, offset: number, bytes: Uint8Array): DataFrame {
	const buffer = new Uint8Array(HEADER_BYTES + bytes.length);
	buffer.set(bytes, HEADER_BYTES);
	return seal(buffer, kind, offset);
}

function seal(buffer: Uint8Array<ArrayBuffer>, kind: DataKind, offset: number): DataFrame {
	putFrameHeader(buffer, BINARY);
	putDataHeader(buffer, LINK_HEADER_BYTES, kind, offset);
	return new DataFrame(buffer);
}

/** Gathers contiguous output into frames. Whoever appends also takes, at the latest when the event loop's turn ends. */
export class Batch {
	#buffer: Uint8Array<ArrayBuffer> | null = null;
	#length = 0;
	#offset = 0;

	get empty(): boolean {
		return this.#length === 0;
	}

	/** Takes what fits and returns how many bytes that was; `take` the frame before appending the rest. */
	append(bytes: Uint8Array, offset: number): number {
		this.#buffer ??= new Uint8Array(HEADER_BYTES + BATCH_BYTES);
		if (this.#length === 0) this.#offset = offset;
		const fits = Math.min(bytes.length, BATCH_BYTES - this.#length);
		this.#buffer.set(fits === bytes.length ? bytes : bytes.subarray(0, fits), HEADER_BYTES + this.#length);
		this.#length += fits;
		return fits;
	}

	/** The gathered bytes as a frame; the batch is empty afterwards. */
	take(): DataFrame {
		const end = HEADER_BYTES + this.#length;
		let buffer: Uint8Array<ArrayBuffer>;
		if (this.#length < COPY_BELOW_BYTES) buffer = this.#buffer!.slice(0, end);
		else {
			buffer = this.#buffer!.subarray(0, end);
			this.#buffer = null;
		}
		this.#length = 0;
		return seal(buffer, OUTPUT, this.#offset);
	}

	/** Gives the buffer back while nobody looks. */
	release(): void {
		this.#buffer = null;
		this.#length = 0;
	}
}
