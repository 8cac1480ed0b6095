/**
 * Processes on macOS, from ps(1): /proc does not exist and sysctl's structures are not stable. One ps takes about 20 ms, so
 * callers ask for the table once and work on it.
 */
import { execFileSync } from "node:child_process";
import type { ProcessInfo, ProcessSystem } from "./process.ts";

/** Environments of many processes are long; ps prints them in one go. */
const PS_OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
const COLUMNS = "pid=,ppid=,pgid=,tpgid=,state=,lstart=,ucomm=";

/** `pid ppid pgid tpgid state`, then a start time of five words, then the name. */
const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

function ps(args: string[]): string {
	try {
		return execFileSync("/bin/ps", args, {
			encoding: "utf8",
			env: { LC_ALL: "C", TZ: "UTC" },
			maxBuffer: PS_OUTPUT_LIMIT_BYTES,
			stdio: ["ignore", "pipe", "ignore"],
		});
	} catch (error) {
		// ps exits 1 when no process fits; what it printed is still the answer.
		const { status, stdout } = error as { status?: number | null; stdout?: string };
		if (status === 1) return stdout ?? "";
		throw error;
	}
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
	endOf: () => null,
	bootId: () => execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }).trim(),
};
