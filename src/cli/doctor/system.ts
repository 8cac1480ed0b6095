/** What the system allows: terminals, open files, watches, and life after logout. */
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Finding, kernelNumber, ok, warn } from "./check.ts";

/** Share of all terminals in use above which new ones may soon fail. */
const PTY_SHARE = 0.8;

/** Open files that one process needs in a busy daemon: some for every session. */
const OPEN_FILES = 1024;

/** inotify instances; each follower of a log takes one. */
const INOTIFY_INSTANCES = 64;

export async function checkTerminals(): Promise<Finding[]> {
	const max = await kernelNumber("/proc/sys/kernel/pty/max");
	const used = await kernelNumber("/proc/sys/kernel/pty/nr");
	if (max === null || used === null) return [ok("terminals", "no limit that can be read here")];
	const detail = `${used} of ${max} in use`;
	if (used < max * PTY_SHARE) return [ok("terminals", detail)];
	return [
		warn("terminals", detail, "sysctl kernel.pty.max raises the limit; berth ls shows which sessions can go"),
	];
}

export function checkOpenFiles(): Finding[] {
	const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
	const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
	if (soft === undefined) return [ok("open files", "no limit that can be read here")];
	if (soft === "unlimited" || Number(soft) >= OPEN_FILES) return [ok("open files", `up to ${soft}`)];
	return [warn("open files", `only ${soft} per process`, `ulimit -n ${OPEN_FILES} before the daemon starts`)];
}

export async function checkWatches(): Promise<Finding[]> {
	const instances = await kernelNumber("/proc/sys/fs/inotify/max_user_instances");
	if (instances === null) return [ok("file watches", "not limited by inotify here")];
	if (instances >= INOTIFY_INSTANCES) return [ok("file watches", `${instances} inotify instances`)];
	return [
		warn(
			"file watches",
			`only ${instances} inotify instances`,
			"logs -f falls back to looking; sysctl fs.inotify.max_user_instances raises it",
		),
	];
}

/** systemd may be set up to end everything of a user at logout, sessions included. */
export function checkLogout(): Finding[] {
	const name = "after logout";
	if (!existsSync("/run/systemd/system")) return [ok(name, "sessions go on")];
	const file = "/etc/systemd/logind.conf";
	const kills =
		existsSync(file) && /^\s*KillUserProcesses\s*=\s*(yes|true|1|on)\s*$/im.test(readFileSync(file, "utf8"));
	const { username } = userInfo();
	if (!kills || existsSync(`/var/lib/systemd/linger/${username}`)) return [ok(name, "sessions go on")];
	return [
		warn(
			name,
			"systemd ends your processes when you log out (KillUserProcesses)",
			`loginctl enable-linger ${username}`,
		),
	];
}
