/** What every system tells of a process, in one shape. */

/**
 * One process, for good: a pid is given again after its process ended, the pair of pid and start time is not. Start times are
 * compared within one boot only.
 */
export interface ProcessIdentity {
	pid: number;
	/** In the system's own unit, counted from a point that is fixed for this boot. */
	startTime: number;
}

export interface ProcessInfo extends ProcessIdentity {
	ppid: number;
	pgid: number;
	/** Session (setsid(2)); 0 where the system does not tell. */
	sid: number;
	/** Foreground process group of its controlling terminal; -1 without one. */
	foregroundGroup: number;
	/** One letter: R running, S and D sleeping, T stopped, t traced, Z ended but not reaped, X dead. */
	state: string;
	/** Name of the program, cut short by the kernel. */
	comm: string;
	/** Ended as far as anybody can tell: it runs no code and holds nothing but its pid. */
	ended: boolean;
}

/** How a process ended, as waitpid(2) would tell it. `signal` is without SIG. */
export interface ProcessEnd {
	code: number | null;
	signal: string | null;
}

/** The few questions that each system answers in its own way; everything else is built on them. */
export interface ProcessSystem {
	/** Every process that can be seen. */
	table(): ProcessInfo[];
	/** One process; null when there is none of that pid. */
	read(pid: number): ProcessInfo | null;
	/** Pids of a process's children, zombies included, as they were at one moment; null where the system does not tell. */
	children(pid: number): number[] | null;
	/** Those among `candidates` that are the same user's and were started with exactly this `NAME=value` in their environment. */
	marked(candidates: readonly ProcessInfo[], entry: string): ProcessInfo[];
	/** How a process ended that nobody has waited for yet; null when it cannot be told. */
	endOf(pid: number): ProcessEnd | null;
	/** Names this boot; start times of another boot mean nothing. */
	bootId(): string;
}

export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
	return a.pid === b.pid && a.startTime === b.startTime;
}
