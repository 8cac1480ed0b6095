/**
 * The few calls of the C library that the runtime has no name for: adopting orphans, reaping them, locking a file, a few
 * things about terminals, and emptying the environment that native libraries see.
 *
 * Measured here (compiled, Linux x64): opening the library and binding these calls takes 0.2 ms and adds about 0.1 MB private
 * memory, so it is done at the first call, never at import. node:fs, which takes 1.7 ms to load, is left to those who need it.
 */
import { dlopen, read } from "bun:ffi";
import { BerthError } from "../contract/errors.ts";

/** musl answers to glibc's name as well; its own name stands behind it for a musl that does not. */
const libraryNames: Partial<Record<NodeJS.Platform, readonly string[]>> = {
	linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`, "libc.so"],
	darwin: ["libSystem.B.dylib"],
};

const common = {
	flock: { args: ["i32", "i32"], returns: "i32" },
	dup2: { args: ["i32", "i32"], returns: "i32" },
	waitid: { args: ["i32", "u32", "ptr", "i32"], returns: "i32" },
	tcflow: { args: ["i32", "i32"], returns: "i32" },
	isatty: { args: ["i32"], returns: "i32" },
	// Its result is a long, but the kernel takes less than 2 GiB at once.
	write: { args: ["i32", "ptr", "u64"], returns: "i32" },
	read: { args: ["i32", "ptr", "u64"], returns: "i32" },
	poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
} as const;
const linuxOnly = {
	prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
	ptsname: { args: ["i32"], returns: "cstring" },
	fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
	ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
	clearenv: { args: [], returns: "i32" },
	__errno_location: { args: [], returns: "ptr" },
} as const;
const darwinOnly = {
	unsetenv: { args: ["ptr"], returns: "i32" },
	__error: { args: [], returns: "ptr" },
} as const;

interface Libc {
	flock(fd: number, operation: number): number;
	dup2(from: number, onto: number): number;
	waitid(idType: number, id: number, info: Uint8Array, options: number): number;
	tcflow(fd: number, action: number): number;
	isatty(fd: number): number;
	write(fd: number, bytes: Uint8Array, length: number): number;
	read(fd: number, bytes: Uint8Array, length: number): number;
	poll(descriptors: Uint8Array, count: number, timeoutMs: number): number;
	/** Linux only. */
	prctl: ((option: number, a: number, b: number, c: number, d: number) => number) | null;
	/** Linux only; null elsewhere. */
	terminals: {
		ptsname(fd: number): string | null;
		fcntl(fd: number, command: number, argument: number): number;
		ioctl(fd: number, request: number, argument: Uint8Array): number;
	} | null;
	clearEnvironment(): boolean;
	errno(): number;
}

let loaded: Libc | null | undefined;

/** The C library, or null on a system without one of these names (Windows). */
function libc(): Libc | null {
	if (loaded !== undefined) return loaded;
	loaded = null;
	let failure: unknown;
	for (const name of libraryNames[process.platform] ?? []) {
		try {
			loaded = process.platform === "linux" ? openLinux(name) : openDarwin(name);
			return loaded;
		} catch (error) {
			failure = error;
		}
	}
	if (failure !== undefined) {
		loaded = undefined;
		throw new BerthError("internal", "the C library cannot be opened", undefined, failure);
	}
	return loaded;
}

function openLinux(name: string): Libc {
	const { symbols } = dlopen(name, { ...common, ...linuxOnly });
	return {
		flock: symbols.flock,
		dup2: symbols.dup2,
		waitid: symbols.waitid,
		tcflow: symbols.tcflow,
		isatty: symbols.isatty,
		write: symbols.write,
		read: symbols.read,
		poll: symbols.poll,
		prctl: symbols.prctl,
		terminals: {
			ptsname: (fd) => symbols.ptsname(fd)?.toString() ?? null,
			fcntl: symbols.fcntl,
			ioctl: symbols.ioctl,
		},
		clearEnvironment: () => symbols.clearenv() === 0,
		errno: () => read.i32(symbols.__errno_location()!, 0),
	};
}

function openDarwin(name: string): Libc {
	const { symbols } = dlopen(name, { ...common, ...darwinOnly });
	return {
		flock: symbols.flock,
		dup2: symbols.dup2,
		waitid: symbols.waitid,
		tcflow: symbols.tcflow,
		isatty: symbols.isatty,
		write: symbols.write,
		read: symbols.read,
		poll: symbols.poll,
		prctl: null,
		terminals: null,
		clearEnvironment: () =>
			Object.keys(process.env).every((name) => symbols.unsetenv(Buffer.from(`${name}\0`)) === 0),
		errno: () => read.i32(symbols.__error()!, 0),
	};
}

/**
 * dup2(2): `onto` becomes what `from` is, in one step, so that no other thread's new descriptor can slip in between. False where the
 * system cannot.
 */
export function replaceDescriptor(from: number, onto: number): boolean {
	const library = libc();
	return library !== null && library.dup2(from, onto) === onto;
}

/** prctl(2): orphans below this process become its children instead of init's. */
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Makes this process adopt every orphan below it, so that a process that daemonised or called setsid(2) is still found among its
 * descendants. False where the system cannot (anything but Linux).
 */
export function becomeSubreaper(): boolean {
	const prctl = process.platform === "linux" ? libc()?.prctl : null;
	return prctl ? prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0 : false;
}

/** waitid(2), Linux: any child, and the flags for looking without taking. */
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 0x1;
const WEXITED = 0x4;
const WNOWAIT = 0x0100_0000;
/** Size of siginfo_t, and where 64-bit Linux keeps `si_pid` in it. */
const SIGINFO_BYTES = 128;
const SI_PID = 16;

const siginfo = new Uint8Array(SIGINFO_BYTES);
const siginfoView = new DataView(siginfo.buffer);

/**
 * Takes the exit status of every adopted child that has ended, so that none stays a zombie, and returns how many there were.
 * One that `isAwaited` is left for the runtime, which waits for it by itself; whatever the kernel lists behind it is taken at the next
 * call, so call once more when that process's exit has been reported.
 *
 * Never blocks and must not be polled: call it from `process.on("SIGCHLD")`. The runtime delivers that signal to us and waits for
 * its own children by pidfd, so neither takes from the other. Several exits may come as one signal; one call takes them all.
 */
export function reapAdopted(isAwaited: (pid: number) => boolean): number {
	const library = process.platform === "linux" ? libc() : null;
	if (!library) return 0;
	let reaped = 0;
	for (;;) {
		siginfo.fill(0);
		if (library.waitid(P_ALL, 0, siginfo, WEXITED | WNOHANG | WNOWAIT) !== 0) return reaped;
		const pid = siginfoView.getInt32(SI_PID, true);
		if (pid === 0 || isAwaited(pid)) return reaped;
		if (library.waitid(P_PID, pid, siginfo, WEXITED | WNOHANG) !== 0) return reaped;
		reaped++;
	}
}

/** flock(2): exclusive, and an answer at once. */
const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = process.platform === "darwin" ? 35 : 11;
const EINTR = 4;

/**
 * Locks an open file for whoever has it open, when nobody else has; false when somebody has. The lock belongs to the open file: the
 * kernel releases it when the last process that has it open closes it, or dies, however it dies.
 */
export function lockDescriptor(fd: number): boolean {
	const library = libc();
	if (!library) throw new BerthError("internal", `files cannot be locked on ${process.platform}`);
	let errno = 0;
	do {
		if (library.flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
		errno = library.errno();
	} while (errno === EINTR);
	if (errno === EWOULDBLOCK) return false;
	throw new BerthError("internal", `a file cannot be locked (errno ${errno})`);
}

/** write(2): how many of the bytes were taken; -1 when none, for whatever reason. */
export function writeDescriptor(fd: number, bytes: Uint8Array): number {
	return libc()?.write(fd, bytes, bytes.length) ?? -1;
}

/** poll(2): struct pollfd is an i32 descriptor, u16 events that are wanted and u16 events that were found. */
const POLLIN = 0x1;
const POLLFD_BYTES = 8;
const POLLFD_EVENTS = 4;

const pollfd = new Uint8Array(POLLFD_BYTES);
const pollfdView = new DataView(pollfd.buffer);

/**
 * poll(2) and read(2): how many bytes were read; 0 when none came within that many milliseconds, in which nothing else runs here, or
 * none can be read.
 */
export function readDescriptor(fd: number, into: Uint8Array, withinMs: number): number {
	const library = libc();
	if (library === null) return 0;
	pollfdView.setInt32(0, fd, true);
	pollfdView.setUint16(POLLFD_EVENTS, POLLIN, true);
	if (library.poll(pollfd, 1, withinMs) !== 1) return 0;
	return Math.max(0, library.read(fd, into, into.length));
}

/** tcflow(3). */
const TCOOFF = process.platform === "darwin" ? 1 : 0;
const TCOON = process.platform === "darwin" ? 2 : 1;

/** Stops a terminal's output; `fd` is of the side that processes write to. False when it cannot be stopped. */
export function stopOutput(fd: number): boolean {
	return libc()?.tcflow(fd, TCOOFF) === 0;
}

/** Starts the output that `stopOutput` stopped. */
export function startOutput(fd: number): boolean {
	return libc()?.tcflow(fd, TCOON) === 0;
}

/** ioctl(2), Linux: fills struct termios, which begins with u32 input flags and u32 output flags. OPOST is the lowest of the latter. */
const TCGETS = 0x5401;
const TERMIOS_BYTES = 64;
const OPOST = 1;

/** Whether the kernel works on what is written to this terminal (line ends, tabs); `fd` may be of either side. Linux only. */
export function processesOutput(fd: number): boolean {
	const bytes = new Uint8Array(TERMIOS_BYTES);
	if (libc()?.terminals?.ioctl(fd, TCGETS, bytes) !== 0) return true;
	return (new Uint32Array(bytes.buffer)[1]! & OPOST) !== 0;
}

/** Standard input, output or error. */
export type StandardFd = 0 | 1 | 2;

/**
 * Whether it is a terminal. Asked of the C library, because node:tty, and process.stdout with it, takes 3 ms and 2 MB to load: a third
 * of what `berth ls` takes.
 */
export function isTerminal(fd: StandardFd): boolean {
	const library = libc();
	return library ? library.isatty(fd) === 1 : [process.stdin, process.stdout, process.stderr][fd]!.isTTY;
}

/** ioctl(2), Linux: fills struct winsize with u16 rows, columns and two sizes in pixels. */
const TIOCGWINSZ = 0x5413;
const WINSIZE_BYTES = 8;

/** The size of the terminal in cells, 0 where it does not know; null when there is no terminal. */
export function windowSize(fd: 1 | 2): { cols: number; rows: number } | null {
	const terminals = libc()?.terminals;
	if (!terminals) {
		const { isTTY, columns: cols, rows } = fd === 1 ? process.stdout : process.stderr;
		return isTTY ? { cols, rows } : null;
	}
	const bytes = new Uint8Array(WINSIZE_BYTES);
	if (terminals.ioctl(fd, TIOCGWINSZ, bytes) !== 0) return null;
	const [rows, cols] = new Uint16Array(bytes.buffer);
	return { cols: cols!, rows: rows! };
}

/** Path of the side that processes use when `fd` is the other side of a pseudo-terminal; null otherwise. Linux only. */
export function terminalName(fd: number): string | null {
	return libc()?.terminals?.ptsname(fd) || null;
}

/** fcntl(2), Linux. */
const F_DUPFD_CLOEXEC = 1030;

/** A second descriptor of the same open file, which no child inherits; null when there is no room for one. Linux only. */
export function duplicateDescriptor(fd: number): number | null {
	const copy = libc()?.terminals?.fcntl(fd, F_DUPFD_CLOEXEC, 0) ?? -1;
	return copy < 0 ? null : copy;
}

/**
 * Empties this process's environment as native code sees it; `process.env` is the runtime's own copy and stays. For a native library
 * that hands its process's environment down to what it starts. Nothing puts it back: the names that native code looks for
 * (TZ, LANG) are gone for it. False where it cannot be done (Windows).
 */
export function clearNativeEnvironment(): boolean {
	return libc()?.clearEnvironment() ?? false;
}
