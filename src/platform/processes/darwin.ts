/**
 * Processes on macOS, from ps(1): /proc does not exist and sysctl's structures are not stable. One ps takes about 20 ms, so
 * callers ask for the table once and work on it.
 */
import type { ProcessInfo, ProcessSystem } from "./process.ts";
import { toolOutput } from "./tool.ts";

const COLUMNS = "pid=,ppid=,pgid=,tpgid=,state=,lstart=,ucomm=";

/** `pid ppid pgid tpgid state`, then a start time of five words, then the name. */
const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

/** ps exits 1 when no process fits; what it printed is still the answer. */
function ps(args: string[]): string {
	return toolOutput(["/bin/ps", ...args], [0, 1]);
}

/** Rows of `ps -o COLUMNS`. */
export function parseTable(text: string): ProcessInfo[] {
	const all: ProcessInfo[] = [];
	for (const line of text.split("\n")) {
		const row = ROW.exec(line);
		if (!row) continue;
		const state = row[5]![0]!.replace("I", "S").replace("U", "D");
		all.push({
			pid: Number(row[1]),
			ppid: Number(row[2]),
			pgid: Number(row[3]),
			// ps prints a kernel address for the session; groups and descendants are what is left to go by.
			sid: 0,
			foregroundGroup: Number(row[4]) || -1,
			state,
			startTime: Date.parse(`${row[6]} UTC`),
			comm: row[7]!.trim(),
			ended: state === "Z",
		});
	}
	return all;
}

function marked(candidates: readonly ProcessInfo[], entry: string): ProcessInfo[] {
	// Only processes of the same user show their environment, after the command's words.
	const text = ps(["-xwwE", "-o", "pid=,command="]);
	const pids = new Set<number>();
	for (const line of text.split("\n")) {
		if (line.split(/\s+/).includes(entry)) pids.add(Number.parseInt(line, 10));
	}
	return candidates.filter((candidate) => pids.has(candidate.pid));
}

export const darwin: ProcessSystem = {
	table: () => parseTable(ps(["-axo", COLUMNS])),
	read: (pid) => parseTable(ps(["-p", String(pid), "-o", COLUMNS]))[0] ?? null,
	marked,
	children: () => null,
	endOf: () => null,
	bootId: () => toolOutput(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]).trim(),
};
