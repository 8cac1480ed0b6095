/**
 * One worker: its terminal, screen, journal and everybody who looks. This is where the parts of the holder meet.
 *
 * Ownership: the holder's process owns exactly one Worker from start to exit. It owns the PTY, the screen's native memory and the
 * journal's descriptors. When the holder dies the kernel hangs up the terminal, and what the journal has is on disk.
 *
 * Output goes, within one callback: journal → clients → screen → shell tracker and signals → run and wait. The journal is first, so that nobody
 * is ever shown a byte that a crash could take back; the clients are next, so that an echo does not wait for a parser.
 */
import { BerthError } from "../contract/errors.ts";
import { FRAME_LIMIT_BYTES, INPUT_LIMIT_BYTES } from "../contract/limits.ts";
import type { ExitRecord, HolderSpec } from "../contract/link.ts";
import type { SignalName } from "../contract/signals.ts";
import type { Exit, ExitReason } from "../contract/state.ts";
import { writeExitRecord } from "../journal/exit-record.ts";
import { type JournalReader, openJournal } from "../journal/reader.ts";
import { JournalWriter } from "../journal/writer.ts";
import { Housekeeping } from "../platform/housekeeping.ts";
import type { AgentHost } from "./agent/host.ts";
import type { Clients, Stage } from "./clients.ts";
import { programStart } from "./integration.ts";
import { Notices } from "./notices.ts";
import { ProgramSignals } from "./program-signals.ts";
import type { Pty, PtyDriver, PtyExit } from "./pty/driver.ts";
import { replyKinds } from "./replies.ts";
import { Room, type RoomTerminal } from "./room.ts";
import type { Screen, ScreenEngine } from "./screen/engine.ts";
import { FloodedScreen } from "./screen/flood.ts";
import { processImage } from "./shell/process-image.ts";
import { ShellTracker } from "./shell/tracker.ts";
import { signalGroup } from "./signal-group.ts";
import { type Size, sameSize } from "./sizing.ts";
import type { OutputListener, WorkerTerminal } from "./terminal.ts";

/** Bytes of input that may wait for a program that does not read: what one request may hold, twice. */
const INPUT_BACKLOG_BYTES = 2 * INPUT_LIMIT_BYTES;

/** Bytes of one snapshot: half a frame, and more than ten thousand lines ever take. */
const SNAPSHOT_LIMIT_BYTES = FRAME_LIMIT_BYTES / 2;

/** Bytes of waiting input above which a query is no longer answered. */
const REPLY_BACKLOG_BYTES = 64 * 1024;

/** A collection takes 2 ms: one in the first silence of 10 s after any work. */
const HOUSEKEEPING = { lookMs: 10_000, worth: 1 } as const;

export interface WorkerParts {
	spec: HolderSpec;
	driver: PtyDriver;
	engine: ScreenEngine;
	/** Proves the shell's marks; new for every start. */
	shellNonce: string;
	/** The structured agent that `driver` runs; null for a program in a terminal. */
	agent: AgentHost | null;
	/** Unix milliseconds. */
	now: () => number;
	/** Milliseconds on a clock that is never set. */
	ticks: () => number;
	/** Where failures go that end nothing. */
	report: (failure: unknown) => void;
	/** The process has ended and its record is on disk; nobody has been told yet. */
	onExit: () => void;
	/** After that: everybody was told, and clients have drained or were given up on. */
	onEnded: () => void;
}

export class Worker implements WorkerTerminal, Stage, RoomTerminal {
	readonly spec: HolderSpec;
	readonly notices: Notices;
	readonly room: Room;
	readonly screen: Screen;
	readonly tracker: ShellTracker;
	readonly agent: AgentHost | null;
	readonly #signals = new ProgramSignals((signal) => this.notices.tellLimited(signal));
	/** The name of the last input that had one: it is not typed twice. */
	typed: string | null = null;
	/** Whoever makes garbage says so. */
	readonly housekeeping = new Housekeeping({ ...HOUSEKEEPING, collect: () => Bun.gc(true) });
	readonly #parts: WorkerParts;
	readonly #journal: JournalWriter;
	readonly #reader: JournalReader;
	readonly #pty: Pty;
	readonly #outputListeners = new Set<OutputListener>();
	readonly #exitListeners = new Set<(exit: Exit) => void>();
	#size: Size;
	#exit: Exit | null = null;
	#intent: ExitReason = "exited";
	#title = "";
	#lastOutputAt: number;
	#lastInputAt: number;

