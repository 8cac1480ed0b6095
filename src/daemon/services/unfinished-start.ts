/**
 * Starts that a daemon began and did not see through: it died between starting the holder and storing who that is. Such a holder may
 * be running, about to run, or not exist, and only its lock tells: it takes the lock, then reads its spec, then starts.
 */

import { existsSync } from "node:fs";
import type { HolderSpec } from "../../contract/link.ts";
import { readJson, writeFileAtomic } from "../../platform/files.ts";
import { lockFile } from "../../platform/lock-file.ts";
import { holderLock, workerDir, workerSpecFile } from "../../platform/paths.ts";
import type { ProcessIdentity } from "../../platform/processes/index.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { ControlContext } from "./control-context.ts";
import type { Supervisor } from "./supervisor.ts";
import { rolesOf } from "./worker-processes.ts";

/** Milliseconds that a holder with the lock may take until it answers or gives up. */
const ANSWER_MS = 1000;
/** Milliseconds between looks. */
const LOOK_MS = 5;

/** Whether a holder of this worker has begun: it holds the lock until its exit is known. */
export function holderHasBegun({ paths }: ControlContext, workerId: string): boolean {
	if (!existsSync(workerDir(paths, workerId))) return false;
	const lock = lockFile(holderLock(paths, workerId));
	lock?.release();
	return lock === null;
}

/**
 * Makes sure that nothing begins from this start any more, and returns the holder that has; null when there is none. The worker is
 * being watched by the supervisor.
 */
export async function revokeStart(
	context: ControlContext,
	supervisor: Supervisor,
	row: WorkerRow,
): Promise<ProcessIdentity | null> {
	const { holder } = rolesOf(row);
	if (holder) return holder;
	const file = workerSpecFile(context.paths, row.id);
	const spec = readJson<HolderSpec>(file);
	if (spec?.generation !== row.generation) return null;
	writeFileAtomic(file, JSON.stringify({ ...spec, revoked: true } satisfies HolderSpec));
	const deadline = context.monotonic() + ANSWER_MS;
	while (holderHasBegun(context, row.id)) {
		const rest = deadline - context.monotonic();
		if (rest <= 0) {
			context.log("error", "a holder has begun and cannot be found", { worker: row.id });
			return null;
		}
		if ((await supervisor.reach(row, rest)) === "connected") return supervisor.holder(row.id);
		await context.sleep(LOOK_MS);
	}
	return null;
}
