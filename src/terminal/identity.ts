/** Which terminal it is, for another process of the same user on the same machine. Linux only. */
import { closeSync, fstatSync, readlinkSync, statSync } from "node:fs";
import type { TerminalIdentity } from "../contract/lending.ts";
import { isTerminal } from "../platform/libc.ts";
import { openTerminalFile } from "../platform/open-terminal.ts";

type FileFacts = Pick<ReturnType<typeof fstatSync>, "dev" | "ino" | "rdev">;

function fileName({ dev, ino, rdev }: FileFacts): string {
	return `${dev}:${ino}:${rdev}`;
}

/** The terminal on standard input and output; null when these are two, or when it has no name here. */
export function standardTerminal(): TerminalIdentity | null {
	if (process.platform !== "linux" || !isTerminal(0)) return null;
	try {
		const path = readlinkSync("/proc/self/fd/0");
		const file = fileName(fstatSync(0));
		return file === fileName(fstatSync(1)) && file === fileName(statSync(path)) ? { path, file } : null;
	} catch {
		// Another user's terminal (su), or one of another container: it is ours to use, and not to be found.
		return null;
	}
}

/** A descriptor of this terminal that never blocks; null when it cannot be opened, or when the path leads to another. */
export function openTerminal({ path, file }: TerminalIdentity): number | null {
	if (!path.startsWith("/dev/")) return null;
	const fd = openTerminalFile(path, "both");
	if (fd === null) return null;
	const facts = fstatSync(fd);
	if (fileName(facts) === file && facts.isCharacterDevice()) return fd;
	closeSync(fd);
	return null;
}
