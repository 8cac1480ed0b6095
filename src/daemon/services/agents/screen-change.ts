/**
 * Another model or mode for an agent in its own screen. Where its definition knows a line to type for it (`live`), that is typed, if the
 * agent stands at an empty prompt. Else it is started again, in its conversation, with the new choice; one that does not stand that
 * start is started as it was.
 *
 * Neither is done to an agent that is not known to be idle, unless the caller wants it `now`: a turn would be lost.
 */
import type { AgentManifest } from "../../../contract/agent-definition.ts";
import type { AgentPatch } from "../../../contract/agent-start.ts";
import { BerthError } from "../../../contract/errors.ts";
import { isLive } from "../../../contract/state.ts";
import type { HolderClient } from "../../../link/client.ts";
import { agentOf } from "../../../store/agents.ts";
import { promptUnderWay } from "../../../store/prompts.ts";
import type { AgentRow, WorkerRow } from "../../../store/schema.ts";
import { exitOf, workerById } from "../../../store/workers.ts";
import type { ControlContext } from "../control-context.ts";
import type { AgentReach, Wanted } from "./change.ts";
import { compilePattern } from "./pattern.ts";
import { fillLine } from "./template.ts";
import { typeLine } from "./typed-line.ts";

/** Milliseconds for which a start with the new choice is looked at: one whose flags are wrong ends within a second or two. */
const STANDS_MS = { told: 20_000, untold: 3000 } as const;

export interface ScreenChange extends Wanted {
	/** What of the patch an agent that runs is told. */
	choice: { model?: string; mode?: string };
}

/** Throws `would_interrupt`, `agent_refused`, `bad_request`, and what a restart does. Then the agent is as it was. */
export async function changeOnScreen(
	context: ControlContext,
	worker: WorkerRow,
	change: ScreenChange,
	reach: AgentReach,
): Promise<void> {
	await context.typing.run(worker.id, async () => {
		const before = agentOf(context.store.read, worker.id)!;
		const busy = occupation(context, before);
		if (busy !== null && !change.now) throw wouldInterrupt(worker, busy);
		const { manifest } = context.definitions.find(before.definition);
		const lines = linesOf(manifest, change.choice);
		if (busy === null && lines !== null) {
			if (await typeAll(context, reach.holderOf(worker.id), lines)) return;
			if (!change.now) throw wouldInterrupt(worker, "something else stands at its prompt");
		}
		await startAgain(context, worker, { before, manifest, patch: change.patch }, reach);
	});
}

/** What it does that a change would end; null when it is known to do nothing. */
function occupation({ store }: ControlContext, { workerId, status }: AgentRow): string | null {
	if (promptUnderWay(store.read, workerId)) return "it works on a prompt";
	return status.state === "idle" ? null : `it is ${status.state}`;
}

function wouldInterrupt({ name }: WorkerRow, why: string): BerthError {
	return new BerthError(
		"would_interrupt",
		`${name} would be interrupted: ${why}. Wait until it is idle, or change it now (berth agent set --now)`,
	);
}

interface Line {
	text: string;
	/** What is shown when it was taken. */
	taken: string;
}

/** Null when one of them is no line that can be typed. */
function linesOf({ live = {} }: AgentManifest, choice: ScreenChange["choice"]): Line[] | null {
	const lines: Line[] = [];
	for (const name of ["model", "mode"] as const) {
		const value = choice[name];
		if (value === undefined) continue;
		const command = live[name];
		if (!command) return null;
		lines.push({ text: fillLine(command.type, name, value), taken: command.taken });
	}
	return lines;
}

/** Whether they could be typed. Throws `agent_refused` when the agent did not take one. */
async function typeAll(
	context: ControlContext,
	client: HolderClient,
	lines: readonly Line[],
): Promise<boolean> {
	for (const { text, taken } of lines) {
		const typed = await typeLine(client, text, compilePattern(taken), context);
		if (typed === "occupied") return false;
		if (typed !== "taken")
			throw new BerthError(
				"agent_refused",
				`the agent did not take ${text}: ${typed.shown || "it said nothing"}`,
			);
	}
	return true;
}

interface Again {
	before: AgentRow;
	manifest: AgentManifest;
	patch: AgentPatch;
}

async function startAgain(
	context: ControlContext,
	{ id, name, generation }: WorkerRow,
	{ before, manifest, patch }: Again,
	{ restart }: AgentReach,
): Promise<void> {
	let why: string | null;
	try {
		const next = await restart(id, { agent: patch });
		const told = manifest.screen !== undefined || manifest.hooks !== undefined;
		why = await fallen(context, id, next.generation, told ? STANDS_MS.told : STANDS_MS.untold);
	} catch (error) {
		// Nothing was touched: it goes on as it was.
		if (workerById(context.store.read, id)?.generation === generation) throw error;
		why = BerthError.from(error).message;
	}
	if (why === null) return;
	const back = await restart(id, { agent: undone(before, patch) }).then(
		() => "it runs again as it was",
		(error) => `and it could not be started as it was: ${BerthError.from(error).message}`,
	);
	throw new BerthError("agent_refused", `${name} does not run with that (${why}); ${back}`);
}

/** The patch that takes another one back. */
function undone(before: AgentRow, { model, mode, args, env }: AgentPatch): AgentPatch {
	const variables = Object.keys(env ?? {}).map((name) => [name, before.env[name] ?? null] as const);
	return {
		...(model === undefined ? {} : { model: before.chosenModel }),
		...(mode === undefined ? {} : { mode: before.chosenMode }),
		...(args === undefined ? {} : { args: before.args }),
		...(env === undefined ? {} : { env: Object.fromEntries(variables) }),
	};
}

/** Why a start did not last until the agent did something; null when it lasts. */
function fallen(
	{ store }: ControlContext,
	workerId: string,
	generation: number,
	withinMs: number,
): Promise<string | null> {
	const { promise, resolve } = Promise.withResolvers<string | null>();
	const look = (): void => {
		const worker = workerById(store.read, workerId);
		const agent = agentOf(store.read, workerId);
		if (!worker || worker.generation !== generation) resolve(null);
		else if (!isLive(worker.state)) resolve(endOf(worker));
		else if (agent?.logGeneration === generation && agent.status.state !== "starting") resolve(null);
	};
	const stopListening = store.onEvents((events) => {
		if (events.some((event) => event.workerId === workerId)) look();
	});
	const timer = setTimeout(() => resolve(null), withinMs);
	look();
	return promise.finally(() => {
		clearTimeout(timer);
		stopListening();
	});
}

/** One that was ended by somebody is as it was asked to be. */
function endOf(worker: WorkerRow): string | null {
	const exit = exitOf(worker);
	if (exit?.reason !== "exited" && exit?.reason !== "failed") return null;
	return exit.signal === null ? `it ended with status ${exit.code}` : `it ended by SIG${exit.signal}`;
}
