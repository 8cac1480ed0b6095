/**
 * Gives the event loop its turn while a terminal floods, and input its way past the flood.
 *
 * The runtime reads a terminal until nothing is left, and offers no way to pause. When the reader is slower than the process there is
 * always something left: timers, sockets and input waited for up to 2 s here (200 MB of `cat`, 1 ms of work per 64 KB). So, after a
 * turn's worth of output, the runtime is made to run dry, and the loop turns:
 *
 *   raw output       is stopped from its other side (tcflow(3), what Ctrl-S does) until the loop has turned
 *   processed        must not be stopped: Linux throws a line end away that is written in the moment of the stop (do_output_char of n_tty
 *                    does not look at what pty_write took; measured: 4 of 7,500,000 bytes at a thousand stops). It is read empty here
 *                    instead, without working on what was read, which is given out when the loop has turned. Often the kernel brings
 *                    more before the runtime looks; then the next chunk tries again.
 *
 * Input is written at once, through a descriptor of our own, because the runtime writes only when the loop turns: by then output is
 * stopped again, and a Ctrl-S that meets a stopped terminal does nothing.
 *
 * Owns that descriptor until `close`, and one of the terminal's other side only while output is stopped: held longer, it would
 * keep the end of file away. Linux only; elsewhere, and for a process that has already ended, there is no gate.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import {
	duplicateDescriptor,
	processesOutput,
	readDescriptor,
	startOutput,
	stopOutput,
	terminalName,
} from "../../platform/libc.ts";
import { writeSome } from "../../platform/write.ts";

/**
 * Bytes of output between two turns. More than the kernel holds for a stopped terminal (two buffers of 64 KB): what is
 * still read after a user's Ctrl-S must not reach it, since starting our own stop would end the user's as well.
 */
const TURN_BYTES = 512 * 1024;
/** Milliseconds of work on output between two turns: there is output that keeps an emulator busy for seconds with few bytes. */
const TURN_MS = 50;
/** The kernel acts on input a little later than it takes it, and later still on a busy machine. */
const TURN_BYTES_AFTER_STOP = 4 * 1024 * 1024;
/** The character that stops output unless the user chose another (VSTOP). */
const CTRL_S = 0x13;
/** Bytes that are held while the loop turns: far more than the kernel keeps of a terminal's output (two buffers of 64 KB). */
const HELD_BYTES = 512 * 1024;
/** Bytes of one read. The kernel gives about 4 KB at once. */
const READ_BYTES = 64 * 1024;

/** Bytes that the kernel gives at once. An echo takes a few; what comes behind it is the runtime's to read. */
const ECHO_BYTES = 4096;
/** Milliseconds, the least that poll(2) knows: most programs answer a key in a tenth of that. */
const ECHO_WAIT_MS = 1;

export class OutputGate {
	readonly #path: string;
	readonly #master: number;
	/** Takes output that was held, in order. */
	readonly #give: (bytes: Uint8Array) => void;
	readonly #turnBytes: number;
	#left: number;
	#leftMs = TURN_MS;
	#held: Uint8Array | null = null;
	/** Where output is held: a flood uses it again and again, and after it the next collection takes it. */
	#room: WeakRef<Uint8Array> | null = null;
	readonly #echo = new Uint8Array(ECHO_BYTES);
	#turning = false;
	#stopped: number | null = null;
	#closed = false;

	private constructor(path: string, master: number, give: (bytes: Uint8Array) => void, turnBytes: number) {
		this.#path = path;
		this.#master = master;
		this.#give = give;
		this.#turnBytes = this.#left = turnBytes;
	}

	/**
	 * The gate of the terminal that this process was started in; null where there is none. Takes 0.4 ms, so it is made when it is first
	 * needed. A terminal works without: failures on the way mean that there is no gate. `turnBytes` of output come between two turns.
	 */
	static of(
		pid: number,
		give: (bytes: Uint8Array) => void,
		turnBytes: number = TURN_BYTES,
	): OutputGate | null {
		if (process.platform !== "linux") return null;
		try {
			const path = controllingTerminal(pid);
			if (path === null) return null;
			// The runtime's descriptors of this terminal; it closes them when it wants, so that one of our own is needed.
			const fds = readdirSync("/proc/self/fd").map(Number);
			const fd = fds.find((own) => terminalName(own) === path);
			const master = fd === undefined ? null : duplicateDescriptor(fd);
			return master === null ? null : new OutputGate(path, master, give, turnBytes);
		} catch {
			return null;
		}
	}

