/** Schemas of the daemon itself: health, events, tokens, login. */
import { type Static, Type } from "@sinclair/typebox";
import { errorKinds } from "./errors.ts";
import { type EventType, eventTypes, type Scope, scopes } from "./words.ts";

export const ProblemDocument = Type.Object(
	{
		type: Type.String({ examples: ["urn:berth:error:session_not_found"] }),
		title: Type.String({ examples: ["There is no such session"] }),
		status: Type.Integer({ examples: [404] }),
		detail: Type.String({ description: "What happened and what to do" }),
		code: Type.Union(
			(Object.keys(errorKinds) as (keyof typeof errorKinds)[]).map((code) => Type.Literal(code)),
			{ description: "Stable" },
		),
		info: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
	},
	{ description: "RFC 9457 problem document" },
);

export const Health = Type.Object({
	name: Type.Literal("berth"),
	version: Type.String({ examples: ["0.1.0"] }),
	pid: Type.Integer({ examples: [4242] }),
	startedAt: Type.Integer({ description: "Unix milliseconds" }),
	proof: Type.Union([Type.String(), Type.Null()], {
		description:
			"HMAC-SHA256 of the query's `challenge` with the daemon's private nonce; null without a challenge",
		examples: [null],
	}),
});
export type Health = Static<typeof Health>;

export { type EventType, eventTypes, type Scope, scopes };

export const Event = Type.Object({
	seq: Type.Integer({ description: "Only grows; never reused", examples: [17] }),
	at: Type.Integer({ description: "Unix milliseconds" }),
	type: Type.String({ examples: ["worker.exited"] }),
	sessionId: Type.Union([Type.String(), Type.Null()]),
	workerId: Type.Union([Type.String(), Type.Null()]),
	data: Type.Record(Type.String(), Type.Unknown(), {
		examples: [{ state: "exited", exit: { code: 0, signal: null, reason: "exited" } }],
	}),
});
export type Event = Static<typeof Event>;

export const EventPage = Type.Object({
	events: Type.Array(Event),
	next: Type.Integer({ description: "Pass as `after` to read on" }),
	oldest: Type.Integer({ description: "The first event still kept" }),
});
export type EventPage = Static<typeof EventPage>;

/** Whether a token of `held` scope may do what needs `needed`. */
export function covers(held: Scope, needed: Scope): boolean {
	return scopes.indexOf(held) >= scopes.indexOf(needed);
}

export const Token = Type.Object({
	id: Type.String({ examples: ["t_3n5p7r9tvx"] }),
	label: Type.String({ examples: ["ci"] }),
	scope: Type.Union(
		scopes.map((scope) => Type.Literal(scope)),
		{ description: "read: look; write: type and run as well; admin: lifecycle and tokens as well" },
	),
	sessionId: Type.Union([Type.String(), Type.Null()], { description: "Bound to this session; null for all" }),
	createdAt: Type.Integer({ description: "Unix milliseconds" }),
	expiresAt: Type.Union([Type.Integer(), Type.Null()], { description: "Unix milliseconds; null never" }),
});
export type Token = Static<typeof Token>;

export const NewToken = Type.Object(
	{
		label: Type.Optional(Type.String({ maxLength: 100 })),
		scope: Type.Optional(
			Type.Union([Type.Literal("read"), Type.Literal("write"), Type.Literal("admin")], { default: "read" }),
		),
		session: Type.Optional(Type.String({ description: "REF of the session that it is bound to" })),
		expiresInSeconds: Type.Optional(
			Type.Integer({ minimum: 1, maximum: 10 * 365 * 24 * 3600, examples: [86_400] }),
		),
	},
	{ additionalProperties: false, examples: [{ label: "ci", scope: "write", expiresInSeconds: 86_400 }] },
);
export type NewToken = Static<typeof NewToken>;

export const TokenCreated = Type.Composite([
	Token,
	Type.Object({
		token: Type.String({ description: "Shown once; only its hash is kept", examples: ["berth_…"] }),
	}),
]);
export type TokenCreated = Static<typeof TokenCreated>;

export const Self = Type.Object({
	via: Type.Union([Type.Literal("owner"), Type.Literal("bearer"), Type.Literal("cookie")], {
		description: "owner: over the unix socket",
	}),
	scope: Type.Union(scopes.map((scope) => Type.Literal(scope))),
	sessionId: Type.Union([Type.String(), Type.Null()], {
		description: "The one session that it sees; null for all",
	}),
	expiresAt: Type.Union([Type.Integer(), Type.Null()], { description: "Unix milliseconds; null never" }),
});
export type Self = Static<typeof Self>;

export const Ticket = Type.Object({
	url: Type.String({ description: "Opens the web UI logged in; works once, for 60 seconds" }),
	expiresAt: Type.Integer({ description: "Unix milliseconds" }),
});
export type Ticket = Static<typeof Ticket>;
