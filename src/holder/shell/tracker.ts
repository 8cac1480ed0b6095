/**
 * What an integrated shell is doing, from its marks (marks.ts): at its prompt or running what, since when, where.
 *
 * Fed with all output in order. Owned by the worker, for as long as it runs; its memory is bounded. `close` stops its one timer.
 */
import type { CommandBlock, PromptState } from "../../contract/link.ts";
import type { ShellIntegration } from "./inject.ts";
import { type Mark, markPrefixes, parseMark, type RefusedText } from "./marks.ts";
import { OscScanner, type OscSequence } from "./osc-scanner.ts";
import { type OutputRange, outputBounds, type ReadOutput } from "./output-bounds.ts";

/**
 * starting → no prompt yet
 * prompting → the last command has ended, the prompt is on its way
 * ready → the line editor reads
 * continuation → the line editor reads more of an unfinished command
 * running → a command runs
 * lost → the shell replaced itself by a program that sends no marks
 */
export type ShellPhase = "starting" | "prompting" | "ready" | "continuation" | "running" | "lost";

/** What `run` and `wait` follow. Offsets: `at` is where the mark starts, `after` where the output after it starts. */
export type ShellEvent =
	| { kind: "loaded"; id: string; typed: boolean; refused: RefusedText | null; after: number }
	| { kind: "start"; after: number }
	/** `output` is null when the text ran nothing; it then lies somewhere before `at`. */
	| { kind: "end"; exitCode: number | null; at: number; output: OutputRange | null }
	| { kind: "ready" }
	| { kind: "continuation" };

/** What the tracker asks of its worker. */
export interface TrackedWorker {
	/** Unix milliseconds. */
	now(): number;
	/** Milliseconds on a clock that nobody sets. */
	ticks(): number;
	/** Bytes of the output, from the journal. */
	read: ReadOutput;
	/** What program the worker's process runs (process-image.ts); null when it cannot be told. */
	image(): string | null;
}

/** What the worker tells its subscribers. */
export interface TrackerListener {
	onPrompt?(state: PromptState): void;
	onCwd?(cwd: string): void;
	onCommand?(block: CommandBlock): void;
}

export interface RunningCommand {
	/** The command line; empty when the shell could not tell. */
	command: string;
	startOffset: number;
	cwd: string;
	/** Unix milliseconds. */
	startedAt: number;
	startedTicks: number;
}

/** Ended commands that are remembered, and the characters of their command lines together: whichever is reached first. */
const BLOCKS_LIMIT = { count: 1000, characters: 256 * 1024 } as const;

/** Characters of one command line that a block keeps. */
const BLOCK_COMMAND_LIMIT = 4096;

/**
 * Milliseconds after a prompt's start until it counts as ready without its end mark. A theme that sets its prompt after our hook, where
 * a DEBUG trap keeps us from being last, drops that mark.
 */
const PROMPT_SETTLE_MS = 500;

export class ShellTracker {
	readonly integration: ShellIntegration | null;
	readonly #listener: TrackerListener;
	readonly #worker: TrackedWorker;
	readonly #scanner: OscScanner;
	readonly #subscribers = new Set<(event: ShellEvent) => void>();
	readonly #blocks: CommandBlock[] = [];
	#blockCharacters = 0;
	#phase: ShellPhase = "starting";
	/** Number of the prompt that the next command is typed at. */
	#seq = 0;
	/** Number of the last command whose end was told: its marks mean nothing more. */
	#endedSeq = 0;
	/** Prompts that were shown, as far as the shell counts them. */
	#shown = 0;
	#image: string | null = null;
	#cwd: string | null = null;
	/** Where the last mark of the directory stands: the one that comes with a command's end is no output either. */
	#cwdMark = { at: 0, after: -1 };
	#line = "";
	#running: RunningCommand | null = null;
	#run: { id: string; command: string } | null = null;
	/** Offset after which the shell answers to the last run's text. */
	#loadedAt = 0;
	#settling: Timer | null = null;