	/** To be told of all output that the runtime read, after it was handled, and how many milliseconds that took. */
	passed(bytes: number, ms: number): void {
		this.#left -= bytes;
		this.#leftMs -= ms;
		if ((this.#left > 0 && this.#leftMs > 0) || this.#stopped !== null || this.#closed) return;
		if (processesOutput(this.#master)) this.#readEmpty();
		else this.#stop();
		if (this.#turning) return;
		this.#turning = true;
		setImmediate(() => {
			this.#turning = false;
			this.#start();
			this.release();
		});
	}

	/** Gives out what is held, in bytes that are used again after the call. To be called before anything newer is handled. */
	release(): void {
		const held = this.#held;
		this.#held = null;
		if (held !== null) this.#give(held);
	}

	#stop(): void {
		const fd = this.#openOtherSide();
		if (fd === null) return;
		if (stopOutput(fd)) this.#stopped = fd;
		else closeSync(fd);
	}

	/** Null when it cannot be had: no descriptor is free, or a program (login, su) gave the terminal to another user. */
	#openOtherSide(): number | null {
		try {
			return openSync(this.#path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
		} catch {
			return null;
		}
	}

	#start(): void {
		this.#left = this.#turnBytes;
		this.#leftMs = TURN_MS;
		if (this.#stopped === null) return;
		startOutput(this.#stopped);
		closeSync(this.#stopped);
		this.#stopped = null;
	}

	#readEmpty(): void {
		let room = this.#room?.deref();
		if (room === undefined) {
			room = Buffer.allocUnsafeSlow(HELD_BYTES);
			this.#room = new WeakRef(room);
		}
		let length = 0;
		try {
			while (length < HELD_BYTES) {
				const count = readSync(this.#master, room, length, Math.min(READ_BYTES, HELD_BYTES - length), null);
				if (count === 0) break;
				length += count;
			}
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// Empty, or hung up: the runtime notices the one now and the other when it looks.
			if (code !== "EAGAIN" && code !== "EIO") throw error;
		}
		if (length > 0) this.#held = room.subarray(0, length);
	}

	/** Writes input at once and returns how many bytes the kernel took: fewer when the process does not read. */
	write(bytes: Uint8Array): number {
		if (this.#closed) return 0;
		this.#start();
		if (bytes.includes(CTRL_S)) {
			this.#left = TURN_BYTES_AFTER_STOP;
			this.#leftMs = Number.POSITIVE_INFINITY;
		}
		try {
			return writeSome(this.#master, bytes);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// Full, or hung up: the runtime, which is given the rest, waits for the one and notices the other.
			if (code === "EAGAIN" || code === "EIO") return 0;
			throw error;
		}
	}

	/**
	 * Output that comes within a millisecond, in bytes that are used again at the next call; null when none does, and while the
	 * terminal floods. Nothing older is missed: what the runtime has read it has given out.
	 */
	readEcho(): Uint8Array | null {
		if (this.#closed || this.#turning) return null;
		const count = readDescriptor(this.#master, this.#echo, ECHO_WAIT_MS);
		return count > 0 ? this.#echo.subarray(0, count) : null;
	}

	close(): void {
		if (this.#closed) return;
		this.#start();
		this.#closed = true;
		closeSync(this.#master);
	}
}

/** First field after the name in /proc/PID/stat is 0; the controlling terminal's device is the fifth. */
const TTY_FIELD = 4;
/** Device numbers of /dev/pts (Linux, Documentation/admin-guide/devices.txt). */
const PTS_MAJOR = 136;

function controllingTerminal(pid: number): string | null {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	const device = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[TTY_FIELD]);
	if (((device >> 8) & 0xfff) !== PTS_MAJOR) return null;
	return `/dev/pts/${(device & 0xff) | ((device >>> 12) & 0xfff00)}`;
}
