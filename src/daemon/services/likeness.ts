/** A new session like another one: what the request leaves open is taken from it, its environment included, which no answer ever tells. */
import type { NewSession } from "../../contract/session.ts";
import { agentOf } from "../../store/agents.ts";
import type { SessionRow } from "../../store/schema.ts";
import type { Reader } from "../../store/store.ts";
import { workersOf } from "../../store/workers.ts";
import { findSession } from "./references.ts";

/** The request with nothing left open; name and port are never copied. Throws `session_not_found` or `ambiguous_reference`. */
export function likened(read: Reader, { like, ...input }: NewSession): NewSession {
	if (like === undefined) return input;
	const model = findSession(read, like);
	return {
		...settingsOf(model),
		...(input.kind === "worktree" ? {} : { cwd: model.cwd }),
		...((input.command ?? input.shell ?? input.agent) ? {} : programOf(read, model)),
		...input,
		baseEnv: { ...model.baseEnv, ...input.baseEnv },
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

/** Of an agent its configuration, not its conversation: two cannot have one. */
function programOf(read: Reader, { id, command, shell }: SessionRow): NewSession {
	const [primary] = workersOf(read, id);
	const agent = primary && agentOf(read, primary.id);
	if (agent) {
		const { definition, driver, chosenModel: model, chosenMode: mode, args } = agent;
		return {
			agent: {
				definition,
				driver,
				args,
				...(model === null ? {} : { model }),
				...(mode === null ? {} : { mode }),
			},
		};
	}
	return command === null ? { shell } : { command };
}
