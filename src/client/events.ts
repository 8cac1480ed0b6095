/** The daemon's events as an endless, resuming sequence. */
import { BerthError } from "../contract/errors.ts";
import type { Event } from "../contract/system.ts";
import type { Fetcher } from "./http.ts";
import { readEvents } from "./sse.ts";

export interface EventQuery {
	/** Events with a greater number; absent: only those that come from now on. */
	after?: number;
	/** REF of one session. */
	session?: string;
	types?: readonly string[];
}

/** Milliseconds between attempts while nothing answers: quick at first, for a daemon that restarts takes well under a second. */
const RETRY_MS = { first: 100, most: 5000 } as const;

/**
 * Yields events in order, without gap or repetition, until `signal` aborts. When the connection goes it is made again with
 * Last-Event-ID. Throws `cursor_too_old` when what was missed is no longer kept, and every other refusal (4xx) at once.
 */
export async function* followEvents(
	fetch: Fetcher,
	query: EventQuery = {},
	signal?: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
	let last = query.after;
	let delay: number = RETRY_MS.first;
	while (!signal?.aborted) {
		try {
			const response = await fetch(`/events${search(query)}`, {
				headers: {
					accept: "text/event-stream",
					...(last === undefined ? {} : { "last-event-id": String(last) }),
				},
				signal: signal ?? null,
			});
			delay = RETRY_MS.first;
			for await (const message of readEvents(response.body!)) {
				const event = JSON.parse(message.data) as Event;
				// A server that repeats after a resume is tolerated; a consumer never sees the same event twice.
				if (last !== undefined && event.seq <= last) continue;
				last = event.seq;
				yield event;
			}
		} catch (error) {
			if (signal?.aborted) return;
			if (error instanceof BerthError && error.status < 500) throw error;
		}
		await pause(delay, signal);
		delay = Math.min(delay * 2, RETRY_MS.most);
	}
}

function search(query: EventQuery): string {
	const parameters = new URLSearchParams();
	if (query.after !== undefined) parameters.set("after", String(query.after));
	if (query.session !== undefined) parameters.set("session", query.session);
	if (query.types?.length) parameters.set("types", query.types.join(","));
	const text = parameters.toString();
	return text === "" ? "" : `?${text}`;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done, { once: true });
	});
}