	/** `integration` is null for a program without one: then only OSC 7 is read. */
	constructor(integration: ShellIntegration | null, worker: TrackedWorker, listener: TrackerListener = {}) {
		this.integration = integration;
		this.#worker = worker;
		this.#listener = listener;
		this.#scanner = new OscScanner(integration === null ? ["7;"] : markPrefixes, (found) =>
			this.#found(found),
		);
	}

	get phase(): ShellPhase {
		return this.#phase;
	}

	get prompt(): PromptState {
		if (this.#phase === "starting" || this.#phase === "lost") return "none";
		return this.#phase === "ready" || this.#phase === "continuation" ? "prompt" : "running";
	}

	/** The shell's directory as it told it; null before it did. */
	get cwd(): string | null {
		return this.#cwd;
	}

	/** The command that runs now. */
	get running(): RunningCommand | null {
		return this.#running;
	}

	/** The last commands that ended, oldest first. */
	get blocks(): readonly CommandBlock[] {
		return this.#blocks;
	}

	feed(bytes: Uint8Array, offset: number): void {
		this.#scanner.push(bytes, offset);
	}

	/** Returns its removal. */
	subscribe(subscriber: (event: ShellEvent) => void): () => void {
		this.#subscribers.add(subscriber);
		return () => this.#subscribers.delete(subscriber);
	}

	/** The text that the shell is about to be given: its block is named after it. */
	expectRun(id: string, command: string): void {
		this.#run = { id, command };
	}

	/** Whether the shell has replaced itself (`exec bash`): nothing will tell the end of what runs then. */
	checkReplaced(): boolean {
		if (this.#phase === "running" && this.#image !== null) {
			const now = this.#worker.image();
			if (now !== null && now !== this.#image) {
				this.#running = null;
				this.#enter("lost");
			}
		}
		return this.#phase === "lost";
	}

	close(): void {
		if (this.#settling) clearTimeout(this.#settling);
		this.#settling = null;
	}

	#found({ payload, from, to }: OscSequence): void {
		const mark = parseMark(payload, this.integration?.nonce ?? null);
		if (mark !== null) this.#apply(mark, from, to);
	}

	#apply(mark: Mark, at: number, after: number): void {
		switch (mark.kind) {
			case "cwd":
				if (mark.trusted) this.#cwdMark = { at, after };
				this.#directory(mark.cwd, mark.trusted);
				break;
			case "prompt":
				this.#promptStarts(mark.seq, at);
				break;
			case "ready":
				this.#promptEnds(mark.shown, at);
				break;
			case "continuation":
				this.#continues(mark.trusted);
				break;
			case "line":
				this.#line = mark.command;
				break;
			case "loaded":
				this.#line = this.#run?.id === mark.id ? this.#run.command : "";
				this.#run = null;
				this.#loadedAt = after;
				this.#tell({ ...mark, after });
				break;
			case "start":
				this.#starts(mark.seq, after);
				break;
			case "end":
				if (mark.seq !== this.#seq || mark.seq <= this.#endedSeq) break;
				this.#endedSeq = mark.seq;
				this.#ends(mark.exitCode, this.#cwdMark.after === at ? this.#cwdMark.at : at, mark.eol);
				break;
		}
	}

	/**
	 * Marks with the nonce are believed. OSC 7 counts for a program that sends no such marks: it may come from another machine that
	 * somebody is logged in to from the shell.
	 */
	#directory(cwd: string, trusted: boolean): void {
		if (cwd === this.#cwd || (!trusted && this.#phase !== "starting")) return;
		this.#cwd = cwd;
		this.#listener.onCwd?.(cwd);
	}

	#promptStarts(seq: number, at: number): void {
		// Numbers only grow: a lower one is a replay of old output.
		if (seq <= this.#seq) return;
		// A command whose end nobody told: the user's code threw our hook out, and it is back now.
		if (this.#running !== null) this.#ends(null, at, "");
		this.#image ??= this.#worker.image();
		this.#seq = seq;
		this.#enter("prompting");
		this.#settling = setTimeout(() => this.#ready(), PROMPT_SETTLE_MS);
		this.#settling.unref();
	}

	#promptEnds(shown: number | null, at: number): void {
		// A new prompt while a command runs: the command has ended, and what would have told it is gone (a new PROMPT_COMMAND).
		if (this.#running !== null && shown !== null && shown > this.#shown) this.#ends(null, at, "");
		this.#shown = Math.max(this.#shown, shown ?? 0);
		if (this.#phase === "prompting") this.#ready();
	}

	#ready(): void {
		this.#enter("ready");
		this.#tell({ kind: "ready" });
	}

	#continues(trusted: boolean): void {
		if (this.#phase === "ready") this.#enter("continuation");
		else if (!trusted) return;
		this.#tell({ kind: "continuation" });
	}

	#starts(seq: number, after: number): void {
		// bash runs the lines of a text one after the other, and marks each; the text is one command here.
		if (this.#running !== null || seq < this.#seq || seq <= this.#endedSeq) return;
		this.#seq = seq;
		this.#running = {
			command: this.#line,
			startOffset: after,
			cwd: this.#cwd ?? "",
			startedAt: this.#worker.now(),
			startedTicks: this.#worker.ticks(),
		};
		this.#line = "";
		this.#enter("running");
		this.#tell({ kind: "start", after });
	}

	#ends(exitCode: number | null, at: number, eol: string): void {
		const running = this.#running;
		this.#running = null;
		this.#enter("prompting");
		const output = this.#bounds(running?.startOffset ?? this.#loadedAt, at, eol);
		this.#tell({ kind: "end", exitCode, at: output.to, output: running && output });
		if (running === null) return;
		this.#remember({
			command: running.command.slice(0, BLOCK_COMMAND_LIMIT),
			startOffset: output.from,
			endOffset: output.to,
			exitCode,
			cwd: running.cwd,
			startedAt: running.startedAt,
			durationMs: Math.round(this.#worker.ticks() - running.startedTicks),
		});
	}

	#bounds(from: number, to: number, eol: string): OutputRange {
		if (this.integration === null) return { from, to };
		const read = (start: number, end: number) => this.#worker.read(start, end);
		return outputBounds(read, this.integration.shell, { from: Math.min(from, to), to }, eol);
	}

	#remember(block: CommandBlock): void {
		this.#blocks.push(block);
		this.#blockCharacters += block.command.length;
		while (this.#blocks.length > BLOCKS_LIMIT.count || this.#blockCharacters > BLOCKS_LIMIT.characters) {
			this.#blockCharacters -= this.#blocks.shift()!.command.length;
		}
		this.#listener.onCommand?.(block);
	}

	#enter(phase: ShellPhase): void {
		this.close();
		const before = this.prompt;
		this.#phase = phase;
		if (this.prompt !== before) this.#listener.onPrompt?.(this.prompt);
	}

	#tell(event: ShellEvent): void {
		for (const subscriber of [...this.#subscribers]) subscriber(event);
	}
}
