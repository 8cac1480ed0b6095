/**
 * Schemas of what structured agents and their users said.
 *
 * A conversation is a list of items in the order of their `index`. An item may change until it is done (text arrives, a tool call gets
 * its result); each change gives it a new `cursor`. Cursors only grow and are never given twice, so one number reads both ways: items
 * `after` a cursor are what is new or changed since, items `before` one are older, and every item has exactly one cursor at a time.
 */
import { type Static, Type } from "@sinclair/typebox";
import { literals, Milliseconds, nullable } from "./schemas.ts";
import { permissionStates, runStates } from "./state.ts";
import { permissionDecisions, toolKinds } from "./words.ts";

/** An image in the store of images, by its content. */
export const Image = Type.Object({
	sha256: Type.String({ pattern: "^[0-9a-f]{64}$", description: "Names it: GET /images/SHA256" }),
	mediaType: literals(["image/png", "image/jpeg", "image/gif", "image/webp"] as const),
	bytes: Type.Integer({ minimum: 1 }),
});
export type Image = Static<typeof Image>;

const TextPart = Type.Object({ type: Type.Literal("text"), text: Type.String() });
const ImagePart = Type.Object({ type: Type.Literal("image"), image: Image });
const LinkPart = Type.Object({
	type: Type.Literal("link"),
	uri: Type.String({ examples: ["file:///home/me/project/README.md"] }),
	name: Type.String(),
});
const DiffPart = Type.Object({
	type: Type.Literal("diff"),
	path: Type.String({ examples: ["/home/me/project/src/main.ts"] }),
	oldText: nullable(Type.String({ description: "null for a new file" })),
	newText: Type.String(),
});

export const Part = Type.Union([TextPart, ImagePart, LinkPart]);
export type Part = Static<typeof Part>;
export const ToolPart = Type.Union([TextPart, ImagePart, LinkPart, DiffPart]);
export type ToolPart = Static<typeof ToolPart>;

export const MessageBody = Type.Object({
	type: Type.Literal("message"),
	role: literals(["user", "assistant", "thought"] as const),
	parts: Type.Array(Part),
	done: Type.Boolean({ description: "false while more of it may come" }),
	promptId: Type.Optional(Type.String({ description: "The prompt that it was sent as" })),
});

export const ToolBody = Type.Object({
	type: Type.Literal("tool"),
	/** The agent's own id of the call. */
	call: Type.String({ description: "The agent's own id of the call" }),
	title: Type.String({ examples: ["Run `npm test`"] }),
	name: nullable(Type.String({ description: "The tool, when the agent names it", examples: ["Bash"] })),
	kind: literals(toolKinds),
	status: literals(["pending", "running", "completed", "failed"] as const),
	input: Type.Unknown({ description: "What the tool was given, as the agent told it" }),
	output: Type.Array(ToolPart),
	locations: Type.Array(Type.Object({ path: Type.String(), line: nullable(Type.Integer()) })),
});

export const PlanBody = Type.Object({
	type: Type.Literal("plan"),
	entries: Type.Array(
		Type.Object({
			content: Type.String(),
			priority: literals(["high", "medium", "low"] as const),
			status: literals(["pending", "in_progress", "completed"] as const),
		}),
	),
});

/** One request for permission, where it stood in the conversation; `GET /permissions/ID` has all of it. */
export const PermissionBody = Type.Object({
	type: Type.Literal("permission"),
	permissionId: Type.String({ examples: ["p_5r8k2m4c9q"] }),
	title: Type.String(),
	state: literals(permissionStates),
	decision: nullable(literals(permissionDecisions)),
});

export const TurnBody = Type.Object({
	type: Type.Literal("turn"),
	promptId: nullable(Type.String()),
	state: literals(runStates),
	/** As the agent said: `end_turn`, `cancelled`, `max_tokens`, `refusal` … */
	stopReason: nullable(Type.String({ description: "As the agent said", examples: ["end_turn"] })),
	durationMs: nullable(Type.Integer()),
	usage: Type.Optional(
		Type.Object({
			inputTokens: Type.Optional(Type.Integer()),
			outputTokens: Type.Optional(Type.Integer()),
			costUsd: Type.Optional(Type.Number()),
		}),
	),
});

/** What the conversation's reader should know and nobody said: a changed model, a message that was not understood, an end. */
export const NoticeBody = Type.Object({
	type: Type.Literal("notice"),
	level: literals(["info", "warning", "error"] as const),
	text: Type.String(),
});

export const ItemBody = Type.Union([MessageBody, ToolBody, PlanBody, PermissionBody, TurnBody, NoticeBody]);
export type ItemBody = Static<typeof ItemBody>;

export const Item = Type.Object({
	cursor: Type.Integer({ description: "Only grows; a change gives the item a new one", examples: [42] }),
	id: Type.String({ description: "Of this item in its conversation; stays", examples: ["1.17"] }),
	index: Type.Integer({ description: "Its place in the conversation; stays", examples: [17] }),
	workerId: Type.String(),
	generation: Type.Integer(),
	at: Milliseconds,
	updatedAt: Milliseconds,
	body: ItemBody,
});
export type Item = Static<typeof Item>;

/** What a stream with `appends=true` has instead of a message whose text has only grown: the rest of it. */
export const ItemAppend = Type.Object({
	cursor: Item.properties.cursor,
	id: Item.properties.id,
	updatedAt: Milliseconds,
	append: Type.String({ description: "Goes to the end of the message's last part" }),
	done: Type.Boolean({ description: "false while more of it may come" }),
});
export type ItemAppend = Static<typeof ItemAppend>;

export const ConversationPage = Type.Object({
	items: Type.Array(Item, { description: "By cursor, the lowest first" }),
	next: Type.Integer({ description: "Pass as `after` for what comes later" }),
	previous: nullable(
		Type.Integer({ description: "Pass as `before` for what is older; null when there is none" }),
	),
});
export type ConversationPage = Static<typeof ConversationPage>;
