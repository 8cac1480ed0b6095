/**
 * Workers' folders come and go with their rows in the store. A folder cannot be part of a transaction, so one that goes is renamed
 * first: a crash on the way leaves either everything as it was, or a folder whose name says that it goes.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Paths, workerDir } from "../../platform/paths.ts";

/** Ending of a folder that goes. */
const REMOVED = ".removed";

/** Generations of output that are kept: the current one, and the one before for people who look by hand. */
const GENERATIONS_KEPT = 2;

/** Removes these workers' folders together with what `commit` removes from the store; when that throws, nothing is removed. */
export function removeWith(paths: Paths, workerIds: readonly string[], commit: () => void): void {
	const moved: { from: string; to: string }[] = [];
	try {
		for (const id of workerIds) {
			const from = workerDir(paths, id);
			if (!existsSync(from)) continue;
			const to = `${from}${REMOVED}`;
			renameSync(from, to);
			moved.push({ from, to });
		}
		commit();
	} catch (error) {
		for (const { from, to } of moved) renameSync(to, from);
		throw error;
	}
	for (const { to } of moved) rmSync(to, { recursive: true, force: true });
}

/** Finishes removals that a crash interrupted; those whose worker is still stored never happened. */
export function finishRemovals(paths: Paths, isStored: (workerId: string) => boolean): void {
	const folder = join(paths.state, "workers");
	if (!existsSync(folder)) return;
	for (const name of readdirSync(folder)) {
		if (!name.endsWith(REMOVED)) continue;
		const workerId = name.slice(0, -REMOVED.length);
		if (isStored(workerId)) renameSync(join(folder, name), join(folder, workerId));
		else rmSync(join(folder, name), { recursive: true, force: true });
	}
}

/** Removes the output of generations that nobody can ask for any more. */
export function dropOldGenerations(paths: Paths, workerId: string, current: number): void {
	const folder = workerDir(paths, workerId);
	for (const name of readdirSync(folder)) {
		const generation = /^g(\d+)$/.exec(name)?.[1];
		if (generation !== undefined && Number(generation) <= current - GENERATIONS_KEPT) {
			rmSync(join(folder, name), { recursive: true, force: true });
		}
	}
}
