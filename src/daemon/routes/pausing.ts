import { Elysia } from "elysia";
import { Session } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation } from "../http/operation.ts";
import { SessionParams } from "../http/target.ts";
import { sessionExample } from "../openapi/examples.ts";

const paused: Session = { ...sessionExample, pausedAt: 1_767_322_900_000 };

export const pausingRoutes = ({ sessions }: DaemonContext) =>
	new Elysia({ prefix: "/sessions/:ref", normalize: false })
		.post(
			"/pause",
			({ params: { ref }, request }): Promise<Session> => {
				callerOf(request).keepOpen();
				return sessions.pause(ref);
			},
			{
				params: SessionParams,
				...operation({
					id: "pauseSession",
					tag: "Sessions",
					summary: "End the session's processes until it is resumed",
					description:
						"Answers when no process of it is left. What ran is remembered with its directory. It stays paused, over restarts of the " +
						"daemon too, until somebody resumes, closes or kills it.",
					scope: "admin",
					answers: [json(Session, paused, "It is paused")],
					errors: [
						"unauthorized",
						"forbidden",
						"session_not_found",
						"ambiguous_reference",
						"session_ended",
						"illegal_transition",
						"stop_failed",
					],
				}),
			},
		)
		.post(
			"/resume",
			({ params: { ref }, request }): Promise<Session> => {
				callerOf(request).keepOpen();
				return sessions.resume(ref);
			},
			{
				params: SessionParams,
				...operation({
					id: "resumeSession",
					tag: "Sessions",
					summary: "Start what ran when the session was paused, each in the directory it was in",
					description: "All of it runs then, or nothing does and the session stays paused.",
					scope: "admin",
					answers: [json(Session, sessionExample, "It runs again")],
					errors: [
						"unauthorized",
						"forbidden",
						"session_not_found",
						"ambiguous_reference",
						"illegal_transition",
						"invalid_cwd",
						"invalid_command",
						"agent_not_found",
						"agent_not_installed",
						"port_taken",
						"session_ended",
						"spawn_failed",
						"stop_failed",
					],
				}),
			},
		);
