/** What a daemon streams, as an endless sequence that resumes by itself: events, and items of a conversation. */
import { BerthError } from "../contract/errors.ts";
import type { Fetcher } from "./http.ts";
import { readEvents } from "./sse.ts";

/** Milliseconds between attempts while nothing answers: quick at first, for a daemon that restarts takes well under a second. */
const RETRY_MS = { first: 100, most: 5000 } as const;

export interface Stream<T> {
	/** With its query; starts with a slash. */
	path: string;
	/** What has a greater number comes; absent: what comes from now on. */
	after: number | undefined;
	/** The number that the stream counts by: it only grows. */
	cursorOf: (item: T) => number;
}

/**
 * Yields in order, without gap or repetition, until `signal` aborts. When the connection goes it is made again with Last-Event-ID.
 * Throws every refusal (4xx) at once.
 */
export async function* followStream<T>(
	fetch: Fetcher,
	{ path, after, cursorOf }: Stream<T>,
	signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
	let last = after;
	let delay: number = RETRY_MS.first;
	while (!signal?.aborted) {
		try {
			const response = await fetch(path, {
				headers: {
					accept: "text/event-stream",
					...(last === undefined ? {} : { "last-event-id": String(last) }),
				},
				signal: signal ?? null,
			});
			delay = RETRY_MS.first;
			for await (const message of readEvents(response.body!)) {
				const item = JSON.parse(message.data) as T;
				const cursor = cursorOf(item);
				// A server that repeats after a resume is tolerated; a consumer never sees the same thing twice.
				if (last !== undefined && cursor <= last) continue;
				last = cursor;
				yield item;
			}
		} catch (error) {
			if (signal?.aborted) return;
			if (error instanceof BerthError && error.status < 500) throw error;
		}
		await pause(delay, signal);
		delay = Math.min(delay * 2, RETRY_MS.most);
	}
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
