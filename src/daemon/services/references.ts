/** What a REF means: a session's id, its name, its port, or a prefix of its id that no other session's id has. */
import { BerthError } from "../../contract/errors.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import { sessionById, sessionByName, sessionByPort, sessionsByIdPrefix } from "../../store/sessions.ts";
import type { Reader } from "../../store/store.ts";
import { workersOf } from "../../store/workers.ts";

/** Throws `session_not_found` or `ambiguous_reference`. */
export function findSession(read: Reader, ref: string): SessionRow {
	const exact = sessionById(read, ref) ?? sessionByName(read, ref);
	if (exact) return exact;
	const byPort = /^\d{1,5}$/.test(ref) ? sessionByPort(read, Number(ref)) : undefined;
	if (byPort) return byPort;
	// Names cannot start so, and "s_" alone is everybody's.
	const byPrefix = /^s_./.test(ref) ? sessionsByIdPrefix(read, ref) : [];
	if (byPrefix.length > 1) throw ambiguous(ref);
	const found = byPrefix[0];
	if (!found)
		throw new BerthError(
			"session_not_found",
			`there is no session ${JSON.stringify(ref)}; see berth ls --all`,
		);
	return found;
}

/** The primary worker without a reference. Throws `worker_not_found` or `ambiguous_reference`. */
export function findWorker(read: Reader, session: SessionRow, ref?: string): WorkerRow {
	const workers = workersOf(read, session.id);
	if (ref === undefined) {
		const primary = workers[0];
		if (!primary) throw new BerthError("worker_not_found", `${session.name} has no worker`);
		return primary;
	}
	const exact = workers.find(({ id, name }) => id === ref || name === ref);
	if (exact) return exact;
	const byPrefix = /^w_./.test(ref) ? workers.filter(({ id }) => id.startsWith(ref)) : [];
	if (byPrefix.length > 1) throw ambiguous(ref);
	const found = byPrefix[0];
	if (!found)
		throw new BerthError("worker_not_found", `${session.name} has no worker ${JSON.stringify(ref)}`);
	return found;
}

function ambiguous(ref: string): BerthError {
	return new BerthError(
		"ambiguous_reference",
		`${JSON.stringify(ref)} is the start of more than one id; give more of it`,
	);
}
