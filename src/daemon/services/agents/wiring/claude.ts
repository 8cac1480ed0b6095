/**
 * Claude Code's hooks (https://docs.anthropic.com/en/docs/claude-code/hooks): a settings file that `--settings` adds to the user's own. It
 * lies in the worker's folder and goes with it.
 */
import { MARGIN_SECONDS, TELL_SECONDS, type Wiring } from "./parts.ts";

/** Hooks that only tell how the agent is doing. */
const TELLING = [
	"SessionStart",
	"UserPromptSubmit",
	"PostToolUse",
	"PostToolUseFailure",
	"Notification",
	"Stop",
	"StopFailure",
	"SubagentStop",
	"SessionEnd",
];

/** Hooks that may keep a tool from being used. PreToolUse comes before every tool, PermissionRequest where Claude Code would ask. */
const DECIDING = ["PreToolUse", "PermissionRequest"];

export const claude: Wiring = {
	fileName: "hooks.json",
	settings: ({ file }) => file,
	content({ line, seconds }) {
		const entry = (command: string, timeout: number) => [{ hooks: [{ type: "command", command, timeout }] }];
		const hooks = Object.fromEntries([
			...TELLING.map((event) => [event, entry(line, TELL_SECONDS)]),
			// Status 2 is a refusal to Claude Code; any other failure would let the tool pass.
			...DECIDING.map((event) => [event, entry(`${line} || exit 2`, seconds + MARGIN_SECONDS)]),
		]);
		return JSON.stringify({ hooks }, null, "\t");
	},
};
