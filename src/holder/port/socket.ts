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

export interface SocketData {
	worker: Worker;
	request: AttachRequest;
	attachment: Attachment | null;
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
	},
	message(socket, data) {
		const { attachment } = socket.data;
		if (typeof data !== "string") attachment?.input(data);
		else attachment?.message(parse(data));
	},
	drain(socket) {
		if (socket.getBufferedAmount() === 0) socket.data.attachment?.drained();
	},
	close(socket) {
		socket.data.attachment?.left();
		socket.data.attachment = null;
	},
};

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
	for (const name of ["cols", "rows", "from", "generation"]) {
		const text = query.get(name);
		if (text === null) continue;
		if (!/^\d{1,15}$/.test(text))
			throw new BerthError("bad_request", `${name} must be a whole number`, { field: name });
		request[name] = Number(text);
	}
	return request;
}
