import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { WAIT_LIMITS_MS } from "../../contract/limits.ts";
import { Interrupted, NewPrompt, Prompt } from "../../contract/prompt.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { agentErrors, json, operation } from "../http/operation.ts";
import type { Target } from "../http/target.ts";
import { promptExample } from "../openapi/examples.ts";

const listQuery = Type.Object(
	{
		all: Type.Optional(
			Type.Union([Type.Boolean(), Type.Literal("true"), Type.Literal("false")], {
				description: "The last ones of all, not only those that have not ended",
			}),
		),
	},
	{ additionalProperties: false },
);

const waitQuery = Type.Object(
	{
		wait: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: WAIT_LIMITS_MS.longest,
				description: "Milliseconds to wait for its end; it is answered as it is by then",
				examples: [30_000],
			}),
		),
	},
	{ additionalProperties: false },
);

const queued: Prompt = {
	...promptExample,
	state: "pending",
	startedAt: null,
	endedAt: null,
	stopReason: null,
	answer: null,
};

export const promptRoutes = <const P extends string>(
	target: Target<P>,
	{ agents, stopping }: DaemonContext,
) => {
	const { prompting } = agents;
	const params = Type.Object({
		...target.params.properties,
		id: Type.String({ minLength: 1, description: "The prompt's id", examples: [promptExample.id] }),
	});
	return new Elysia({ prefix: target.prefix, normalize: false })
		.get(
			"/prompts",
			({ params: { ref, wid }, query: { all } }): Prompt[] =>
				prompting.prompts.list(agents.target(ref, wid).worker.id, all === true || all === "true"),
			{
				params: target.params,
				query: listQuery,
				...operation({
					id: `list${target.noun}Prompts`,
					tag: "Agents",
					summary: "What waits for the agent and what it works on, oldest first",
					scope: "read",
					answers: [json(Type.Array(Prompt), [promptExample], "The prompts")],
					errors: [...agentErrors, "bad_request"],
				}),
			},
		)
		.post(
			"/prompts",
			({ params: { ref, wid }, body, set }): Prompt => {
				const prompt = prompting.add(agents.target(ref, wid), body);
				set.status = 201;
				return prompt;
			},
			{
				params: target.params,
				body: NewPrompt,
				...operation({
					id: `prompt${target.noun}`,
					tag: "Agents",
					summary: "Ask the agent something; it waits in a queue until the agent can take it",
					description:
						"Given when the agent is idle, one at a time, in the order of asking. `GET …/prompts/ID?wait=MS` and the events `prompt.started` and " +
						"`prompt.ended` tell what becomes of it. Images go into the store first: POST /images.",
					scope: "write",
					body: { example: { text: "Find out why the build fails" } },
					answers: [json(Prompt, queued, "It is in the queue", 201)],
					errors: [
						...agentErrors,
						"bad_request",
						"agent_busy",
						"agent_refused",
						"blob_not_found",
						"session_ended",
						"too_large",
						"unsupported_media_type",
					],
				}),
			},
		)
		.get(
			"/prompts/:id",
			({ params: { ref, wid, id }, query: { wait = 0 }, request }): Promise<Prompt> => {
				const { worker } = agents.target(ref, wid);
				callerOf(request).keepOpen();
				return prompting.prompts.wait(worker.id, id, wait, AbortSignal.any([request.signal, stopping]));
			},
			{
				params,
				query: waitQuery,
				...operation({
					id: `get${target.noun}Prompt`,
					tag: "Agents",
					summary: "A prompt and its answer, at once or when it has ended",
					scope: "read",
					answers: [json(Prompt, promptExample, "The prompt")],
					errors: [...agentErrors, "bad_request", "prompt_not_found"],
				}),
			},
		)
		.delete(
			"/prompts/:id",
			({ params: { ref, wid, id } }): Promise<Prompt> => prompting.cancel(agents.target(ref, wid), id),
			{
				params,
				...operation({
					id: `cancel${target.noun}Prompt`,
					tag: "Agents",
					summary: "Take a prompt out of the queue, or interrupt the agent that works on it",
					scope: "write",
					answers: [json(Prompt, { ...queued, state: "stopped" }, "The prompt as it is now")],
					errors: [...agentErrors, "prompt_not_found", "prompt_ended", "holder_unreachable"],
				}),
			},
		)
		.post(
			"/interrupt",
			({ params: { ref, wid } }): Promise<Interrupted> => prompting.interrupt(agents.target(ref, wid)),
			{
				params: target.params,
				...operation({
					id: `interrupt${target.noun}`,
					tag: "Agents",
					summary: "Stop what the agent is doing; what waits for it stays",
					description: "Its requests for permission are cancelled. Quiet success when it does nothing.",
					scope: "write",
					answers: [json(Interrupted, { status: "interrupted", promptId: promptExample.id })],
					errors: [...agentErrors, "session_ended", "holder_unreachable"],
				}),
			},
		);
};
