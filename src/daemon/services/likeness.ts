/** A new session like another one: what the request leaves open is taken from it, its environment included, which no answer ever tells. */
import type { NewSession } from "../../contract/session.ts";
import type { SessionRow } from "../../store/schema.ts";
import type { Reader } from "../../store/store.ts";
import { findSession } from "./references.ts";

/** The request with nothing left open; name and port are never copied. Throws `session_not_found` or `ambiguous_reference`. */
export function likened(read: Reader, { like, ...input }: NewSession): NewSession {
	if (like === undefined) return input;
	const model = findSession(read, like);
	return {
		...settingsOf(model),
		...(input.kind === "worktree" ? {} : { cwd: model.cwd }),
		...(input.command === undefined && input.shell === undefined ? programOf(model) : {}),
		...input,
		env: { ...model.env, ...input.env },
	};
}

function settingsOf(model: SessionRow): NewSession {
	const { cols, rows, tags, restart, sizePolicy, idleTimeoutSeconds, port } = model;
	return {
		cols,
		rows,
		tags,
		restart,
		sizePolicy,
		...(port === null ? { port } : {}),
		// Stored: null is the default, 0 is off, which a request writes as null.
		...(idleTimeoutSeconds === null ? {} : { idleTimeoutSeconds: idleTimeoutSeconds || null }),
	};
}

function programOf({ command, shell }: SessionRow): NewSession {
	return command === null ? { shell } : { command };
}
