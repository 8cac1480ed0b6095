/** The attach stream over a WebSocket of the session's port. Each socket owns its attachment and takes it along when it goes. */
import type { ServerWebSocket, WebSocketHandler } from "bun";
import { BerthError } from "../../contract/errors.ts";
import { FRAME_LIMIT_BYTES, INPUT_LIMIT_BYTES } from "../../contract/limits.ts";
import type { AttachRequest, ServerMessage } from "../../contract/stream.ts";
import { Attachment } from "../attachment.ts";
import type { Carrier } from "../client.ts";
import type { DataFrame } from "../frames.ts";
import type { Worker } from "../worker.ts";

/** Seconds without a sign of life (pings are sent meanwhile) until a connection counts as dead. */
const IDLE_SECONDS = 60;

/** RFC 6455 close codes. */
const NORMAL = 1000;
const POLICY = 1008;

/** Milliseconds in which an open stream whose token was revoked or has expired is ended; its input is refused at once. */
const TOKEN_LOOK_MS = 2000;

export interface SocketData {
	worker: Worker;
	request: AttachRequest;
	/** Whether the token that opened it still lets it in. */
	admitted: () => boolean;
	attachment: Attachment | null;
	tokenLook: Timer | null;
}

export const socketHandler: WebSocketHandler<SocketData> = {
	maxPayloadLength: INPUT_LIMIT_BYTES,
	// The client's queue is bounded by Client; what goes past it is one snapshot.
	backpressureLimit: FRAME_LIMIT_BYTES,
	idleTimeout: IDLE_SECONDS,
	sendPings: true,
	perMessageDeflate: false,
	open(socket) {
		const { worker, request } = socket.data;
		socket.data.attachment = new Attachment(worker.room, new SocketCarrier(socket), request);
		socket.data.tokenLook = setInterval(() => dismissStranger(socket), TOKEN_LOOK_MS);
	},
	message(socket, data) {
		if (dismissStranger(socket)) return;
		const { attachment } = socket.data;
		if (typeof data !== "string") attachment?.input(data);
		else attachment?.message(parse(data));
	},
	drain(socket) {
		if (socket.getBufferedAmount() === 0) socket.data.attachment?.drained();
	},
	close(socket) {
		if (socket.data.tokenLook !== null) clearInterval(socket.data.tokenLook);
		socket.data.attachment?.left();
		socket.data.attachment = null;
	},
};

/** Ends the stream when its token lets nobody in any more; whether it did. */
function dismissStranger(socket: ServerWebSocket<SocketData>): boolean {
	if (socket.data.admitted()) return false;
	socket.close(POLICY, "the token is no longer valid");
	return true;
}

/** What is no JSON is refused by the attachment like any other message that is none. */
function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

class SocketCarrier implements Carrier {
	constructor(readonly socket: ServerWebSocket<SocketData>) {}

	get bufferedBytes(): number {
		return this.socket.getBufferedAmount();
	}

	message(message: ServerMessage): void {
		this.socket.send(JSON.stringify(message));
	}

	show(): boolean {
		return false;
	}

	data(frame: DataFrame): void {
		this.socket.send(frame.message);
	}

	end(): void {
		this.socket.close(NORMAL);
	}
}

/** The attach request of a query string; {@link Attachment} checks it. */
export function attachQuery(query: URLSearchParams): Record<string, unknown> {
	const request: Record<string, unknown> = {};
	const role = query.get("role");
	if (role !== null) request.role = role;
	for (const name of ["cols", "rows", "from", "generation", "scrollback"]) {
		const text = query.get(name);
		if (text === null) continue;
		if (!/^\d{1,15}$/.test(text))
			throw new BerthError("bad_request", `${name} must be a whole number`, { field: name });
		request[name] = Number(text);
	}
	return request;
}
