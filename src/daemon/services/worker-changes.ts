/** What may be changed of a worker besides its life: its name, and that it is remembered at all. Nothing in here waits. */
import { BerthError } from "../../contract/errors.ts";
import { checkName } from "../../contract/names.ts";
import { isLive } from "../../contract/state.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import type { Reader } from "../../store/store.ts";
import { workersOf } from "../../store/workers.ts";

/** Whether it would be a change. Throws `invalid_name`, or `name_taken` when another worker of the session is called so. */
export function checkRename(read: Reader, session: SessionRow, row: WorkerRow, name: string): boolean {
	if (name === row.name) return false;
	checkNewWorkerName(workersOf(read, session.id), session, name);
	return true;
}

/** Throws `invalid_name` or `name_taken`. */
export function checkNewWorkerName(workers: readonly WorkerRow[], session: SessionRow, name: string): void {
	checkName(name);
	const holder = workers.find((worker) => worker.name === name);
	if (!holder) return;
	throw new BerthError("name_taken", `${session.name} has a worker ${name} already; choose another name`, {
		field: "name",
		id: holder.id,
	});
}

/** Throws when a worker cannot be taken out of its session: it lives, or the session is named for it. */
export function checkForgettable(session: SessionRow, row: WorkerRow): void {
	const where = `${session.name}/${row.name}`;
	if (isLive(row.state)) {
		throw new BerthError("worker_running", `${where} runs; end it first: berth close ${where}`);
	}
	if (row.position === 0) {
		throw new BerthError(
			"primary_worker",
			`${where} is what the session started with and goes with it: berth rm ${session.name}`,
		);
	}
}
