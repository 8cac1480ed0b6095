/**
 * A client's own terminal while it is lent (contract/lending.ts): its keys are read here, and output is written straight to it.
 *
 * Owns the terminal's descriptor and timers from `borrow` until `close`; each way to the end of the loan goes through there. It never waits for
 * the terminal: what that does not take at once is the client's to show.
 */
import type { KeyState, Lend, TerminalMarks } from "../contract/lending.ts";
import { writeDescriptor } from "../platform/libc.ts";
import { readProcess } from "../platform/processes/index.ts";
import { openTerminal } from "../terminal/identity.ts";
import { KeyInput, type KeyListener } from "../terminal/key-input.ts";
import { OutputTracker } from "../terminal/output-tracker.ts";
import { TerminalInput } from "../terminal/terminal-input.ts";

/** Milliseconds from a key or output until the terminal's owner is looked at: off the way of an echo, and rarely. */
const LOOK_MS = 250;

export interface Lender extends KeyListener {
	/** The terminal is gone. */
	hangup(): void;
	/** About to be shown: what the client must undo when it gets the terminal back from nobody. */
	marks(marks: TerminalMarks): void;
	/** The client is stopped: its terminal is somebody else's now. */
	stopped(): void;
}

export class BorrowedTerminal {
	readonly #fd: number;
	readonly #lender: Lender;
	readonly #pid: number;
	#tracker: OutputTracker;
	readonly #keys: KeyInput;
	readonly #input: TerminalInput;
	#look: Timer | null = null;

	/** Null when it cannot be opened here. */
	static borrow(lend: Lend, lender: Lender): BorrowedTerminal | null {
		const fd = openTerminal(lend.terminal);
		return fd === null ? null : new BorrowedTerminal(fd, lend, lender);
	}

	private constructor(fd: number, { pid, marks, detachKeys }: Lend, lender: Lender) {
		this.#fd = fd;
		this.#pid = pid;
		this.#lender = lender;
		this.#tracker = new OutputTracker(marks);
		this.#keys = new KeyInput(detachKeys, lender);
		this.#input = new TerminalInput(fd, {
			received: (bytes) => this.#received(bytes),
			ended: () => lender.hangup(),
		});
	}

	get marks(): TerminalMarks {
		return this.#tracker.marks;
	}

	/** Shows output; returns how much of it the terminal took at once. The marks are those of what it took. */
	show(bytes: Uint8Array): number {
		const { marks } = this.#tracker;
		this.#tracker.push(bytes);
		if (this.#tracker.marks !== marks) this.#lender.marks(this.#tracker.marks);
		// None when it is full, or gone: either is found out by the client, when it tries the same.
		const taken = Math.max(0, writeDescriptor(this.#fd, bytes));
		if (taken < bytes.length) {
			this.#tracker = new OutputTracker(marks);
			this.#tracker.push(bytes.subarray(0, taken));
		}
		this.#lookSoon();
		return taken;
	}

	/** Lets go of it; what was typed and is kept back is for whoever reads on. Once. */
	close(): KeyState {
		if (this.#look !== null) clearTimeout(this.#look);
		this.#input.close();
		return this.#keys.stop();
	}

	#received(bytes: Uint8Array): void {
		this.#keys.push(bytes);
		this.#lookSoon();
	}

	/** A client that was stopped (kill -STOP) never said so, and its terminal is its shell's again. */
	#lookSoon(): void {
		this.#look ??= setTimeout(() => {
			this.#look = null;
			if (readProcess(this.#pid)?.state === "T") this.#lender.stopped();
		}, LOOK_MS);
	}
}
