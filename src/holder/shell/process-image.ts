/**
 * Tells whether a process is still the program that it was. `exec` keeps the pid and the start time; what it cannot keep is where the
 * new program's code and stack lie, which the kernel draws anew (ASLR).
 */
import { readFileSync } from "node:fs";

/** Fields of /proc/PID/stat after the name: startcode, endcode and startstack are numbers 26 to 28 (proc(5)). */
const FIRST_FIELD_AFTER_NAME = 3;
const STARTCODE = 26 - FIRST_FIELD_AFTER_NAME;
const STARTSTACK = 28 - FIRST_FIELD_AFTER_NAME;

/** A fingerprint of the program that the process runs; null when it has ended or the system does not tell. */
export function processImage(pid: number): string | null {
	const stat = readProc(pid, "stat");
	if (stat === null) return null;
	// The name stands in parentheses and may hold anything, a parenthesis and spaces included.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const image = fields.slice(STARTCODE, STARTSTACK + 1);
	// All zero to a reader without the right to know, which is no fingerprint.
	return image.every((field) => field === "0") ? null : image.join(" ");
}

/** The program's name and its arguments; empty when it has ended or the system does not tell. */
export function processArguments(pid: number): string[] {
	return (readProc(pid, "cmdline") ?? "").split("\0").slice(0, -1);
}

function readProc(pid: number, file: string): string | null {
	if (process.platform !== "linux") return null;
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return null;
		throw error;
	}
}
