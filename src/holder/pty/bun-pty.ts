/**
 * bun-pty's native library, called directly: its JavaScript decodes output to text, which loses bytes, looks for the library while it is
 * imported, and waits 8 ms between two looks at an idle terminal. Ownership as in driver.ts.
 *
 * What the library does, and this driver cannot change:
 * - a thread of its own reads the terminal into memory without bound, so a slow reader does not slow the process;
 * - an end by signal is reported as code 1, as is `exit 1`: neither can be told from the other, so neither is reported;
 * - output that comes more than 20 ms after the process's end is lost, and reading the end blocks for those 20 ms;
 * - its reading thread holds the terminal open until the last descendant has closed it, so closing hangs up the process (and, by its
 *   end, the foreground) but no background job;
 * - the process gets the user's login shell as SHELL when the given environment has none;
 * - the process inherits an ignored SIGXFSZ from the runtime, and a terminal without IUTF8.
 */
import { dlopen } from "bun:ffi";
import { BerthError } from "../../contract/errors.ts";
import { clearNativeEnvironment } from "../../platform/libc.ts";
import { foregroundGroupOf } from "../../platform/processes/index.ts";
import type { Pty, PtyDriver, PtyExit, PtyOptions } from "./driver.ts";
import { resolveProgram } from "./program.ts";

const symbolTypes = {
	bun_pty_spawn: { args: ["ptr", "ptr", "ptr", "i32", "i32"], returns: "i32" },
	bun_pty_write: { args: ["i32", "ptr", "i32"], returns: "i32" },
	bun_pty_read: { args: ["i32", "ptr", "i32"], returns: "i32" },
	bun_pty_resize: { args: ["i32", "i32", "i32"], returns: "i32" },
	bun_pty_kill: { args: ["i32"], returns: "i32" },
	bun_pty_get_pid: { args: ["i32"], returns: "i32" },
	bun_pty_get_exit_code: { args: ["i32"], returns: "i32" },
	bun_pty_close: { args: ["i32"], returns: "void" },
} as const;

function open(path: string) {
	return dlopen(path, symbolTypes).symbols;
}
type Library = ReturnType<typeof open>;

/** What `bun_pty_get_exit_code` gives for a process that a signal ended, as well as for `exit 1`. */
const AMBIGUOUS_CODE = 1;

/** Bytes taken in one call. */
const READ_BYTES = 64 * 1024;
/** Calls before the event loop gets its turn: 1 MB. */
const READS_PER_TURN = 16;
/** Milliseconds between two looks: the first after something was read or written, doubling up to the second while nothing happens. */
const POLL_MS = { busy: 1, idle: 32 };

class BunPtyPty implements Pty {
	readonly pid: number;
	readonly #library: Library;
	readonly #handle: number;
	readonly #options: PtyOptions;
	readonly #buffer = new Uint8Array(READ_BYTES);
	#timer: Timer | null = null;
	#delay = POLL_MS.busy;
	#ended = false;
	#closed = false;

	constructor(library: Library, handle: number, options: PtyOptions) {
		this.#library = library;
		this.#handle = handle;
		this.#options = options;
		this.pid = library.bun_pty_get_pid(handle);
		this.#pollSoon();
	}

	/** The library's thread takes everything and does not tell what became of it. */
	readonly backlogBytes = 0;

	write(bytes: Uint8Array): void {
		if (this.#ended || this.#closed || bytes.length === 0) return;
		this.#library.bun_pty_write(this.#handle, bytes, bytes.length);
		this.#pollSoon();
	}

	resize(cols: number, rows: number): void {
		if (!this.#ended && !this.#closed) this.#library.bun_pty_resize(this.#handle, cols, rows);
	}

	foregroundGroup(): number | null {
		return this.#ended || this.#closed ? null : foregroundGroupOf(this.pid);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		// Sends SIGHUP, which the kernel will not: see the reading thread above.
		if (!this.#ended) this.#library.bun_pty_kill(this.#handle);
		if (this.#ended) this.#free();
		else this.#pollSoon();
	}

	#pollSoon(): void {
		this.#delay = POLL_MS.busy;
		this.#pollIn(this.#delay);
	}

	#pollIn(ms: number): void {
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = this.#ended ? null : setTimeout(this.#poll, ms);
	}

	readonly #poll = (): void => {
		let next = 0;
		try {
			for (let reads = 0; reads < READS_PER_TURN && !this.#ended; reads++) {
				const length = this.#library.bun_pty_read(this.#handle, this.#buffer, READ_BYTES);
				if (length < 0) {
					this.#end();
				} else if (length === 0) {
					next = this.#delay;
					this.#delay = Math.min(this.#delay * 2, POLL_MS.idle);
					break;
				} else {
					this.#delay = POLL_MS.busy;
					if (!this.#closed) this.#options.onData(this.#buffer.subarray(0, length));
				}
			}
		} finally {
			// Also after a failure of the reader's: the process's end must still be noticed.
			this.#pollIn(next);
		}
	};

	#end(): void {
		this.#ended = true;
		const code = this.#library.bun_pty_get_exit_code(this.#handle);
		if (this.#closed) this.#free();
		const exit: PtyExit = { code: code < 0 || code === AMBIGUOUS_CODE ? null : code, signal: null };
		this.#options.onExit(exit);
	}

	#free(): void {
		this.#library.bun_pty_close(this.#handle);
	}
}

/** Words as the library splits them again: POSIX shell quoting. */
function quote(word: string): string {
	return `'${word.replaceAll("'", "'\\''")}'`;
}

function cString(text: string): Buffer {
	return Buffer.from(`${text}\0`);
}

/** Opens the library; throws when the system's loader refuses it (a cache folder on a file system mounted noexec). */
export function openBunPty(libraryPath: string): PtyDriver {
	const library = open(libraryPath);
	return {
		name: "bun-pty",
		limits: { exactBytes: true, signals: false, backpressure: false, exactEnvironment: false },
		spawn(options) {
			const { argv, cwd, env, cols, rows } = options;
			const program = resolveProgram(options);
			// The library adds `env` to what it finds in this process; `process.env` is a copy and stays whole.
			clearNativeEnvironment();
			const handle = library.bun_pty_spawn(
				cString([program, ...argv.slice(1)].map(quote).join(" ")),
				cString(cwd),
				cString(
					Object.entries(env)
						.map(([name, value]) => `${name}=${value}\0`)
						.join(""),
				),
				cols,
				rows,
			);
			if (handle < 0) throw new BerthError("spawn_failed", `bun-pty could not start ${program}`, { program });
			return new BunPtyPty(library, handle, options);
		},
	};
}
