/** Queries of prompts. Every change of state goes through the contract's table of runs. */
import { and, asc, count, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { type RunState, transition } from "../contract/state.ts";
import { prepared } from "./prepared.ts";
import { type PromptRow, prompts } from "./schema.ts";
import type { Bookkeeping, Change, Reader } from "./store.ts";

/** States in which an agent has it, or may have. */
const UNDER_WAY: RunState[] = ["claimed", "running", "stopping"];

/** Characters of a prompt that its event tells. */
const TOLD_CHARACTERS = 200;

export type NewPromptRow = Omit<PromptRow, "seq">;

/** What belongs to a change of state. */
export type PromptPatch = Partial<
	Pick<PromptRow, "startedAt" | "endedAt" | "deadlineAt" | "stopReason" | "answer" | "detail">
>;

/** States that nobody follows by events: a prompt on its way from one that is told to another. */
export type QuietState = "pending" | "claimed" | "stopping";
export type ToldState = Exclude<RunState, QuietState>;

export function createPrompt(change: Change, row: NewPromptRow): void {
	change.tx.insert(prompts).values(row).run();
	const { id, sessionId, workerId, text } = row;
	change.record({
		type: "prompt.queued",
		sessionId,
		workerId,
		data: { id, state: row.state, text: text.slice(0, TOLD_CHARACTERS) },
	});
}

/** Moves a prompt to a state that an event tells. Throws `illegal_transition`, and then nothing is written. */
export function movePrompt(change: Change, id: string, to: ToldState, patch: PromptPatch = {}): PromptRow {
	const { row, from } = move(change, id, to, { deadlineAt: null, ...patch });
	const { sessionId, workerId, stopReason, detail } = row;
	const type = to === "running" ? "prompt.started" : "prompt.ended";
	change.record({ type, sessionId, workerId, data: { id, state: to, from, stopReason, detail } });
	return row;
}

/** Moves a prompt to a state on the way. */
export function notePrompt(
	bookkeeping: Bookkeeping,
	id: string,
	to: QuietState,
	deadlineAt: number | null,
): PromptRow {
	return move(bookkeeping, id, to, { deadlineAt }).row;
}

/** What the agent said last, before its turn has ended. */
export function noteAnswer({ tx }: Bookkeeping, id: string, answer: string): void {
	tx.update(prompts).set({ answer }).where(eq(prompts.id, id)).run();
}

export function promptById(read: Reader, id: string): PromptRow | undefined {
	return read.select().from(prompts).where(eq(prompts.id, id)).get();
}

/** Those that have not ended, oldest first. */
export function openPrompts(read: Reader, workerId: string): PromptRow[] {
	const open = inArray(prompts.state, ["pending", ...UNDER_WAY]);
	return read
		.select()
		.from(prompts)
		.where(and(eq(prompts.workerId, workerId), open))
		.orderBy(asc(prompts.seq))
		.all();
}

/** The last `limit`, ended ones included, oldest first. */
export function lastPrompts(read: Reader, workerId: string, limit: number): PromptRow[] {
	return read
		.select()
		.from(prompts)
		.where(eq(prompts.workerId, workerId))
		.orderBy(desc(prompts.seq))
		.limit(limit)
		.all()
		.reverse();
}

const underWay = prepared((read: Reader) =>
	read
		.select()
		.from(prompts)
		.where(and(eq(prompts.workerId, sql.placeholder("workerId")), inArray(prompts.state, UNDER_WAY)))
		.orderBy(asc(prompts.seq))
		.limit(1)
		.prepare(),
);

/** What the agent has, or may have; there is one at most. */
export function promptUnderWay(read: Reader, workerId: string): PromptRow | undefined {
	return underWay(read).get({ workerId });
}

/** The one that waits longest. */
export function nextPrompt(read: Reader, workerId: string): PromptRow | undefined {
	return read
		.select()
		.from(prompts)
		.where(and(eq(prompts.workerId, workerId), eq(prompts.state, "pending")))
		.orderBy(asc(prompts.seq))
		.limit(1)
		.get();
}

/** How many wait for the agent. */
export function waitingPrompts(read: Reader, workerId: string): number {
	const waiting = and(eq(prompts.workerId, workerId), eq(prompts.state, "pending"));
	return read.select({ count: count() }).from(prompts).where(waiting).get()?.count ?? 0;
}

/** Those on the way, of all agents, with when that must be over. */
export function promptDeadlines(read: Reader): PromptRow[] {
	return read
		.select()
		.from(prompts)
		.where(and(inArray(prompts.state, UNDER_WAY), lt(prompts.deadlineAt, Number.MAX_SAFE_INTEGER)))
		.all();
}

/** Hashes of the images that prompts have, some of them more than once. */
export function imagesInPrompts(read: Reader): string[] {
	const rows = read.select({ images: prompts.images }).from(prompts).all();
	return rows.flatMap(({ images }) => images.map(({ sha256 }) => sha256));
}

function move(
	{ tx }: Bookkeeping,
	id: string,
	to: RunState,
	patch: PromptPatch,
): { row: PromptRow; from: RunState } {
	const before = promptById(tx, id);
	if (!before) throw new BerthError("prompt_not_found", `there is no prompt ${id}`);
	const state = transition("run", before.state, to);
	const row = tx
		.update(prompts)
		.set({ ...patch, state })
		.where(eq(prompts.id, id))
		.returning()
		.get();
	return { row, from: before.state };
}
