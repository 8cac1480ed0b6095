/**
 * What hooks tell of an agent's state: Claude Code's and Codex', and in their words opencode's
 * (wiring/opencode-plugin.js). A hook is a moment: how long its word holds is decided where words are weighed (decide.ts).
 *
 *   SessionStart                idle: it stands at its prompt. After a compaction it goes on with what it did: no word
 *   UserPromptSubmit,           busy; but the tool that asks a person questions needs input
 *   PreToolUse, PostToolUse
 *   Notification                by its type: permission_prompt is needs-permission, elicitation_dialog needs-input, idle_prompt idle
 *   Stop, StopFailure           idle: the turn is over
 *   Interrupt                   idle as well: Codex tells that somebody stopped it
 *   SessionEnd                  takes back whatever was said
 *
 * What a subagent does tells nothing: the agent itself may have gone on, or may be waiting for it, and then it is busy already. Requests
 * for permission are stored, and tell by that (states.ts).
 */
import { QUESTION_TOOL } from "../../../contract/claude-questions.ts";
import type { AgentState } from "../../../contract/words.ts";
import type { HookFact } from "./sinks.ts";

export interface HookWord {
	state: AgentState;
	text: string | null;
}

/** `withdrawn`: what hooks said before holds no longer. Null: no word on the state. */
export function hookWord({ event, about, text, subagent }: HookFact): HookWord | "withdrawn" | null {
	if (subagent) return null;
	switch (event) {
		case "SessionStart":
			return about === "compact" ? null : { state: "idle", text: null };
		case "PreToolUse":
			return { state: about === QUESTION_TOOL ? "needs-input" : "busy", text: text ?? about };
		case "UserPromptSubmit":
		case "PostToolUse":
		case "PostToolUseFailure":
			return { state: "busy", text: text ?? about };
		case "Notification":
			return notificationWord(about, text);
		case "Stop":
		case "StopFailure":
		case "Interrupt":
			return { state: "idle", text: null };
		case "SessionEnd":
			return "withdrawn";
		default:
			return null;
	}
}

const notificationStates: Readonly<Record<string, AgentState>> = {
	permission_prompt: "needs-permission",
	elicitation_dialog: "needs-input",
	idle_prompt: "idle",
};

function notificationWord(type: string | null, message: string | null): HookWord | null {
	// Before it told a type, it told of permissions in these words alone.
	const asks = / needs your permission /.test(message ?? "");
	const state = notificationStates[type ?? (asks ? "permission_prompt" : "")];
	return state ? { state, text: message } : null;
}
