/**
 * Processes on Linux, from /proc. Measured here with 480 processes: the whole table 4 ms, the search for a marker in their
 * environments 3 ms more, one process 10 µs.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";
import { signalName } from "../../contract/signals.ts";
import type { ProcessEnd, ProcessInfo, ProcessSystem } from "./process.ts";

/** A stat line has at most 52 numbers of 20 digits and a name of 64 bytes. */
const STAT_BYTES = 2048;
/** Parent of all kernel threads. */
const KTHREADD = 2;

/** Looks at an environment that is empty until it is believed: an exec may come to its end between two steps of a look. */
const LOOKS_AT_EMPTY = 3;
/** How often, and after how many milliseconds, a process in the middle of an exec is looked at again: it takes 0.05 ms, and longer on a busy machine. */
const EXEC = { looks: 200, ms: 1 } as const;
const NOTHING = Buffer.alloc(0);

const statBuffer = Buffer.allocUnsafe(STAT_BYTES);
/** Grows to the largest environment met: it is read in one piece, because an entry may stand anywhere in it. */
let environBuffer = Buffer.allocUnsafe(16 * 1024);

/** Fields of /proc/PID/stat after the name (proc_pid_stat(5)), from 0. */
const field = {
	state: 0,
	ppid: 1,
	pgid: 2,
	sid: 3,
	foregroundGroup: 5,
	threads: 17,
	startTime: 19,
	/** Where its program begins in its memory: 0 without one, and until an exec has come to its end. */
	startCode: 23,
	exitCode: 49,
} as const;

interface StatLine {
	comm: string;
	fields: string[];
}

function readStat(pid: number | string): StatLine | null {
	const length = readInto(`/proc/${pid}/stat`, statBuffer);
	if (length === null) return null;
	const line = statBuffer.toString("utf8", 0, length);
	// The name is whatever the process made of it: it may hold spaces, parentheses and newlines. Its end is the last one.
	const close = line.lastIndexOf(")");
	if (close < 0) return null;
	return { comm: line.slice(line.indexOf("(") + 1, close), fields: line.slice(close + 2).split(" ") };
}

/** Bytes read from the file's start; null when the process is gone or not ours to read. */
function readInto(path: string, buffer: Buffer): number | null {
	return withFile(path, (fd) => readSync(fd, buffer, 0, buffer.length, 0));
}

/** What `read` gives; null when the process is gone or not ours to read. */
function withFile<T>(path: string, read: (fd: number) => T): T | null {
	let fd: number;
	try {
		fd = openSync(path, "r");
	} catch (error) {
		return goneOrForeign(error);
	}
	try {
		return read(fd);
	} catch (error) {
		return goneOrForeign(error);
	} finally {
		closeSync(fd);
	}
}

function goneOrForeign(error: unknown): null {
	const { code } = error as NodeJS.ErrnoException;
	if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return null;
	throw error;
}

function infoOf(pid: number, { comm, fields }: StatLine): ProcessInfo {
	const state = fields[field.state]!;
	return {
		pid,
		ppid: Number(fields[field.ppid]),
		pgid: Number(fields[field.pgid]),
		sid: Number(fields[field.sid]),
		foregroundGroup: Number(fields[field.foregroundGroup]),
		startTime: Number(fields[field.startTime]),
		state,
		comm,
		// A process whose first thread has ended shows Z while its other threads run on.
		ended: state === "X" || state === "x" || (state === "Z" && Number(fields[field.threads]) <= 1),
	};
}

function read(pid: number): ProcessInfo | null {
	const stat = readStat(pid);
	return stat && infoOf(pid, stat);
}

function table(): ProcessInfo[] {
	const all: ProcessInfo[] = [];
	for (const name of readdirSync("/proc")) {
		const pid = Number(name);
		if (!Number.isInteger(pid)) continue;
		const info = read(pid);
		if (info) all.push(info);
	}
	return all;
}

/**
 * Adopted children belong to the first thread, those of a fork to the thread that made it. Each list is one moment's (proc_pid_task(5)
 * says so for a stopped process; for a running one what is newly forked may be missing, what is newly adopted is not).
 */
function children(pid: number): number[] | null {
	const pids: number[] = [];
	try {
		for (const thread of readdirSync(`/proc/${pid}/task`)) {
			const list = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1");
			for (const child of list.split(" ")) if (child !== "") pids.push(Number(child));
		}
	} catch (error) {
		return goneOrForeign(error);
	}
	return pids;
}

function marked(candidates: readonly ProcessInfo[], entry: string): ProcessInfo[] {
	const wanted = Buffer.from(`${entry}\0`);
	return candidates.filter((candidate) => {
		if (candidate.ended || candidate.pid === KTHREADD || candidate.ppid === KTHREADD) return false;
		return environHas(candidate.pid, wanted);
	});
}

function environHas(pid: number, wanted: Buffer): boolean {
	const environ = environOf(pid);
	let at = environ.indexOf(wanted);
	while (at > 0 && environ[at - 1] !== 0) at = environ.indexOf(wanted, at + 1);
	// The owner is asked last, because almost no process gets here. A root daemon reads everybody's, and anybody can set a marker.
	return at >= 0 && statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid!();
}

/**
 * What the process was started with; empty for one that is gone, of somebody else, or a kernel thread. Of a process that is in the middle
 * of an exec the kernel shows no environment: that one is looked at again.
 */
export function environOf(pid: number): Buffer {
	for (let settled = 0, waited = 0; settled < LOOKS_AT_EMPTY && waited < EXEC.looks; ) {
		const environ = readWhole(`/proc/${pid}/environ`);
		if (environ === null) break;
		if (environ.length > 0) return environ;
		if (readStat(pid)?.fields[field.startCode] !== "0") settled++;
		else if (hasProgram(pid)) {
			waited++;
			Bun.sleepSync(EXEC.ms);
		} else break;
	}
	return NOTHING;
}

function hasProgram(pid: number): boolean {
	try {
		return readlinkSync(`/proc/${pid}/exe`) !== "";
	} catch (error) {
		goneOrForeign(error);
		return false;
	}
}

/** Null when the process is gone or not ours to read. Valid until the next call. */
function readWhole(path: string): Buffer | null {
	return withFile(path, (fd) => {
		for (let length = 0; ; ) {
			const got = readSync(fd, environBuffer, length, environBuffer.length - length, length);
			if (got === 0) return environBuffer.subarray(0, length);
			length += got;
			if (length === environBuffer.length) {
				const larger = Buffer.allocUnsafe(environBuffer.length * 2);
				environBuffer.copy(larger, 0, 0, length);
				environBuffer = larger;
			}
		}
	});
}

/** The wait status of a zombie stands in the last field, for those who may trace it. */
function endOf(pid: number): ProcessEnd | null {
	const stat = readStat(pid);
	if (!stat || !infoOf(pid, stat).ended) return null;
	const status = Number(stat.fields[field.exitCode]);
	const signal = status & 0x7f;
	return signal === 0
		? { code: (status >> 8) & 0xff, signal: null }
		: { code: null, signal: signalName(signal) ?? String(signal) };
}

function bootId(): string {
	return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

export const linux: ProcessSystem = { table, read, children, marked, endOf, bootId };
