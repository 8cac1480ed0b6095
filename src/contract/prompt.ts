/** Schemas of prompts: runs (state.ts) whose work is given to an agent. */
import { type Static, Type } from "@sinclair/typebox";
import { Image } from "./conversation.ts";
import { INPUT_LIMIT_BYTES } from "./limits.ts";
import { literals, Milliseconds, nullable } from "./schemas.ts";
import { runStates } from "./state.ts";

export const NewPrompt = Type.Object(
	{
		text: Type.String({
			minLength: 1,
			maxLength: INPUT_LIMIT_BYTES,
			examples: ["Find out why the build fails"],
		}),
		images: Type.Optional(
			Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), {
				maxItems: 20,
				description: "Images that were put into the store: POST /images",
			}),
		),
		now: Type.Optional(
			Type.Boolean({
				description:
					"Do not wait for the agent to be idle: for one with a screen whose state nobody can tell. It waits all the same while another " +
					"prompt is worked on",
			}),
		),
	},
	{ additionalProperties: false, examples: [{ text: "Find out why the build fails" }] },
);
export type NewPrompt = Static<typeof NewPrompt>;

export const Prompt = Type.Object({
	id: Type.String({ examples: ["q_2k8m4c9qzt"] }),
	sessionId: Type.String(),
	workerId: Type.String(),
	text: Type.String(),
	images: Type.Array(Image),
	state: literals(runStates, {
		description:
			"pending: it waits; claimed: being handed over; running: the agent is at it; stopping: it is being interrupted; completed: the " +
			"agent finished its turn; failed: it could not; stopped: cancelled or interrupted",
	}),
	createdAt: Milliseconds,
	startedAt: nullable(Milliseconds),
	endedAt: nullable(Milliseconds),
	stopReason: nullable(Type.String({ description: "As the agent said", examples: ["end_turn"] })),
	answer: nullable(Type.String({ description: "What the agent said last in this turn, as Markdown" })),
	detail: nullable(Type.String({ description: "Why it failed or was stopped" })),
});
export type Prompt = Static<typeof Prompt>;

export const Interrupted = Type.Object({
	status: Type.Literal("interrupted"),
	promptId: nullable(Type.String({ description: "The prompt that was being worked on" })),
});
export type Interrupted = Static<typeof Interrupted>;
