/**
 * How each agent's hooks are answered on standard output. What they bring on standard input is the same for all, in the words of Claude
 * Code's hooks (services/agents/hooks.ts): Codex' hooks are made after them, opencode's are a plugin of Berth's that speaks like them.
 */
import type { HookVerdict } from "../../contract/hook.ts";
import type { hookKinds } from "../../contract/words.ts";

/** What Claude Code gives a hook; every event has more. */
export interface ClaudeHook extends Record<string, unknown> {
	hook_event_name: string;
}

export interface Dialect {
	/** What to print; null says nothing, and leaves it to the agent. */
	say(hook: ClaudeHook, verdict: HookVerdict): object | null;
}

/** Throws when it is none: whoever called has another protocol. */
export function parseHook(text: string): ClaudeHook {
	const hook: unknown = JSON.parse(text);
	if (typeof hook !== "object" || hook === null || !("hook_event_name" in hook))
		throw new Error("it has no hook_event_name");
	// What a tool answered is nobody's affair here, and may be megabytes.
	const { tool_response: _answer, ...rest } = hook as ClaudeHook;
	return rest as ClaudeHook;
}

const claude: Dialect = {
	say(hook, { decision, always, reason, answers }) {
		const { hook_event_name: event } = hook;
		if (event === "PermissionRequest")
			return permission(decision, reason, {
				...(always ? { updatedPermissions: hook.permission_suggestions } : {}),
				...(answers ? { updatedInput: { ...inputOf(hook), answers } } : {}),
			});
		return event === "PreToolUse" && decision !== "none" ? beforeTool(decision, reason) : null;
	},
};

/** It takes no permissions for from now on, cannot be made to ask, and takes no leave for what it has not asked. */
const codex: Dialect = {
	say({ hook_event_name: event }, { decision, reason }) {
		if (event === "PermissionRequest") return permission(decision, reason, {});
		return event === "PreToolUse" && decision === "deny" ? beforeTool(decision, reason) : null;
	},
};

const opencode: Dialect = { say: () => null };

export const dialects: Readonly<Record<(typeof hookKinds)[number], Dialect>> = {
	claude,
	codex,
	opencode,
};

function permission(
	decision: HookVerdict["decision"],
	reason: string | null,
	allowed: object,
): object | null {
	if (decision !== "allow" && decision !== "deny") return null;
	const said =
		decision === "deny"
			? { behavior: "deny", ...(reason === null ? {} : { message: reason }) }
			: { behavior: "allow", ...allowed };
	return { hookSpecificOutput: { hookEventName: "PermissionRequest", decision: said } };
}

function beforeTool(permissionDecision: HookVerdict["decision"], reason: string | null): object {
	const because = reason === null ? {} : { permissionDecisionReason: reason };
	return { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, ...because } };
}

function inputOf({ tool_input: input }: ClaudeHook): object {
	return typeof input === "object" && input !== null ? input : {};
}
