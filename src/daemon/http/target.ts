/**
 * What a path is about: a session's primary worker (`/sessions/REF/…`) or any worker (`/sessions/REF/workers/WID/…`). Routes of a
 * terminal are written once and served under both.
 */
import { type TObject, type TOptional, type TString, Type } from "@sinclair/typebox";

const ref = Type.String({
	minLength: 1,
	description: "The session: its id, a unique prefix of it, its name or its port",
	examples: ["api"],
});
const wid = Type.String({
	minLength: 1,
	description: "The worker: its id, a unique prefix of it or its name",
	examples: ["main"],
});

export const SessionParams = Type.Object({ ref });
export const WorkerParams = Type.Object({ ref, wid });

/** Both kinds of path, as a handler sees them: without `wid` it is the primary worker. */
type TargetParams = TObject<{ ref: TString; wid: TOptional<TString> }>;

export interface Target<P extends string> {
	prefix: P;
	/** Part of operation ids: getSessionScreen, getWorkerScreen. */
	noun: "Session" | "Worker";
	params: TargetParams;
}

export const primaryTarget = {
	prefix: "/sessions/:ref",
	noun: "Session",
	params: SessionParams as unknown as TargetParams,
} as const satisfies Target<string>;

export const workerTarget = {
	prefix: "/sessions/:ref/workers/:wid",
	noun: "Worker",
	params: WorkerParams as unknown as TargetParams,
} as const satisfies Target<string>;
