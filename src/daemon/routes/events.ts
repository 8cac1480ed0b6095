import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { EventPage, type EventType, eventTypes } from "../../contract/system.ts";
import type { EventFilter } from "../../store/events.ts";
import type { DaemonContext } from "../context.ts";
import { type Caller, callerOf } from "../http/caller.ts";
import { eventStreamResponse, lastEventId, wantsPage } from "../http/event-stream.ts";
import { operation } from "../http/operation.ts";
import { eventExample } from "../openapi/examples.ts";
import { PAGE_EVENTS } from "../services/feed.ts";

const query = Type.Object(
	{
		after: Type.Optional(
			Type.Integer({
				minimum: 0,
				description:
					"Events after this number. Absent, a stream starts with what happens next, and a page with the oldest event kept",
				examples: [0],
			}),
		),
		before: Type.Optional(
			Type.Integer({
				minimum: 1,
				description:
					"The last events before this number, still oldest first (JSON only; not together with after)",
				examples: [500],
			}),
		),
		session: Type.Optional(
			Type.String({ minLength: 1, description: "Only of this session (REF, or the id of a forgotten one)" }),
		),
		types: Type.Optional(
			Type.String({
				minLength: 1,
				description: "Only of these types, separated by commas",
				examples: ["worker.exited"],
			}),
		),
		limit: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: PAGE_EVENTS,
				default: PAGE_EVENTS,
				description: "Events per page (JSON only)",
			}),
		),
	},
	{ additionalProperties: false },
);

export const eventRoutes = (context: DaemonContext) => {
	const { feed, sessions } = context;
	/** A session that was forgotten is still found by its full id: its events outlive it. */
	const sessionId = (ref: string, caller: Caller): string => {
		if (ref === caller.sessionId || /^s_[0-9a-z]{10}$/.test(ref)) return ref;
		return sessions.get(ref).id;
	};
	const filterFor = (caller: Caller, session: string | undefined, types: string | undefined): EventFilter => {
		const filter: EventFilter = {};
		if (session !== undefined) filter.sessionId = sessionId(session, caller);
		if (types !== undefined) filter.types = parseTypes(types);
		if (caller.sessionId === null) return filter;
		if (filter.sessionId !== undefined && filter.sessionId !== caller.sessionId) {
			throw new BerthError(
				"session_not_found",
				`the token is bound to ${caller.sessionId} and sees no session ${session}`,
			);
		}
		return { ...filter, sessionId: caller.sessionId };
	};
	return new Elysia({ normalize: false }).get(
		"/events",
		({ query: { after, before, session, types, limit = PAGE_EVENTS }, request }) => {
			const caller = callerOf(request);
			const filter = filterFor(caller, session, types);
			if (wantsPage(request)) {
				const page =
					before === undefined ? feed.page(after, limit, filter) : feed.pageBefore(before, limit, filter);
				return Response.json(page, { headers: { vary: "Accept" } });
			}
			if (before !== undefined) {
				throw new BerthError("bad_request", "before reads pages; ask with Accept: application/json", {
					field: "before",
				});
			}
			const from = lastEventId(request) ?? after ?? feed.newest;
			feed.check(from);
			return eventStreamResponse(request, context, {
				follow: (signal) => feed.follow(from, filter, signal),
				idOf: ({ seq }) => seq,
			});
		},
		{
			query,
			...operation({
				id: "getEvents",
				tag: "Events",
				summary:
					"What happened, in order and without a gap: a stream, or a page with `Accept: application/json`",
				description:
					"The stream is text/event-stream with `id:`; `Last-Event-ID` resumes and wins over `after`. " +
					"A cursor older than what is kept answers 410 `cursor_too_old` with the oldest number in `info.oldest`.",
				scope: "read",
				answers: [
					{
						description: "Events",
						content: {
							"text/event-stream": { example: `id: 17\ndata: ${JSON.stringify(eventExample)}\n\n` },
							"application/json": {
								schema: EventPage,
								example: { events: [eventExample], next: 17, oldest: 1 },
							},
						},
					},
				],
				errors: ["bad_request", "unauthorized", "session_not_found", "ambiguous_reference", "cursor_too_old"],
			}),
		},
	);
};

/** The types, each of them known: a typing mistake must not become a stream that stays silent. */
function parseTypes(list: string): EventType[] {
	return list.split(",").map((item) => {
		const known = eventTypes.find((type) => type === item.trim());
		if (known === undefined) {
			const detail = `there is no event type ${JSON.stringify(item)}; known are ${eventTypes.join(", ")}`;
			throw new BerthError("bad_request", detail, { field: "types" });
		}
		return known;
	});
}
