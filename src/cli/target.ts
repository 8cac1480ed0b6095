/** What a command is about: a session, by REF, or one of its workers, by REF/WORKER. Names and ids hold no slash. */
import { UsageError } from "./usage-error.ts";

export interface Target {
	ref: string;
	/** Id, start of the id, or name; null for the worker that the session started with. */
	worker: string | null;
}

export function parseTarget(text: string): Target {
	const slash = text.indexOf("/");
	if (slash === -1) return { ref: text, worker: null };
	const ref = text.slice(0, slash);
	const worker = text.slice(slash + 1);
	if (ref === "" || worker === "" || worker.includes("/"))
		throw new UsageError(`${JSON.stringify(text)} is neither REF nor REF/WORKER`);
	return { ref, worker };
}

/** Of a command that only makes sense for one worker. */
export function parseWorker(text: string, command: string): { ref: string; worker: string } {
	const { ref, worker } = parseTarget(text);
	if (worker === null) throw new UsageError(`name the worker as well: ${text}/WORKER`, command);
	return { ref, worker };
}
