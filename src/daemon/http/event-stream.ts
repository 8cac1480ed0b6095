/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Pulled by the client's reading: one that reads
 * slowly holds one page in memory and nothing more, and one that falls behind what is kept is told so and closed.
 */
import type { Event } from "../../contract/system.ts";
import type { Log } from "../log.ts";
import { asBerthError } from "./problems.ts";

/** Milliseconds of silence after which a comment shows that the connection lives; proxies cut silent ones after 30 to 60 s. */
const KEEP_ALIVE_MS = 15_000;

/** Milliseconds after which a client that lost the connection comes back. */
const RETRY_MS = 1000;

export interface EventStreamOptions {
	follow: (signal: AbortSignal) => AsyncGenerator<readonly Event[]>;
	/** Calls back when the token ends; returns the removal. */
	onRevoked: (ended: () => void) => () => void;
	stopping: AbortSignal;
	log: Log;
}

/** Makes the stream when it is called, so that an answer without a body follows nothing. */
export function eventStream(options: EventStreamOptions): () => ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return () => {
		const over = new AbortController();
		const abort = () => over.abort();
		const removeWatch = options.onRevoked(abort);
		options.stopping.addEventListener("abort", abort);
		const events = options.follow(over.signal);
		let next: Promise<IteratorResult<readonly Event[]>> | null = null;
		/** The client has gone: the stream is closed already. */
		let gone = false;
		const finish = () => {
			over.abort();
			// A generator that waits at its yield hears of no signal: it must be told to clean up.
			void events.return(undefined);
			removeWatch();
			options.stopping.removeEventListener("abort", abort);
		};
		return new ReadableStream<Uint8Array>(
			{
				start(controller) {
					controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n: berth\n\n`));
					if (options.stopping.aborted) over.abort();
				},
				async pull(controller) {
					try {
						next ??= events.next();
						const step = await withinKeepAlive(next);
						if (gone) return;
						if (step === null) {
							controller.enqueue(encoder.encode(": still here\n\n"));
							return;
						}
						next = null;
						if (step.done) {
							finish();
							controller.close();
							return;
						}
						controller.enqueue(encoder.encode(step.value.map(eventText).join("")));
					} catch (error) {
						if (gone) return;
						const problem = asBerthError(error);
						if (problem.code === "internal") options.log("error", `events: ${problem.message}`);
						finish();
						controller.enqueue(
							encoder.encode(`event: error\ndata: ${JSON.stringify(problem.toProblem())}\n\n`),
						);
						controller.close();
					}
				},
				cancel() {
					gone = true;
					finish();
				},
			},
			{ highWaterMark: 0 },
		);
	};
}

function eventText(event: Event): string {
	return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The promise's value, or null when it takes longer than the keep-alive. */
async function withinKeepAlive<T>(promise: Promise<T>): Promise<T | null> {
	const silence = Promise.withResolvers<null>();
	const timer = setTimeout(() => silence.resolve(null), KEEP_ALIVE_MS);
	try {
		return await Promise.race([promise, silence.promise]);
	} finally {
		clearTimeout(timer);
	}
}
