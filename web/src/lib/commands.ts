/** The commands that a worker's shell ran: from the shell's holder while it lives, afterwards from the events that told of them. */

import { answer, workerApi } from "./api/berth.ts";
import { eventsBefore } from "./event-pages.ts";
import { isWorkerLive } from "./life.ts";
import { isRecord } from "./stores/persisted.ts";
import type { CommandBlock, Session, Worker } from "./types.ts";

/** Commands that are shown; more are kept. */
export const COMMANDS_SHOWN = 200;

/** Events of one answer: as many as the daemon gives. */
const PAGE = 500;

/** Of its last generation, oldest first. */
export async function readCommands(session: Session, worker: Worker): Promise<CommandBlock[]> {
	if (isWorkerLive(worker)) {
		const path = workerApi(session.id, worker.id);
		return (await answer(path.commands.get({ query: { limit: COMMANDS_SHOWN } }))).commands;
	}
	const types = ["worker.command", "worker.starting"];
	const { events } = await eventsBefore({ session: session.id, types, limit: PAGE });
	const own = events.filter(({ workerId }) => workerId === worker.id);
	const started = own.findLastIndex(({ type }) => type === "worker.starting");
	return own
		.slice(started + 1)
		.map(({ data }): unknown => data)
		.filter(isBlock)
		.slice(-COMMANDS_SHOWN);
}

function isBlock(data: unknown): data is CommandBlock {
	return isRecord(data) && typeof data.command === "string" && typeof data.startOffset === "number";
}
