/** What a hook of Claude Code's says on its standard output, by the protocol of its hooks. */
import type { HookVerdict } from "../../contract/hook.ts";

/** What Claude Code gives a hook; every event has more. */
export interface ClaudeHook extends Record<string, unknown> {
	hook_event_name: string;
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

/** The line to print; null says nothing, and leaves it to Claude Code. */
export function hookOutput(
	hook: ClaudeHook,
	{ decision, always, reason, answers }: HookVerdict,
): string | null {
	if (decision === "none") return null;
	const { hook_event_name: hookEventName } = hook;
	if (hookEventName === "PermissionRequest") {
		if (decision === "ask") return null;
		const said =
			decision === "deny"
				? { behavior: "deny", ...(reason === null ? {} : { message: reason }) }
				: {
						behavior: "allow",
						...(always ? { updatedPermissions: hook.permission_suggestions } : {}),
						...(answers ? { updatedInput: { ...inputOf(hook), answers } } : {}),
					};
		return JSON.stringify({ hookSpecificOutput: { hookEventName, decision: said } });
	}
	if (hookEventName !== "PreToolUse") return null;
	const because = reason === null ? {} : { permissionDecisionReason: reason };
	return JSON.stringify({ hookSpecificOutput: { hookEventName, permissionDecision: decision, ...because } });
}

function inputOf({ tool_input: input }: ClaudeHook): object {
	return typeof input === "object" && input !== null ? input : {};
}
