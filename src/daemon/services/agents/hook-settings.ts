/**
 * The settings file that wires Claude Code's hooks to Berth: given to the agent by `--settings {{settings}}`, which adds it to the user's
 * own settings and edits none of them. It lies in the worker's folder and goes with it.
 */
import { join } from "node:path";
import { ensurePrivateDir, writeFileAtomic } from "../../../platform/files.ts";
import { type Paths, workerDir } from "../../../platform/paths.ts";
import { quoteArgv } from "../../../platform/quote.ts";
import type { ControlContext } from "../control-context.ts";

/** Seconds that Claude Code gives a hook beyond what a person has for the answer: Berth's own denial comes first. */
const MARGIN_SECONDS = 60;
/** Seconds for a hook that only tells something. */
const TELL_SECONDS = 30;

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

/** Where a worker's settings file is, whether or not it has been written. */
export function hookSettingsFile(paths: Paths, workerId: string): string {
	return join(workerDir(paths, workerId), "hooks.json");
}

/** Writes the file of a worker that is about to be started; its path. */
export function hookSettings(
	{ paths, settings, selfArgv }: Pick<ControlContext, "paths" | "settings" | "selfArgv">,
	workerId: string,
): string {
	const seconds = settings.permissionTimeoutSeconds;
	const command = quoteArgv(
		[
			...lasting(selfArgv()),
			...["hook", "claude", "--socket", paths.daemonSocket, "--timeout", `${seconds}s`],
		],
		"other",
	);
	const file = hookSettingsFile(paths, workerId);
	ensurePrivateDir(workerDir(paths, workerId));
	writeFileAtomic(file, JSON.stringify(claudeSettings(command, seconds), null, "\t"));
	return file;
}

function claudeSettings(command: string, seconds: number): object {
	const entry = (line: string, timeout: number) => [{ hooks: [{ type: "command", command: line, timeout }] }];
	return {
		hooks: Object.fromEntries([
			...TELLING.map((event) => [event, entry(command, TELL_SECONDS)]),
			// Status 2 is a refusal to Claude Code; any other failure would let the tool pass.
			...DECIDING.map((event) => [event, entry(`${command} || exit 2`, seconds + MARGIN_SECONDS)]),
		]),
	};
}

/** A program that was removed while it runs is known to itself only as /proc/self/exe, which is somebody else in another process. */
function lasting([program, ...rest]: readonly string[]): string[] {
	return [program === "/proc/self/exe" ? `/proc/${process.pid}/exe` : program!, ...rest];
}
