/**
 * The typed client. Its types flow from the daemon's routes: `createClient<App>()` with `App` of daemon/app.ts, imported as a type.
 *
 *   const berth = createClient<App>({ baseUrl: "http://127.0.0.1:19999", token });
 *   const session = await answer(berth.api.sessions.post({ name: "api" }));
 *
 * Every failure is a BerthError. Web-standard code only: Bun, Node, Deno, browsers.
 */
import { type Treaty, treaty } from "@elysiajs/eden/treaty2";
import type { AnyElysia } from "elysia";
import { BerthError } from "../contract/errors.ts";
import { type EventQuery, followEvents } from "./events.ts";
import { checkedFetch, type Fetcher, type HttpOptions } from "./http.ts";

export interface Client<App extends AnyElysia> {
	/** One method per route: `api.sessions({ ref }).close.post()`. Pass refs through {@link pathPart}. */
	api: Treaty.Create<App>;
	/** A plain request for answers that are streams; `path` starts with a slash. Throws BerthError unless it is 2xx. */
	fetch: Fetcher;
	/** Events from `query.after` on, without end; reconnects by itself and resumes after the last one seen. */
	events(query?: EventQuery, signal?: AbortSignal): ReturnType<typeof followEvents>;
}

export function createClient<App extends AnyElysia>(options: HttpOptions): Client<App> {
	const baseUrl = options.baseUrl.replace(/\/$/, "");
	const send = checkedFetch({ ...options, baseUrl });
	const byPath: Fetcher = (path, init) => send(baseUrl + path, init);
	return {
		api: treaty<App>(baseUrl, {
			fetcher: ((url: string, init?: RequestInit) => send(url, init)) as typeof fetch,
			// Left alone, Eden turns text that looks like a number, a date or JSON into one: a terminal's text stays text.
			parseDate: false,
			onResponse: read,
		}) as Treaty.Create<App>,
		fetch: byPath,
		events: (query = {}, signal) => followEvents(byPath, query, signal),
	};
}

/** A session or worker reference as one segment of a path. */
export function pathPart(ref: string): string {
	return encodeURIComponent(ref);
}

function read(response: Response): Promise<unknown> {
	const type = response.headers.get("content-type") ?? "";
	if (type.startsWith("application/json")) return response.json();
	if (type.startsWith("application/octet-stream")) return response.bytes();
	return response.text();
}

interface Settled {
	data: unknown;
	error: { value: unknown } | null;
}
type DataOf<R> = R extends { error: null; data: infer D } ? D : never;

/** The data of an Eden answer; throws the BerthError that it failed with. */
export async function answer<R>(call: Promise<R>): Promise<DataOf<R>> {
	const { data, error } = (await call) as Settled;
	if (error === null) return data as DataOf<R>;
	// checkedFetch threw it and Eden wrapped it.
	throw error.value instanceof Error ? error.value : BerthError.from(error.value);
}
