/** What a route says about itself, in one place: who may call it, and what the OpenAPI document tells. */
import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "../../contract/errors.ts";
import type { Scope } from "../../contract/system.ts";

export const tags = {
	Sessions: "Making, finding and ending sessions",
	Workers: "The processes of a session",
	Repositories: "Where worktree sessions come from",
	Terminal: "Typing, running and waiting",
	Output: "Reading what a terminal shows and showed",
	Agents: "Coding agents: talking to them, and what they said",
	Permissions: "What agents ask to be allowed, and who answers",
	Events: "What happened, in order",
	Access: "Tokens and logging in",
	Daemon: "The daemon itself",
} as const;

export interface Answer {
	/** 200 when absent. */
	status?: number;
	description: string;
	/** Media type → its schema (absent for bytes and text) and an example. */
	content?: Record<string, { schema?: TSchema; example?: unknown }>;
	headers?: Record<string, string>;
}

export interface OperationFacts {
	id: string;
	tag: keyof typeof tags;
	summary: string;
	description?: string;
	/** The scope that a token needs; `public` needs none. */
	scope: Scope | "public";
	/** The operation concerns more than one session: a token that is bound to one is refused. */
	unbound?: boolean;
	/** Files of our own pages: served, and of no interest to a caller of the API. */
	hidden?: boolean;
	answers: Answer[];
	errors: readonly ErrorCode[];
	/** Example of the request's body, when it takes one, and the media types besides JSON; an image is bytes only. */
	body?: {
		example: unknown;
		alsoBytes?: boolean;
		image?: boolean;
		/** An example of the same in TOML, which is taken as well and given to the route as text. */
		toml?: string;
		/** What the document shows when the service checks the body itself, since it tells more of what is wrong. */
		schema?: TSchema;
	};
}

/** The key in a route's `detail` that holds its facts; the OpenAPI document is made from them. */
export const FACTS = "x-berth";

export interface OperationDetail {
	operationId: string;
	summary: string;
	tags: string[];
	[FACTS]: OperationFacts;
}

export function operation(facts: OperationFacts): { detail: OperationDetail } {
	return { detail: { operationId: facts.id, summary: facts.summary, tags: [facts.tag], [FACTS]: facts } };
}

export function json(schema: TSchema, example: unknown, description = "Done", status = 200): Answer {
	return { status, description, content: { "application/json": { schema, example } } };
}

/** What every path with a REF may answer. */
export const targetErrors = [
	"unauthorized",
	"forbidden",
	"session_not_found",
	"worker_not_found",
	"ambiguous_reference",
] as const satisfies ErrorCode[];

/** What every operation on an agent may answer. */
export const agentErrors = [...targetErrors, "not_an_agent"] as const satisfies ErrorCode[];

/** What every operation with a body on a live terminal may answer. */
export const liveErrors = [
	...targetErrors,
	"bad_request",
	"session_ended",
	"unsupported_media_type",
	"holder_unreachable",
] as const satisfies ErrorCode[];
