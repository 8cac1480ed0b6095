/**
 * The user's own terminal, as the kernel knows it: its line discipline and whether it takes output. The structures of termios differ between
 * systems, so they are kept as the C library filled them and only changed by cfmakeraw(3).
 *
 * The runtime's own raw mode is not raw enough: it leaves output processing on, and a program's bare line feed would then move the
 * cursor to the first column.
 */
import { dlopen } from "bun:ffi";
import { closeSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import { openTerminalFile } from "./open-terminal.ts";

const libraryNames: Partial<Record<NodeJS.Platform, readonly string[]>> = {
	linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`, "libc.so"],
	darwin: ["libSystem.B.dylib"],
};

const calls = {
	tcgetattr: { args: ["i32", "ptr"], returns: "i32" },
	tcsetattr: { args: ["i32", "i32", "ptr"], returns: "i32" },
	cfmakeraw: { args: ["ptr"], returns: "void" },
	poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
} as const;

/** Larger than any system's struct termios (60 bytes on Linux, 72 on macOS). */
const TERMIOS_BYTES = 256;

/** tcsetattr(3): at once. Waiting for output to drain would hang on a terminal that is stopped with Ctrl-S. */
const TCSANOW = 0;

/** struct pollfd: i32 fd, i16 events, i16 revents. */
const POLLFD_BYTES = 8;
const POLLOUT = 4;

function openLibrary() {
	let failure: unknown;
	for (const name of libraryNames[process.platform] ?? []) {
		try {
			return dlopen(name, calls).symbols;
		} catch (error) {
			failure = error;
		}
	}
	throw new BerthError(
		"internal",
		`terminals cannot be controlled on ${process.platform}`,
		undefined,
		failure,
	);
}

/**
 * The terminal on standard input and output. Whoever makes it raw owes it a `restore`, on every way out. A process that is killed with
 * SIGKILL cannot pay that debt.
 */
export class UserTerminal {
	#calls = openLibrary();
	#saved: Uint8Array | null = null;
	#output: number | null = null;
	#pollfd = new Uint8Array(POLLFD_BYTES);

	/** Bytes as they come and go: no echo, no line editing, no signals from keys, no translation of line ends. */
	makeRaw(): void {
		const saved = new Uint8Array(TERMIOS_BYTES);
		if (this.#calls.tcgetattr(0, saved) !== 0) {
			throw new BerthError("bad_request", "standard input is not a terminal");
		}
		const raw = saved.slice();
		this.#calls.cfmakeraw(raw);
		if (this.#calls.tcsetattr(0, TCSANOW, raw) !== 0) {
			throw new BerthError("internal", "the terminal cannot be made raw");
		}
		this.#saved ??= saved;
	}

	/** As it was before the first `makeRaw`. Idempotent. */
	restore(): void {
		if (this.#saved === null) return;
		this.#calls.tcsetattr(0, TCSANOW, this.#saved);
		this.#saved = null;
	}

	/**
	 * A descriptor for output that never blocks. It is an open file of our own: setting O_NONBLOCK on standard output would set it for the
	 * shell that gave it to us as well.
	 */
	get output(): number {
		this.#output ??= openOutput();
		return this.#output;
	}

	/** Waits until the terminal takes output, `ms` at most. */
	waitWritable(ms: number): boolean {
		const view = new DataView(this.#pollfd.buffer);
		view.setInt32(0, this.output, true);
		view.setInt16(4, POLLOUT, true);
		view.setInt16(6, 0, true);
		return this.#calls.poll(this.#pollfd, 1, ms) > 0;
	}

	/** Gives the output descriptor back. */
	close(): void {
		if (this.#output !== null && this.#output !== 1) closeSync(this.#output);
		this.#output = null;
	}
}

/**
 * Calls `listener` when the terminal on standard output has another size; returns the removal. Where `windowSize` asks the kernel each
 * time, the signal is enough; elsewhere the runtime's stream has to be told first, which takes 3 ms to load.
 */
export function onWindowChange(listener: () => void): () => void {
	if (process.platform === "linux") {
		process.on("SIGWINCH", listener);
		return () => process.off("SIGWINCH", listener);
	}
	process.stdout.on("resize", listener);
	return () => process.stdout.off("resize", listener);
}

function openOutput(): number {
	const path = process.platform === "linux" ? "/proc/self/fd/1" : "/dev/tty";
	// A blocking descriptor works as well, it only waits with us.
	return openTerminalFile(path, "write") ?? 1;
}