	/** Starts the process. Throws `invalid_command`, `invalid_cwd`, `journal_failed`; nothing runs then. */
	constructor(parts: WorkerParts) {
		const { spec, now } = parts;
		this.#parts = parts;
		this.spec = spec;
		this.agent = parts.agent;
		this.#size = { cols: spec.cols, rows: spec.rows };
		this.#lastOutputAt = this.#lastInputAt = now();
		this.notices = new Notices(parts.ticks);
		this.room = new Room(this, this, spec.sizePolicy, () => this.#tellViewers());
		this.#journal = JournalWriter.create(spec.generationDir, {
			...this.#size,
			limitBytes: spec.journalLimitBytes,
			now: steadyClock(now, parts.ticks),
			onFault: (fault) => parts.report(fault ?? "the journal takes output again"),
		});
		this.#reader = openJournal(spec.generationDir);
		const start = programStart(spec, parts.shellNonce);
		this.tracker = new ShellTracker(
			start.integration,
			{
				now,
				ticks: parts.ticks,
				image: () => processImage(this.pid),
				read: (from, to) => this.read(from, to),
			},
			{
				onPrompt: (prompt) => this.notices.tellLimited({ kind: "prompt", prompt }),
				onCwd: (cwd) => this.notices.tellLimited({ kind: "cwd", cwd }),
				onCommand: (command) => this.notices.tell({ kind: "command", command }),
			},
		);
		const screen = parts.engine.open({
			...this.#size,
			scrollbackLines: spec.scrollbackLines,
			onTitle: (title) => this.#titled(title),
			onBell: () => this.notices.tellLimited({ kind: "bell" }),
			onReply: (bytes) => this.#answer(bytes),
		});
		this.screen = new FloodedScreen(screen, parts.ticks);
		try {
			this.#pty = parts.driver.spawn({
				...this.#size,
				argv: start.argv,
				env: start.env,
				cwd: spec.cwd,
				onData: (bytes) => this.#received(bytes),
				onExit: (exit) => this.#ended(exit),
			});
		} catch (error) {
			this.screen.close();
			this.#journal.close();
			throw error;
		}
	}

	get workerId(): string {
		return this.spec.workerId;
	}

	get generation(): number {
		return this.spec.generation;
	}

	get pid(): number {
		return this.#pty.pid;
	}

	get offset(): number {
		return this.#journal.offset;
	}

	get startOffset(): number {
		return this.#journal.startOffset;
	}

	get size(): Size {
		return this.#size;
	}

	get exit(): Exit | null {
		return this.#exit;
	}

	get title(): string {
		return this.#title;
	}

	/** Where the shell says it is; else where the program was started. */
	get cwd(): string {
		return this.tracker.cwd ?? this.spec.cwd;
	}

	get lastOutputAt(): number {
		return this.#lastOutputAt;
	}

	get lastInputAt(): number {
		return this.#lastInputAt;
	}

	get clients(): Clients {
		return this.room.clients;
	}

	now(): number {
		return this.#parts.now();
	}

	ticks(): number {
		return this.#parts.ticks();
	}

	read(from: number, to: number): { offset: number; bytes: Uint8Array } {
		return this.#reader.read(from, to);
	}

	/** The whole screen, with as much scrollback as is wanted and one frame holds. */
	snapshot(scrollbackLines: number | undefined): Uint8Array {
		let bytes = this.screen.snapshot(scrollbackLines);
		let lines = Math.min(this.screen.state().scrollbackRows, scrollbackLines ?? Number.POSITIVE_INFINITY);
		while (bytes.length > SNAPSHOT_LIMIT_BYTES && lines > 0) {
			lines = Math.floor((lines / 2) * (SNAPSHOT_LIMIT_BYTES / bytes.length));
			bytes = this.screen.snapshot(lines);
		}
		return bytes;
	}

	screenLines(): string[] {
		return this.screen.lines();
	}

	/** Bytes of input that the program has not read; what the kernel keeps for it does not count. */
	get unreadInputBytes(): number {
		return this.#pty.backlogBytes;
	}

	foregroundGroup(): number | null {
		return this.#exit === null ? this.#pty.foregroundGroup() : null;
	}

	onOutput(listener: OutputListener): () => void {
		this.#outputListeners.add(listener);
		return () => this.#outputListeners.delete(listener);
	}

	onExit(listener: (exit: Exit) => void): () => void {
		this.#exitListeners.add(listener);
		return () => this.#exitListeners.delete(listener);
	}

	/** Input, as if typed. After the exit it goes nowhere. Throws `session_busy` when too much of it lies unread. */
	write(bytes: Uint8Array): void {
		if (this.#exit !== null || bytes.length === 0) return;
		const unread = this.unreadInputBytes;
		if (unread + bytes.length > INPUT_BACKLOG_BYTES) {
			throw new BerthError(
				"session_busy",
				`the program does not read its input; ${unread} bytes wait for it`,
			);
		}
		this.#lastInputAt = this.now();
		this.#pty.write(bytes);
	}

	/** After `write`: an echo that comes at once is shown before this returns, if the driver can do that. */
	awaitEcho(): void {
		if (this.#exit === null) this.#pty.awaitEcho?.();
	}

	signalForeground(signal: SignalName): number {
		return signalGroup(this.foregroundGroup(), signal);
	}

	/** Why the process will end soon. */
	intend(reason: ExitReason): void {
		this.#intent = reason;
		this.#pty.hangUp?.();
	}

	applySize(size: Size): void {
		if (this.#exit !== null || sameSize(size, this.#size)) return;
		this.clients.flush();
		this.#size = size;
		// The program hears of it last: what it draws for the new size must find journal and screen in that size.
		this.#journal.resize(size.cols, size.rows);
		this.screen.resize(size.cols, size.rows);
		this.clients.broadcast({ type: "size", ...size });
		this.#pty.resize(size.cols, size.rows);
		this.notices.tellLimited({ kind: "size", ...size });
	}

	#received(bytes: Uint8Array): void {
		const offset = this.#journal.offset;
		this.#journal.append(bytes);
		try {
			this.clients.output(bytes, offset);
			this.#journal.stamp();
			this.screen.write(bytes);
			this.tracker.feed(bytes, offset);
			this.#signals.feed(bytes, offset);
			for (const listener of this.#outputListeners) listener(bytes, offset);
		} catch (error) {
			// A fault of one reader must not end the others' reading.
			this.#parts.report(error);
		}
		this.#lastOutputAt = this.now();
		this.housekeeping.work();
	}

	/** The screen answers every query it knows, whoever is attached (replies.ts). */
	#answer(bytes: Uint8Array): void {
		if (this.#exit !== null) return;
		// A program that asks and asks and never reads the answers has had enough of them.
		if (this.unreadInputBytes < REPLY_BACKLOG_BYTES) this.#pty.write(bytes);
		this.clients.answered(replyKinds(bytes), this.#journal.offset);
	}

	#titled(title: string): void {
		if (title === this.#title) return;
		this.#title = title;
		this.notices.tellLimited({ kind: "title", title });
	}

	#tellViewers(): void {
		const { viewers, writers } = this.clients;
		this.notices.tellLimited({ kind: "viewers", viewers, writers });
	}

	/** On disk first, then everybody is told. */
	#ended({ code, signal }: PtyExit): void {
		const exit: Exit = { code, signal, reason: this.#intent };
		const at = this.now();
		this.#exit = exit;
		this.#journal.sync();
		const { workerId, generation, offset } = this;
		const record: ExitRecord = { ...exit, workerId, generation, at, offset };
		try {
			writeExitRecord(this.spec.generationDir, record);
		} catch (error) {
			// The disk refuses. Whoever listens still learns how it ended; a daemon that is away will find it lost.
			this.#parts.report(error);
		}
		this.#parts.onExit();
		this.notices.flush();
		this.notices.tell({ kind: "exit", exit, offset, at });
		for (const listener of [...this.#exitListeners]) listener(exit);
		this.tracker.close();
		this.#pty.close();
		void this.clients.finish().then(this.#parts.onEnded);
	}
}

/** Unix milliseconds that go on evenly: a clock that is set tears no hole into a journal's times and keeps nothing waiting there. */
function steadyClock(now: () => number, ticks: () => number): () => number {
	const startedAt = now() - ticks();
	return () => Math.floor(startedAt + ticks());
}
