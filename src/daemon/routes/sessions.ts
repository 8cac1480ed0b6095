import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { DeletedSession, NewSession, Session, SessionPatch } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation } from "../http/operation.ts";
import { SessionParams } from "../http/target.ts";
import { sessionExample } from "../openapi/examples.ts";

const listQuery = Type.Object(
	{ all: Type.Optional(Type.Boolean({ description: "Ended sessions too", examples: [true] })) },
	{ additionalProperties: false },
);

const deleteQuery = Type.Object(
	{
		worktree: Type.Optional(
			Type.Boolean({
				description: "Remove its worktree and the branch that was made with it",
				examples: [true],
			}),
		),
		force: Type.Optional(
			Type.Boolean({ description: "Even if that loses files or commits", examples: [false] }),
		),
	},
	{ additionalProperties: false },
);

export const sessionRoutes = ({ sessions }: DaemonContext) =>
	new Elysia({ prefix: "/sessions", normalize: false })
		.get(
			"",
			({ query: { all }, request }): Session[] => {
				const { sessionId } = callerOf(request);
				const found = sessions.list(all ?? false);
				return sessionId === null ? found : found.filter(({ id }) => id === sessionId);
			},
			{
				query: listQuery,
				...operation({
					id: "listSessions",
					tag: "Sessions",
					summary: "List sessions, oldest first",
					scope: "read",
					answers: [json(Type.Array(Session), [sessionExample], "The sessions that the token sees")],
					errors: ["bad_request", "unauthorized", "origin_refused"],
				}),
			},
		)
		.post(
			"",
			async ({ body, set, request }): Promise<Session> => {
				callerOf(request).keepOpen();
				const session = await sessions.create(body);
				set.status = 201;
				return session;
			},
			{
				body: NewSession,
				...operation({
					id: "createSession",
					tag: "Sessions",
					summary: "Make a session and start its primary worker",
					description: "Answers when the process runs. What cannot be started leaves nothing behind.",
					scope: "admin",
					unbound: true,
					body: {
						example: { name: "api", cwd: "/home/me/project", command: ["npm", "run", "dev"], tags: ["work"] },
					},
					answers: [json(Session, sessionExample, "The session runs", 201)],
					errors: [
						"bad_request",
						"invalid_name",
						"invalid_cwd",
						"invalid_command",
						"agent_not_found",
						"agent_not_installed",
						"unauthorized",
						"forbidden",
						"name_taken",
						"port_taken",
						"no_free_port",
						"session_ended",
						"session_not_found",
						"ambiguous_reference",
						"too_large",
						"unsupported_media_type",
						"spawn_failed",
						"repository_not_found",
						"invalid_repository",
						"invalid_base",
						"branch_taken",
						"git_refused",
					],
				}),
			},
		)
		.get("/:ref", ({ params: { ref } }): Session => sessions.get(ref), {
			params: SessionParams,
			...operation({
				id: "getSession",
				tag: "Sessions",
				summary: "One session with its workers",
				scope: "read",
				answers: [json(Session, sessionExample, "The session")],
				errors: ["unauthorized", "session_not_found", "ambiguous_reference"],
			}),
		})
		.patch("/:ref", ({ params: { ref }, body }): Session => sessions.update(ref, body), {
			params: SessionParams,
			body: SessionPatch,
			...operation({
				id: "updateSession",
				tag: "Sessions",
				summary: "Rename, tag or set the idle time-out",
				scope: "write",
				body: { example: { name: "api-2", tags: ["work"] } },
				answers: [json(Session, { ...sessionExample, name: "api-2" }, "The session as it is now")],
				errors: [
					"bad_request",
					"invalid_name",
					"unauthorized",
					"forbidden",
					"session_not_found",
					"ambiguous_reference",
					"name_taken",
					"unsupported_media_type",
				],
			}),
		})
		.delete(
			"/:ref",
			({ params: { ref }, query: { worktree, force }, request }): Promise<DeletedSession> => {
				callerOf(request).keepOpen();
				return sessions.remove(ref, worktree ? { force: force ?? false } : undefined);
			},
			{
				params: SessionParams,
				query: deleteQuery,
				...operation({
					id: "deleteSession",
					tag: "Sessions",
					summary: "Forget an ended session and its journal",
					description:
						"A worktree stays where it is, unless it is asked for. One that holds uncommitted files or commits of its own " +
						"is kept, with the session, and the answer names them; with `force` they are lost.",
					scope: "admin",
					answers: [json(DeletedSession, { status: "deleted" }, "Nothing of it is left but its events")],
					errors: [
						"unauthorized",
						"forbidden",
						"session_not_found",
						"ambiguous_reference",
						"session_running",
						"illegal_transition",
						"worktree_unsaved",
						"git_refused",
					],
				}),
			},
		);
