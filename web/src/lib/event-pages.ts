/** Pages of past events, the newest first. */
import { berth } from "./api/berth.ts";
import type { Event } from "./types.ts";

/** Above every event's number: the page before it is the newest. The daemon takes numbers of up to 15 digits. */
export const AFTER_ALL_EVENTS = 10 ** 15 - 1;

export interface EventPage {
	/** Oldest first. */
	events: Event[];
	/** Number of the oldest event that is kept. */
	oldest: number;
}

interface EventQuery {
	limit: number;
	before?: number;
	session?: string | null;
	types?: readonly string[];
}

export async function eventsBefore({ limit, before, session, types }: EventQuery): Promise<EventPage> {
	const query = new URLSearchParams({
		limit: String(limit),
		before: String(before ?? AFTER_ALL_EVENTS),
		...(session ? { session } : {}),
		...(types ? { types: types.join(",") } : {}),
	});
	const response = await berth.fetch(`/events?${query}`, { headers: { accept: "application/json" } });
	return (await response.json()) as EventPage;
}
