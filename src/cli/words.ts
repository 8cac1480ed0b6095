/** Words that the command line offers. */
import type { PtyDriverName, ScreenEngineName } from "../contract/link.ts";

export {
	agentDrivers,
	agentStates,
	eventTypes,
	restartPolicies,
	ruleDecisions,
	scopes as tokenScopes,
	screenFormats,
} from "../contract/words.ts";

export const exportFormats = ["cast3", "cast2", "text", "raw"] as const;
export const ptyDrivers = ["bun", "bun-pty"] as const satisfies readonly PtyDriverName[];
export const screenEngines = ["ghostty", "xterm"] as const satisfies readonly ScreenEngineName[];
export const shells = ["bash", "zsh", "fish"] as const;

/** Key names that are worth offering; every other single character is one as well (contract/keys.ts). */
export const keyNames = (
	"Enter Tab BTab Escape Space BSpace Up Down Left Right Home End PageUp PageDown Insert Delete " +
	"F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 C-a C-c C-d C-e C-k C-l C-r C-u C-w C-z"
).split(" ");
