/** Schemas of what `berth hook` brings to the daemon from an agent's own hooks, and what it takes back. */
import { type Static, Type } from "@sinclair/typebox";
import { literals, nullable } from "./schemas.ts";

export const HookCall = Type.Object(
	{
		id: Type.String({
			pattern: "^p_[0-9a-z]{10}$",
			description: "Made by the caller: the same when it asks again after the daemon went away",
			examples: ["p_5r8k2m4c9q"],
		}),
		worker: Type.String({
			minLength: 1,
			description: "Id of the worker that the agent is, from BERTH_WORKER",
			examples: ["w_8k2m4c9qzt"],
		}),
		hook: Type.Record(Type.String(), Type.Unknown(), {
			description: "What the agent gave its hook on standard input, without a tool's response",
			examples: [{ hook_event_name: "Stop" }],
		}),
	},
	{ additionalProperties: false },
);
export type HookCall = Static<typeof HookCall>;

/** What the hook is to say; `none` leaves it to the agent. `ask` makes the agent ask where it would not have. */
export const hookDecisions = ["allow", "deny", "ask", "none"] as const;

export const HookVerdict = Type.Object({
	decision: literals(hookDecisions),
	always: Type.Boolean({ description: "With what the agent itself suggested for from now on" }),
	reason: nullable(Type.String({ description: "Told to the agent with a denial" })),
	answers: Type.Optional(
		Type.Record(Type.String(), Type.String(), {
			description: "By the text of each question that was asked: goes into the tool's input",
		}),
	),
});
export type HookVerdict = Static<typeof HookVerdict>;

/** Id of the option that takes Claude Code's own suggestions for from now on. */
export const ALWAYS_OPTION = "allow-always";
