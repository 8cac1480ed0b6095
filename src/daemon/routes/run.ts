import { Elysia } from "elysia";
import { DaemonWaitRequest, RunRequest, RunResult, WaitResult } from "../../contract/io.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, liveErrors, operation } from "../http/operation.ts";
import type { Target } from "../http/target.ts";
import { waitForAny } from "../services/agents/wait-for-state.ts";

export const runRoutes = <const P extends string>(target: Target<P>, context: DaemonContext) =>
	new Elysia({ prefix: target.prefix, normalize: false })
		.post(
			"/run",
			({ params: { ref, wid }, body, request }): Promise<RunResult> => {
				callerOf(request).keepOpen();
				return context.sessions.holder(ref, wid).call("run", body, null);
			},
			{
				params: target.params,
				body: RunRequest,
				...operation({
					id: `run${target.noun}`,
					tag: "Terminal",
					summary: "Type a command into the live shell and answer with what became of it",
					description:
						"The end, the exit code and the directory come from shell integration marks, never from text in the output. " +
						"A shell that is busy answers 409 `session_busy`.",
					scope: "write",
					body: { example: { command: "make test", timeoutMs: 60_000, onTimeout: "interrupt" } },
					answers: [
						json(
							RunResult,
							{
								status: "completed",
								exitCode: 0,
								output: "ok\n",
								startOffset: 18_211,
								endOffset: 18_215,
								truncatedBytes: 0,
								durationMs: 1250,
								cwd: "/home/me/project",
							},
							"What became of the command",
						),
					],
					errors: [...liveErrors, "session_busy", "shell_not_integrated", "too_large"],
				}),
			},
		)
		.post(
			"/wait",
			({ params: { ref, wid }, body, request }): Promise<WaitResult> => {
				callerOf(request).keepOpen();
				return waitForAny(context, { ref, wid }, body, request.signal);
			},
			{
				params: target.params,
				body: DaemonWaitRequest,
				...operation({
					id: `wait${target.noun}`,
					tag: "Terminal",
					summary: "Wait for text, a pattern, silence, the prompt, an agent's state or the end",
					description:
						"The wait is armed before `input` is typed, so that nothing is missed. The end of the process ends every wait, with the " +
						"status `exit`; a wait for `exit` is also answered for a process that had ended before.",
					scope: "write",
					body: { example: { regex: "listening on :(\\d+)", input: "npm start\r", timeoutMs: 10_000 } },
					answers: [
						json(
							WaitResult,
							{
								status: "matched",
								match: "listening on :8080",
								groups: ["8080"],
								offset: 18_400,
								exitCode: null,
							},
							"Which condition came first",
						),
					],
					errors: [...liveErrors, "invalid_pattern", "shell_not_integrated", "not_an_agent"],
				}),
			},
		);
