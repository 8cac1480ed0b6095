/** A worker's processes, by what is stored of them. */
import {
	bootId,
	childrenOf,
	livingProcess,
	markedProcesses,
	type ProcessIdentity,
	processTable,
	readProcess,
} from "../../platform/processes/index.ts";
import { WorkerTree } from "../../platform/processes/tree.ts";
import type { WorkerRow } from "../../store/schema.ts";

const source = { table: processTable, read: readProcess, children: childrenOf, marked: markedProcesses };

/** Who holds a worker and who its child is; null for what is not known or belonged to an earlier boot. */
export interface WorkerRoles {
	holder: ProcessIdentity | null;
	child: ProcessIdentity | null;
}

export function rolesOf(row: WorkerRow): WorkerRoles {
	if (row.bootId === null || row.bootId !== bootId()) return { holder: null, child: null };
	return { holder: identity(row.holderPid, row.holderStart), child: identity(row.pid, row.pidStart) };
}

function identity(pid: number | null, startTime: number | null): ProcessIdentity | null {
	return pid === null || startTime === null ? null : { pid, startTime };
}

/** Whether the worker's holder runs, stopped ones included. */
export function holderLives({ holder }: WorkerRoles): boolean {
	return holder !== null && livingProcess(holder) !== null;
}

/**
 * What belongs to the worker and nothing else. `spared` are the holders of other workers: one that was started from inside this
 * worker's session descends from it, and so does a daemon.
 */
export function treeOf(
	row: WorkerRow,
	roles: WorkerRoles,
	childJustEnded: boolean,
	spared: () => readonly number[],
): WorkerTree {
	const roots = { workerId: row.id, ...roles, childJustEnded };
	return new WorkerTree(roots, source, () => new Set([...spared(), process.pid]));
}
