import { Elysia } from "elysia";
import { RestartOptions } from "../../contract/agent-start.ts";
import { Signal } from "../../contract/io.ts";
import { Closed, Killed, Restarted, Signalled } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation, targetErrors } from "../http/operation.ts";
import type { Target } from "../http/target.ts";

export const lifecycleRoutes = <const P extends string>(target: Target<P>, { sessions }: DaemonContext) =>
	new Elysia({ prefix: target.prefix, normalize: false })
		.post(
			"/close",
			async ({ params: { ref, wid }, request }) => {
				callerOf(request).keepOpen();
				await sessions.close(ref, wid);
				return { status: "closed" as const };
			},
			{
				params: target.params,
				...operation({
					id: `close${target.noun}`,
					tag: "Sessions",
					summary: "Hang up, then terminate, then kill the whole process tree",
					description:
						"Answers when no process of the tree is left. Closing what has ended is a quiet success.",
					scope: "admin",
					answers: [json(Closed, { status: "closed" }, "No process of it is left")],
					errors: [...targetErrors, "stop_failed"],
				}),
			},
		)
		.post(
			"/kill",
			async ({ params: { ref, wid }, request }) => {
				callerOf(request).keepOpen();
				await sessions.kill(ref, wid);
				return { status: "killed" as const };
			},
			{
				params: target.params,
				...operation({
					id: `kill${target.noun}`,
					tag: "Sessions",
					summary: "Kill the whole process tree now",
					scope: "admin",
					answers: [json(Killed, { status: "killed" }, "No process of it is left")],
					errors: [...targetErrors, "stop_failed"],
				}),
			},
		)
		.post(
			"/restart",
			({ params: { ref, wid }, body, request }): Promise<Restarted> => {
				callerOf(request).keepOpen();
				return sessions.restart(ref, wid, body);
			},
			{
				params: target.params,
				body: RestartOptions,
				...operation({
					id: `restart${target.noun}`,
					tag: "Sessions",
					summary: "Start again: same id, name, port, directory, shell, environment and size",
					description:
						"What runs is closed first. The generation counts one up. An agent goes on with its conversation, unless it is told " +
						"to begin a new one; what is changed of its configuration is kept. The body may be left out.",
					scope: "admin",
					body: { example: { agent: { model: "opus" } } },
					answers: [
						json(
							Restarted,
							{ status: "restarted", port: 20_000, name: "api", shell: "/bin/bash", generation: 2 },
							"It runs again",
						),
					],
					errors: [
						...targetErrors,
						"invalid_cwd",
						"bad_request",
						"invalid_command",
						"not_an_agent",
						"agent_not_found",
						"agent_not_installed",
						"unsupported_media_type",
						"port_taken",
						"session_ended",
						"session_paused",
						"spawn_failed",
						"stop_failed",
					],
				}),
			},
		)
		.post(
			"/signal",
			async ({ params: { ref, wid }, body: { signal } }) => {
				const { pgid } = await sessions.signal(ref, signal, wid);
				return { status: "signalled" as const, pgid };
			},
			{
				params: target.params,
				body: Signal,
				...operation({
					id: `signal${target.noun}`,
					tag: "Sessions",
					summary: "Send a signal to the foreground process group",
					scope: "write",
					body: { example: { signal: "INT" } },
					answers: [json(Signalled, { status: "signalled", pgid: 4711 }, "The signal was sent")],
					errors: [
						...targetErrors,
						"bad_request",
						"session_ended",
						"unsupported_media_type",
						"holder_unreachable",
					],
				}),
			},
		);
