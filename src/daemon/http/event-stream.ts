/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Pulled by the client's reading: one that reads
 * slowly holds one page in memory and nothing more, and one that falls behind what is kept is told so and closed.
 */
import { BerthError } from "../../contract/errors.ts";
import type { Log } from "../log.ts";
import type { Tokens } from "../services/tokens.ts";
import { callerOf } from "./caller.ts";
import { asBerthError } from "./problems.ts";

/** Milliseconds of silence after which a comment shows that the connection lives; proxies cut silent ones after 30 to 60 s. */
const KEEP_ALIVE_MS = 15_000;

/** Milliseconds after which a client that lost the connection comes back. */
const RETRY_MS = 1000;

interface EventStreamOptions<T> {
	follow: (signal: AbortSignal) => AsyncGenerator<readonly T[]>;
	/** What `Last-Event-ID` resumes after. */
	idOf: (event: T) => number;
	/** Calls back when the token ends; returns the removal. */
	onRevoked: (ended: () => void) => () => void;
	stopping: AbortSignal;
	log: Log;
}

/** Makes the stream when it is called, so that an answer without a body follows nothing. */
function eventStream<T>(options: EventStreamOptions<T>): () => ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return () => {
		const over = new AbortController();
		const abort = () => over.abort();
		const removeWatch = options.onRevoked(abort);
		options.stopping.addEventListener("abort", abort);
		const events = options.follow(over.signal);
		let next: Promise<IteratorResult<readonly T[]>> | null = null;
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
						controller.enqueue(
							encoder.encode(step.value.map((event) => eventText(options.idOf(event), event)).join("")),
						);
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

function eventText(id: number, event: unknown): string {
	return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The number after which a reader that lost its connection goes on; undefined for one that comes the first time. */
export function lastEventId(request: Request): number | undefined {
	const given = request.headers.get("last-event-id");
	if (given === null || given === "") return undefined;
	const number = Number(given);
	if (/^\d{1,15}$/.test(given) && Number.isSafeInteger(number)) return number;
	throw new BerthError("bad_request", "Last-Event-ID must be the number of an event", {
		field: "Last-Event-ID",
	});
}

/** What the caller wants: the page, or (when it takes both, or says nothing) the stream. */
export function wantsPage(request: Request): boolean {
	const accept = request.headers.get("accept") ?? "";
	return accept.includes("application/json") && !accept.includes("text/event-stream");
}

interface StreamContext {
	tokens: Tokens;
	stopping: AbortSignal;
	log: Log;
}

/** The answer that streams; the stream ends with the caller's token, and with the daemon. */
export function eventStreamResponse<T>(
	request: Request,
	{ tokens, stopping, log }: StreamContext,
	events: Pick<EventStreamOptions<T>, "follow" | "idOf">,
): Response {
	const caller = callerOf(request);
	caller.keepOpen();
	const { tokenId } = caller;
	const onRevoked = (ended: () => void) => (tokenId === null ? () => {} : tokens.watch(tokenId, ended));
	const body = eventStream({ ...events, onRevoked, stopping, log });
	return new Response(request.method === "HEAD" ? null : body(), {
		headers: { "content-type": "text/event-stream", vary: "Accept", "x-accel-buffering": "no" },
	});
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
