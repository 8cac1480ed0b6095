/** The daemon's events as an endless, resuming sequence. */
import type { Event } from "../contract/system.ts";
import { followStream } from "./follow.ts";
import type { Fetcher } from "./http.ts";

export interface EventQuery {
	/** Events with a greater number; absent: only those that come from now on. */
	after?: number;
	/** REF of one session. */
	session?: string;
	types?: readonly string[];
}

/** Throws `cursor_too_old` when what was missed is no longer kept, and every other refusal (4xx) at once. */
export function followEvents(
	fetch: Fetcher,
	query: EventQuery = {},
	signal?: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
	const path = `/events${search(query)}`;
	return followStream<Event>(fetch, { path, after: query.after, cursorOf: ({ seq }) => seq }, signal);
}

function search(query: EventQuery): string {
	const parameters = new URLSearchParams();
	if (query.after !== undefined) parameters.set("after", String(query.after));
	if (query.session !== undefined) parameters.set("session", query.session);
	if (query.types?.length) parameters.set("types", query.types.join(","));
	const text = parameters.toString();
	return text === "" ? "" : `?${text}`;
}
