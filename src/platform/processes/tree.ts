/**
 * Which processes belong to a worker.
 *
 *   descendants of its holder, the holder left out   (a subreaper on Linux, so nothing that daemonises gets away from it)
 * ∪ the kernel session and process group of its child, while these are provably the child's own
 * ∪ processes that carry `BERTH_WORKER=<id>` in their environment
 * ∪ everything that was found so before and has not ended
 * ∪ descendants of all those
 * − what is spared: the daemon and other workers' holders, with everything below them. A daemon that was started from a shell inside
 *   a session is a descendant of that session's holder, and so are the holders that it starts.
 */
import { type ProcessIdentity, type ProcessInfo, sameProcess } from "./process.ts";

/** Looks that are taken again when one found nothing and there is something below the holder all the same. */
const LOOKS_AT_NOTHING = 10;

export interface WorkerRoots {
	workerId: string;
	/** Null when there is none, or none that can be trusted to be it. */
	holder: ProcessIdentity | null;
	child: ProcessIdentity | null;
	/** The child's pid still names its own kernel session although the child has ended: its holder was alive a moment ago. */
	childJustEnded: boolean;
}

/** The system, as far as a tree needs it (index.ts). */
export interface TreeSource {
	table(): ProcessInfo[];
	read(pid: number): ProcessInfo | null;
	children(pid: number): number[] | null;
	marked(candidates: readonly ProcessInfo[], entry: string): ProcessInfo[];
}

/** The marker that every process of a worker inherits. */
export function workerMarker(workerId: string): string {
	return `BERTH_WORKER=${workerId}`;
}

/** A worker's processes, followed over several looks: one that was found stays found when its parent ends. */
export class WorkerTree {
	readonly #roots: WorkerRoots;
	readonly #source: TreeSource;
	readonly #spared: () => ReadonlySet<number>;
	#known = new Map<number, ProcessIdentity>();

	/** `spared` are pids that are never part of the tree, nor is what descends from them. */
	constructor(roots: WorkerRoots, source: TreeSource, spared: () => ReadonlySet<number>) {
		this.#roots = roots;
		this.#source = source;
		this.#spared = spared;
	}

	/** The processes that have not ended, parents before their children. Takes a full look at the system. */
	look(): ProcessInfo[] {
		let living = this.#scan();
		// A look takes milliseconds. What was started after it began, by something that ended before it was reached, is in no list of it.
		for (let again = 0; living.length === 0 && again < LOOKS_AT_NOTHING; again++) {
			if (this.#nothingBelowHolder()) break;
			const found = [...this.glance(), ...this.#scan()];
			living = [...new Map(found.map((info) => [info.pid, info])).values()];
		}
		this.#known = new Map(living.map((info) => [info.pid, { pid: info.pid, startTime: info.startTime }]));
		return living;
	}

	/** What descends from the holder now, at a hundredth of a look's cost; nothing where the system has no cheap way to tell. */
	glance(): ProcessInfo[] {
		const { holder } = this.#roots;
		const found: ProcessInfo[] = [];
		if (!holder || !this.#holderLives(holder)) return found;
		const spared = this.#spared();
		const descend = (parent: number): void => {
			for (const pid of this.#source.children(parent) ?? []) {
				if (spared.has(pid)) continue;
				const info = this.#source.read(pid);
				if (info && !info.ended) found.push(info);
				descend(pid);
			}
		};
		descend(holder.pid);
		return found;
	}

	#scan(): ProcessInfo[] {
		const table = this.#source.table();
		const spared = this.#spared();
		const members = new Map<number, ProcessInfo>();
		const children = Map.groupBy(table, (info) => info.ppid);
		const add = (info: ProcessInfo): void => {
			if (members.has(info.pid) || spared.has(info.pid) || this.#isHolder(info)) return;
			members.set(info.pid, info);
			for (const child of children.get(info.pid) ?? []) add(child);
		};
		for (const root of this.#startingPoints(table, children, spared)) add(root);
		return [...members.values()].filter((info) => !info.ended);
	}

	/**
	 * Whoever lives below the holder is its child or has an ancestor that is one. So nobody does when all its children have ended and,
	 * after that was seen, it has no other.
	 */
	#nothingBelowHolder(): boolean {
		const { holder } = this.#roots;
		if (!holder || !this.#holderLives(holder)) return true;
		const spared = this.#spared();
		const before = this.#source.children(holder.pid)?.filter((pid) => !spared.has(pid));
		if (!before) return true;
		if (before.some((pid) => this.#source.read(pid)?.ended === false)) return false;
		const after = this.#source.children(holder.pid) ?? [];
		return after.every((pid) => spared.has(pid) || before.includes(pid));
	}

	#holderLives(holder: ProcessIdentity): boolean {
		const info = this.#source.read(holder.pid);
		return info !== null && sameProcess(info, holder) && !info.ended;
	}

	#startingPoints(
		table: ProcessInfo[],
		children: Map<number, ProcessInfo[]>,
		spared: ReadonlySet<number>,
	): ProcessInfo[] {
		const { workerId, child } = this.#roots;
		const points = table.filter((info) => {
			const known = this.#known.get(info.pid);
			return known !== undefined && sameProcess(known, info);
		});
		const holder = table.find((info) => this.#isHolder(info));
		if (holder) points.push(...(children.get(holder.pid) ?? []));
		if (child && this.#childSessionIsOurs(table, child)) {
			points.push(...table.filter((info) => info.sid === child.pid || info.pgid === child.pid));
		}
		// Environments are slow to read, and what is below other holders carries their workers' marker.
		const others = this.#belowSpared(children, spared);
		const candidates = table.filter(({ pid }) => !others.has(pid));
		points.push(...this.#source.marked(candidates, workerMarker(workerId)));
		return points;
	}

	/** The spared and what descends from them, down to the worker's own holder: the daemon is its parent, too. */
	#belowSpared(children: Map<number, ProcessInfo[]>, spared: ReadonlySet<number>): Set<number> {
		const found = new Set<number>();
		const add = (pid: number): void => {
			found.add(pid);
			for (const child of children.get(pid) ?? []) {
				if (!found.has(child.pid) && !this.#isHolder(child)) add(child.pid);
			}
		};
		// A child of the daemon's own, which this is, may be a holder that is leaving, with what it adopted: these are looked at.
		for (const pid of spared) if (pid !== process.pid) add(pid);
		return found;
	}

	#isHolder(info: ProcessInfo): boolean {
		return this.#roots.holder !== null && sameProcess(info, this.#roots.holder);
	}

	/** The kernel gives a pid again only when no session and no group is named by it, so a present leader settles it. */
	#childSessionIsOurs(table: ProcessInfo[], child: ProcessIdentity): boolean {
		const leader = table.find((info) => info.pid === child.pid);
		return leader ? leader.startTime === child.startTime : this.#roots.childJustEnded;
	}
}
