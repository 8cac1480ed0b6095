/**
 * The attach stream: one protocol on two carriers.
 *
 *   WebSocket       text message = JSON below        binary message = bytes below
 *   unix socket     frame 'T'    = JSON below        frame 'B'      = bytes below        (framing: link/framing.ts)
 *
 * Server's binary:  u8 kind (1 snapshot, 2 output) │ u64 offset, big-endian │ bytes
 * Client's binary:  input, byte for byte
 */
import { getUint64, putUint64 } from "./big-endian.ts";
import type { Exit } from "./state.ts";

export const sizePolicies = ["latest", "smallest", "largest", "fixed"] as const;
export type SizePolicy = (typeof sizePolicies)[number];

export type Role = "writer" | "viewer";

/** What a client asks for when it attaches. `cols`/`rows` count for the size policy; a viewer's never do. */
export interface AttachRequest {
	role: Role;
	cols?: number;
	rows?: number;
	/** Resume: the offset that the client has; needs `generation`. No snapshot when the bytes are still kept. */
	from?: number;
	generation?: number;
	/** Lines above the screen that a snapshot may have; without it all of them. A holder that does not know this paints all. */
	scrollback?: number;
	/** What others see this client called. */
	name?: string;
}

export interface Hello {
	type: "hello";
	workerId: string;
	generation: number;
	cols: number;
	rows: number;
	role: Role;
	/** Where the stream starts: the snapshot's offset, or that of the first output byte after a resume. */
	offset: number;
	/** This client among those that are attached (link.ts, `clients`); absent from a holder that does not tell. */
	clientId?: number;
	/** The client may ask for a snapshot (`repaint`); absent from a holder that knows no such message. */
	repaints?: boolean;
}

/** Why a snapshot follows; `asked`: the client wanted it. */
export type ResyncReason = "slow" | "trimmed" | "stale_generation" | "ahead" | "asked";

export type ServerMessage =
	| Hello
	| { type: "size"; cols: number; rows: number }
	| { type: "resync"; reason: ResyncReason }
	| ({ type: "exit" } & Exit)
	| { type: "error"; code: string; detail: string };

/** `repaint` asks for a snapshot, where the hello offers it; a viewer may, too. */
export type ClientMessage =
	| { type: "resize"; cols: number; rows: number }
	| { type: "claim" }
	| { type: "repaint" };

/**
 * What a client of the daemon's WebSocket may say beside that. A page cannot stop reading its socket: it says when it has enough for
 * now, and the daemon stops for it. Holders never hear of it.
 */
export type FlowMessage = { type: "pause" } | { type: "resume" };

export const SNAPSHOT = 1;
export const OUTPUT = 2;
export type DataKind = typeof SNAPSHOT | typeof OUTPUT;

/** Bytes before the payload of a server's binary message. */
export const DATA_HEADER_BYTES = 9;

/** Builds a server's binary message. `offset` is exact up to 2^53. */
export function encodeData(kind: DataKind, offset: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const message = new Uint8Array(DATA_HEADER_BYTES + bytes.length);
	putDataHeader(message, 0, kind, offset);
	message.set(bytes, DATA_HEADER_BYTES);
	return message;
}

/** Writes the header of a server's binary message, which begins at `at`. */
export function putDataHeader(bytes: Uint8Array, at: number, kind: DataKind, offset: number): void {
	bytes[at] = kind;
	putUint64(bytes, at + 1, offset);
}

/** Takes a server's binary message apart without copying; null when it is not one. */
export function decodeData(
	message: Uint8Array,
): { kind: DataKind; offset: number; bytes: Uint8Array } | null {
	if (message.length < DATA_HEADER_BYTES) return null;
	const kind = message[0];
	if (kind !== SNAPSHOT && kind !== OUTPUT) return null;
	return { kind, offset: getUint64(message, 1), bytes: message.subarray(DATA_HEADER_BYTES) };
}
