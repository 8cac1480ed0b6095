import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Shortener } from "../../contract/appends.ts";
import { ConversationPage, type Item, type ItemAppend } from "../../contract/conversation.ts";
import { BerthError } from "../../contract/errors.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { eventStreamResponse, lastEventId, wantsPage } from "../http/event-stream.ts";
import { agentErrors, operation } from "../http/operation.ts";
import { streamOf } from "../http/streams.ts";
import type { Target } from "../http/target.ts";
import { itemExample } from "../openapi/examples.ts";
import { PAGE_ITEMS } from "../services/agents/conversations.ts";
import { exportJson, exportMarkdown } from "../services/agents/export.ts";

const query = Type.Object(
	{
		after: Type.Optional(
			Type.Integer({
				minimum: 0,
				description: "What is new or changed since this cursor; absent, a stream starts with what comes next",
				examples: [0],
			}),
		),
		before: Type.Optional(
			Type.Integer({
				minimum: 1,
				description: "The last items before this cursor (JSON only; not together with after)",
				examples: [500],
			}),
		),
		limit: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: PAGE_ITEMS.most,
				default: PAGE_ITEMS.usual,
				description: "Items of a page (JSON only)",
			}),
		),
		appends: Type.Optional(
			Type.Boolean({
				default: false,
				description:
					"Of a message whose text has only grown since it was told in this stream, just what is new: `{cursor, id, updatedAt, append, done}` (streams only)",
			}),
		),
	},
	{ additionalProperties: false },
);

const exportQuery = Type.Object(
	{
		format: Type.Optional(
			Type.Union([Type.Literal("markdown"), Type.Literal("json")], {
				default: "markdown",
				description: "markdown for people, json for programs; images are in both",
			}),
		),
	},
	{ additionalProperties: false },
);

const page: ConversationPage = { items: [itemExample], next: itemExample.cursor, previous: null };

export const conversationRoutes = <const P extends string>(target: Target<P>, context: DaemonContext) => {
	const { agents, now } = context;
	const { conversations, images } = agents;
	return new Elysia({ prefix: `${target.prefix}/conversation`, normalize: false })
		.get(
			"",
			({ params: { ref, wid }, query: { after, before, limit, appends = false }, request }) => {
				const { worker } = agents.structured(ref, wid);
				if (wantsPage(request)) {
					const answer = conversations.page(worker.id, { after, before, limit });
					return Response.json(answer, { headers: { vary: "Accept" } });
				}
				if (before !== undefined) {
					const detail = "before reads pages; ask with Accept: application/json";
					throw new BerthError("bad_request", detail, { field: "before" });
				}
				const from = lastEventId(request) ?? after ?? conversations.newest;
				conversations.check(from);
				return eventStreamResponse<Item | ItemAppend>(request, context, {
					follow(signal) {
						const items = conversations.follow(worker.id, from, signal);
						return appends ? shortened(items) : items;
					},
					idOf: ({ cursor }) => cursor,
				});
			},
			{
				params: target.params,
				query,
				...operation({
					id: `get${target.noun}Conversation`,
					tag: "Agents",
					summary:
						"What a structured agent and its users said: a stream, or a page with `Accept: application/json`",
					description:
						"Items by cursor. An item that changes (text arrives, a tool has its result) moves to a new cursor and keeps id and index, so keep the " +
						"newest version of each id and sort by index. A message that is being written comes whole each time; with `appends=true` only the rest of it. The stream has `id: CURSOR`; `Last-Event-ID` resumes and wins over `after`. A page " +
						"without a cursor is the newest. Without a worker the session's agent is meant.",
					scope: "read",
					answers: [
						{
							description: "Items",
							content: {
								"text/event-stream": {
									example: `id: ${itemExample.cursor}\ndata: ${JSON.stringify(itemExample)}\n\n`,
								},
								"application/json": { schema: ConversationPage, example: page },
							},
						},
					],
					errors: [...agentErrors, "bad_request"],
				}),
			},
		)
		.get(
			"/export",
			({ params: { ref, wid }, query: { format = "markdown" }, request }) => {
				const { session, worker, agent } = agents.structured(ref, wid);
				callerOf(request).keepOpen();
				const head = {
					session: session.name,
					worker: worker.name,
					agent: agent.definition,
					conversation: agent.conversation,
					exportedAt: now(),
				};
				const write = format === "json" ? exportJson : exportMarkdown;
				const text = write(head, conversations.all(worker.id), (sha256) => images.read(sha256));
				const ending = format === "json" ? "json" : "md";
				return new Response(request.method === "HEAD" ? null : streamOf(text), {
					headers: {
						"content-type": format === "json" ? "application/json" : "text/markdown; charset=utf-8",
						"content-disposition": `attachment; filename="conversation-${worker.id}.${ending}"`,
					},
				});
			},
			{
				params: target.params,
				query: exportQuery,
				...operation({
					id: `export${target.noun}Conversation`,
					tag: "Agents",
					summary: "The whole conversation as a file, images included",
					scope: "read",
					answers: [
						{
							description: "The conversation in its order",
							content: {
								"text/markdown": { example: "# api/main\n\n## User\n\nFind out why the build fails\n" },
								"application/json": {
									example: { session: "api", worker: "main", items: [itemExample], images: {} },
								},
							},
						},
					],
					errors: [...agentErrors, "bad_request"],
				}),
			},
		);
};

async function* shortened(
	pages: AsyncGenerator<readonly Item[]>,
): AsyncGenerator<readonly (Item | ItemAppend)[]> {
	const shortener = new Shortener();
	for await (const items of pages) yield items.map((item) => shortener.take(item));
}
