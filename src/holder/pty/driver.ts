/**
 * The one interface to a pseudo-terminal with a process in it. Two drivers stand behind it; conformance.test.ts holds both to it.
 *
 * Ownership: whoever calls `spawn` owns the result and must call `close` exactly when it is done with it, also after the exit;
 * until then the PTY's file descriptor stays open. When the owner dies the kernel hangs up the terminal.
 */
import type { PtyDriverName } from "../../contract/link.ts";

export interface PtyOptions {
	/** Program and arguments; the program is looked up in `env.PATH` when it holds no slash. */
	argv: string[];
	cwd: string;
	/** The whole environment: nothing is inherited. */
	env: Record<string, string>;
	cols: number;
	rows: number;
	/**
	 * Output, in order. The bytes are the driver's and may be reused after the call returns: copy what is kept.
	 * Called synchronously from the event loop; as long as it does not return nothing more is read, which is the backpressure.
	 */
	onData: (bytes: Uint8Array) => void;
	/**
	 * The process has ended and all output that it left has been given to `onData`. Called once. Output of descendants
	 * that keep the terminal open is waited for only briefly.
	 */
	onExit: (exit: PtyExit) => void;
}

/** Exactly one is set, unless the driver cannot tell (then both are null). `signal` is without SIG. */
export interface PtyExit {
	code: number | null;
	signal: string | null;
}

export interface Pty {
	readonly pid: number;
	/** Bytes of input that the kernel has not taken since it last took everything; 0 where the driver cannot tell. */
	readonly backlogBytes: number;
	/** Accepts everything; what the process does not read yet is buffered by the driver. */
	write(bytes: Uint8Array): void;
	/**
	 * To be called right after `write`: gives to `onData`, before it returns, output that comes within a millisecond, in which nothing
	 * else runs. The way through the event loop takes an echo longer. Missing where the driver cannot.
	 */
	awaitEcho?(): void;
	/** Sizes the terminal in cells; the kernel sends SIGWINCH to the foreground job. */
	resize(cols: number, rows: number): void;
	/** Process group in the terminal's foreground (tcgetpgrp); null when it cannot be told. */
	foregroundGroup(): number | null;
	/** Tells a process that has no terminal that its end is wanted; signals say it to one that has. */
	hangUp?(): void;
	/** Closes the terminal's descriptor. Idempotent. Does not wait for the process. */
	close(): void;
}

export interface PtyLimits {
	/** Every byte passes unchanged both ways. */
	exactBytes: boolean;
	/** An exit by signal is told apart; without it a process that ended by a signal has neither code nor signal. */
	signals: boolean;
	/** Nothing is read while `onData` runs; without it a slow reader's backlog grows in memory. */
	backpressure: boolean;
	/** The process gets `env` and nothing else; without it SHELL is added when `env` has none. */
	exactEnvironment: boolean;
}

export interface PtyDriver {
	readonly name: PtyDriverName;
	/** What this driver cannot do; the conformance suite marks those cases. */
	readonly limits: PtyLimits;
	/** Throws `invalid_command` when the program cannot be started, `invalid_cwd` when the directory cannot be entered. */
	spawn(options: PtyOptions): Pty;
}
