/** Server-sent events from a byte stream (WHATWG HTML, "server-sent events"): fields, multi-line data, comments, any line end. */

export interface ServerSentEvent {
	/** The last id seen, also when this event brought none. */
	id: string;
	event: string;
	data: string;
}

/** Yields each event as it is complete; one that the stream's end cuts is dropped, as the standard asks. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	let id = "";
	let event = "";
	let data: string[] = [];
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			rest += decoder.decode(value, { stream: true });
			// A CR at the end may be the first half of CRLF: it waits for the next chunk.
			const lines = rest.split(/\r\n|\n|\r(?!$)/);
			rest = lines.pop()!;
			for (const line of lines) {
				if (line === "") {
					if (data.length > 0) yield { id, event: event || "message", data: data.join("\n") };
					event = "";
					data = [];
					continue;
				}
				const colon = line.indexOf(":");
				const field = colon === -1 ? line : line.slice(0, colon);
				const text = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
				if (field === "data") data.push(text);
				else if (field === "id" && !text.includes("\0")) id = text;
				else if (field === "event") event = text;
			}
		}
	} finally {
		await reader.cancel();
	}
}
