/**
 * Frames of the holder protocol on a byte stream.
 *
 *   u32 length, big-endian │ u8 kind: 'T' JSON text, 'B' binary │ length - 1 bytes of payload
 */
import { getUint32, putUint32 } from "../contract/big-endian.ts";
import { BerthError } from "../contract/errors.ts";
import { FRAME_LIMIT_BYTES } from "../contract/limits.ts";

export const TEXT = 0x54;
export const BINARY = 0x42;
export type FrameKind = typeof TEXT | typeof BINARY;

export const HEADER_BYTES = 5;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** One frame, ready to be written. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(HEADER_BYTES + payload.length);
	putFrameHeader(frame, kind);
	frame.set(payload, HEADER_BYTES);
	return frame;
}

/** Makes bytes a frame whose payload begins at {@link HEADER_BYTES}. */
export function putFrameHeader(frame: Uint8Array, kind: FrameKind): void {
	putUint32(frame, 0, frame.length - HEADER_BYTES + 1);
	frame[4] = kind;
}

/** A message as a text frame. */
export function encodeMessage(message: object): Uint8Array<ArrayBuffer> {
	return encodeFrame(TEXT, utf8.encode(JSON.stringify(message)));
}

export interface Frame {
	kind: FrameKind;
	payload: Uint8Array;
}

/** The JSON of a text frame; `protocol_mismatch` when it is none. */
export function parseMessage<T>(frame: Frame): T {
	try {
		return JSON.parse(text.decode(frame.payload)) as T;
	} catch (error) {
		throw new BerthError("protocol_mismatch", "a frame that should hold JSON does not", undefined, error);
	}
}

/**
 * Cuts a byte stream into frames, however the carrier cut it into chunks. Keeps what is incomplete; its memory is bounded by
 * one frame. Payloads are copies only when a frame spans chunks: use them before the next `push`.
 */
export class FrameDecoder {
	#pending: Uint8Array[] = [];
	#pendingBytes = 0;

	/**
	 * Hands every frame that is whole now to `take`, in order. Throws `protocol_mismatch` on a kind that does not exist or a length above
	 * the limit, and what `take` throws; the decoder is then useless.
	 */
	push(chunk: Uint8Array, take: (frame: Frame) => void): void {
		let buffer = chunk;
		if (this.#pendingBytes > 0) {
			this.#pending.push(chunk);
			this.#pendingBytes += chunk.length;
			// Join only when the frame that is being waited for can be complete: a large frame in many chunks stays linear.
			if (this.#pendingBytes < this.#needed()) {
				this.#pending[this.#pending.length - 1] = chunk.slice();
				return;
			}
			buffer = Buffer.concat(this.#pending);
			this.#pending = [];
			this.#pendingBytes = 0;
		}
		let at = 0;
		while (buffer.length - at >= HEADER_BYTES) {
			const end = at + 4 + frameLength(buffer, at);
			if (end > buffer.length) break;
			take({ kind: buffer[at + 4] as FrameKind, payload: buffer.subarray(at + HEADER_BYTES, end) });
			at = end;
		}
		if (at < buffer.length) {
			this.#pending = [buffer.slice(at)];
			this.#pendingBytes = buffer.length - at;
		}
	}

	/** Bytes that the frame at the head of the pending chunks takes, or a header's when that is incomplete. */
	#needed(): number {
		const head = this.#pending[0]!;
		if (head.length >= HEADER_BYTES) return 4 + frameLength(head, 0);
		return HEADER_BYTES;
	}
}

/** The length that a whole header at `at` tells, of a frame of a kind that there is. */
function frameLength(buffer: Uint8Array, at: number): number {
	const length = getUint32(buffer, at);
	const kind = buffer[at + 4];
	if ((kind !== TEXT && kind !== BINARY) || length < 1 || length > FRAME_LIMIT_BYTES) {
		throw new BerthError("protocol_mismatch", "the peer does not speak the holder protocol");
	}
	return length;
}
