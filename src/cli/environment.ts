/**
 * The caller's environment for a session or a command that it starts: what the user set up in this shell (PATH, a virtual environment,
 * an agent's socket) is there inside as well, as with screen, nohup or a plain `cmd &`.
 */
import { belongsToPlace } from "../platform/place.ts";
import type { Env } from "./cli.ts";

/** The daemon chooses the shell, and its own settings are none of the session's. */
const NOT_OURS = /^(SHELL$|BERTH_)/;

/** Names that the API takes; exported shell functions (BASH_FUNC_x%%) have others. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function callerEnvironment(env: Env): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && NAME.test(name) && !NOT_OURS.test(name) && !belongsToPlace(name))
			kept[name] = value;
	}
	return kept;
}
