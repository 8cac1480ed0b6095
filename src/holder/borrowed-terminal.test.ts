import { expect, test } from "bun:test";
import { readlinkSync, statSync } from "node:fs";
import type { TerminalMarks } from "../contract/lending.ts";
import { NO_MARKS } from "../terminal/output-tracker.ts";
import { BorrowedTerminal, type Lender } from "./borrowed-terminal.ts";

/** A terminal whose user has stopped reading: nothing reads while a test does not wait. */
class Stopped implements Lender {
	readonly #process = Bun.spawn(["sleep", "60"], { terminal: { cols: 80, rows: 24 } });
	readonly terminal: BorrowedTerminal;
	told: TerminalMarks[] = [];

	constructor() {
		const path = readlinkSync(`/proc/${this.#process.pid}/fd/0`);
		const { dev, ino, rdev } = statSync(path);
		this.terminal = BorrowedTerminal.borrow(
			{
				type: "lend",
				terminal: { path, file: `${dev}:${ino}:${rdev}` },
				pid: this.#process.pid,
				detachKeys: "ctrl-\\",
				offset: 0,
				marks: NO_MARKS,
			},
			this,
		)!;
	}

	type(): void {}
	detach(): void {}
	hangup(): void {}
	stopped(): void {}
	marks(marks: TerminalMarks): void {
		this.told.push(marks);
	}

	[Symbol.dispose](): void {
		this.terminal.close();
		this.#process.kill("SIGKILL");
	}
}

/** Fills it. The kernel's own worker moves what was written on, and may be late: for a while there is room again. */
const full = (terminal: BorrowedTerminal): void => {
	const text = Buffer.alloc(4096, "x");
	for (let tries = 0, refused = 0; tries < 1000; tries++) {
		refused = terminal.show(text) === 0 ? refused + 1 : 0;
		if (refused === 100) return;
		if (refused > 0) Bun.sleepSync(1);
	}
	throw new Error("the terminal takes everything");
};

test("what leaves marks is told before it is shown", () => {
	using stopped = new Stopped();
	expect(stopped.terminal.show(Buffer.from("text"))).toBe(4);
	stopped.terminal.show(Buffer.from("\x1b[31mred\x1b[0m\x1b[?25h"));
	expect(stopped.told).toEqual([]);
	stopped.terminal.show(Buffer.from("\x1b[?1049h"));
	expect(stopped.told).toMatchObject([{ alternate: true }]);
});

test("what a terminal that is full did not take has left no marks: it is shown again by another", () => {
	using stopped = new Stopped();
	full(stopped.terminal);
	expect(stopped.terminal.show(Buffer.from("\x1b[>1u"))).toBe(0);
	expect(stopped.terminal.marks.keyboard).toEqual({ primary: 0, alternate: 0 });
});

test("another terminal of the same name is not borrowed", () => {
	using stopped = new Stopped();
	const lend = {
		type: "lend",
		pid: process.pid,
		detachKeys: "ctrl-\\",
		offset: 0,
		marks: NO_MARKS,
	} as const;
	const borrow = (path: string, file: string) =>
		BorrowedTerminal.borrow({ ...lend, terminal: { path, file } }, stopped);
	expect(borrow("/dev/ptmx", "0:0:0")).toBeNull();
	expect(borrow("/dev/none", "0:0:0")).toBeNull();
	expect(borrow("/etc/passwd", "0:0:0")).toBeNull();
});
