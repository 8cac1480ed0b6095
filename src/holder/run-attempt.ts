/**
 * One text on its way through the shell.
 *
 * It reaches the shell through a private file and one key that integration has bound: the key's handler makes the text the editor's
 * line and accepts it, in one step. So no byte of it is taken for a key, a completion or history expansion, it cannot mix with what
 * somebody is typing, and it stands on the screen and in the history as if typed. A half-typed line is put aside and put back.
 *
 * The end is the shell's mark with the nonce, never text.
 */
import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunRequest, RunResult } from "../contract/io.ts";
import { WAIT_LIMITS_MS } from "../contract/limits.ts";
import { signalNumber } from "../contract/signals.ts";
import { shellStatus } from "../contract/state.ts";
import { commandOutput } from "./run-output.ts";
import { busy, refusedText, replaced } from "./run-refusals.ts";
import type { ShellIntegration } from "./shell/inject.ts";
import { endOfEcho, type OutputRange, outputBounds } from "./shell/output-bounds.ts";
import { processArguments } from "./shell/process-image.ts";
import type { ShellEvent, ShellTracker } from "./shell/tracker.ts";
import type { WorkerTerminal } from "./terminal.ts";

/** Milliseconds in which the line editor takes the text; it needs one or two when it reads keys at all. */
const TAKE_MS = 5000;

/** Milliseconds for the command to end after an interrupt, and for the prompt after an unfinished text was cancelled. */
const INTERRUPT_MS = 2000;

/** Milliseconds until an unfinished text that is still asked about is cancelled again. */
const CANCEL_AGAIN_MS = 250;

/** Milliseconds until a prompt, where that is what tells that the shell goes on. */
const PROMPT_MS = 2000;

/** Milliseconds between looks whether the command has replaced the shell (`exec bash`). */
const REPLACED_LOOK_MS = 200;

/** Programs with a prompt of their own: when one replaces the shell its end would be waited for in vain. */
const promptPrograms: ReadonlySet<string> = new Set(
	"ash bash csh dash elvish fish ksh mksh nu sh sudo su tcsh xonsh zsh".split(" "),
);

/** Keys that the scripts bind, once and doubled: take the text and accept it; put the half-typed line back. */
const TAKE_KEY = Buffer.from("\x1e\x1er");
const PUT_BACK_KEY = Buffer.from("\x1e\x1eb");
const CANCEL_KEY = Buffer.from("\x03");

interface EndedCommand {
	kind: "ended";
	exitCode: number | null;
	at: number;
	output: OutputRange | null;
}

type Outcome = EndedCommand | { kind: "exited" | "unfinished" | "replaced" | "timeout" };

export class RunAttempt {
	readonly #terminal: WorkerTerminal;
	readonly #tracker: ShellTracker;
	readonly #integration: ShellIntegration;
	readonly #id = crypto.randomUUID();
	/** Resolves to whether the shell took the text. */
	readonly #took = Promise.withResolvers<boolean>();
	#outcome = Promise.withResolvers<Outcome>();
	/** Offsets: after the text was taken; of the output's first byte, null while there is none. */
	#takenAt: number | null = null;
	#startOffset: number | null = null;
	#startedAt: number;
	/** Bounds of the output, once the shell has told its end. */
	#output: OutputRange | null = null;

	constructor(terminal: WorkerTerminal, tracker: ShellTracker, integration: ShellIntegration) {
		this.#terminal = terminal;
		this.#tracker = tracker;
		this.#integration = integration;
		this.#startedAt = terminal.ticks();
	}

	async run(
		text: string,
		{ timeoutMs = WAIT_LIMITS_MS.run, onTimeout = "leave" }: Omit<RunRequest, "command">,
	): Promise<RunResult> {
		const unsubscribe = this.#tracker.subscribe((event) => this.#follow(event));
		const unlisten = this.#terminal.onExit(() => this.#exited());
		const look = setInterval(() => this.#lookForReplacement(), REPLACED_LOOK_MS);
		try {
			await this.#give(text);
			return await this.#end(timeoutMs, onTimeout);
		} finally {
			clearInterval(look);
			unlisten();
			unsubscribe();
		}
	}

	/** Gives the shell the text; throws when its editor does not take it. */
	async #give(text: string): Promise<void> {
		const file = join(this.#integration.dir, "run");
		// The point at the end keeps shells from trimming line ends; they take it off.
		writeFileSync(file, `${this.#id}\n${text}.`, { mode: 0o600 });
		const timer = setTimeout(() => this.#took.resolve(false), TAKE_MS);
		try {
			this.#tracker.expectRun(this.#id, text);
			this.#terminal.write(TAKE_KEY);
			if (!(await this.#took.promise)) throw busy("its line editor, which did not take the command");
		} finally {
			clearTimeout(timer);
			// An editor that comes too late finds nothing, and runs nothing.
			rmSync(file, { force: true });
		}
	}

	async #end(timeoutMs: number, onTimeout: "leave" | "interrupt"): Promise<RunResult> {
		let outcome = await this.#next(timeoutMs);
		let completed: RunResult["status"] = "completed";
		if (outcome.kind === "timeout" && onTimeout === "interrupt") {
			this.#terminal.signalForeground("INT");
			completed = "interrupted";
			outcome = await this.#next(INTERRUPT_MS);
		}
		switch (outcome.kind) {
			case "ended":
				return this.#result(completed, outcome.exitCode, outcome.output ?? this.#outputBefore(outcome.at));
			case "exited": {
				const { exit } = this.#terminal;
				const code = exit && shellStatus(exit, signalNumber);
				return this.#result("exited", code, this.#output ?? this.#outputBefore(this.#terminal.offset));
			}
			case "timeout":
				return this.#result("timeout", null, this.#outputBefore(this.#terminal.offset));
			case "replaced":
				throw replaced();
			case "unfinished":
				return this.#cancel();
		}
	}

	/** The next outcome, or `timeout`; 0 waits as long as it takes. */
	async #next(ms: number): Promise<Outcome> {
		const timeout = Promise.withResolvers<Outcome>();
		const timer = ms === 0 ? null : setTimeout(() => timeout.resolve({ kind: "timeout" }), ms);
		try {
			return await Promise.race([timeout.promise, this.#outcome.promise]);
		} finally {
			if (timer) clearTimeout(timer);
		}
	}

	/** The shell asks for more of the text: it is told to drop it. */
	async #cancel(): Promise<never> {
		this.#outcome = Promise.withResolvers();
		// readline misses an interrupt that comes between its look for one and its read; the next key wakes it.
		for (let tries = INTERRUPT_MS / CANCEL_AGAIN_MS; tries > 0; tries--) {
			this.#terminal.write(CANCEL_KEY);
			if ((await this.#next(CANCEL_AGAIN_MS)).kind !== "timeout") break;
		}
		const ran = this.#startOffset === null ? "nothing of it ran" : "its first lines ran";
		throw refusedText("unfinished", ran);
	}

	#follow(event: ShellEvent): void {
		if (event.kind === "loaded" && event.id === this.#id) {
			this.#takenAt = event.after;
			this.#startedAt = this.#terminal.ticks();
			this.#took.resolve(true);
			if (event.refused) this.#outcome.reject(refusedText(event.refused, "nothing of it ran"));
			if (event.typed) putBackAtPrompt(this.#terminal, this.#tracker);
		}
		if (this.#takenAt === null) return;
		if (event.kind === "start") this.#startOffset ??= event.after;
		if (event.kind === "continuation") this.#outcome.resolve({ kind: "unfinished" });
		if (event.kind === "end") this.#ended({ ...event, kind: "ended" });
	}

	/** fish tells the end of `exit` too, just before it ends: there a prompt shows that the command has ended and the shell has not. */
	#ended(outcome: EndedCommand): void {
		this.#output = outcome.output;
		if (this.#integration.shell !== "fish") {
			this.#outcome.resolve(outcome);
			return;
		}
		const settle = (): void => {
			clearTimeout(timer);
			unsubscribe();
			this.#outcome.resolve(outcome);
		};
		const timer = setTimeout(settle, PROMPT_MS);
		const unsubscribe = this.#tracker.subscribe(({ kind }) => kind === "ready" && settle());
	}

	#exited(): void {
		this.#took.resolve(true);
		this.#outcome.resolve({ kind: "exited" });
	}

	#lookForReplacement(): void {
		if (this.#terminal.foregroundGroup() !== this.#terminal.pid || !this.#tracker.checkReplaced()) return;
		if (showsPrompt(processArguments(this.#terminal.pid))) this.#outcome.resolve({ kind: "replaced" });
	}

	/** The output so far; of a text that ran nothing, what the shell said to it. */
	#outputBefore(to: number): OutputRange {
		const read = this.#terminal.read.bind(this.#terminal);
		if (this.#startOffset === null) return { from: endOfEcho(read, this.#takenAt ?? to, to), to };
		return outputBounds(read, this.#integration.shell, { from: this.#startOffset, to }, "");
	}

	#result(status: RunResult["status"], exitCode: number | null, range: OutputRange): RunResult {
		return {
			status,
			exitCode,
			...commandOutput(this.#terminal, this.#integration.nonce, range),
			durationMs: Math.round(this.#terminal.ticks() - this.#startedAt),
			cwd: this.#tracker.cwd ?? "",
		};
	}
}

/** Whether the program is a shell without a script: `bash -l`, not `sh -c …` and not `bash script`. */
function showsPrompt([program = "", ...words]: readonly string[]): boolean {
	if (!promptPrograms.has(basename(program).replace(/^-/, ""))) return false;
	return words.every((word) => word.startsWith("-") && !/^-[a-z]*c/.test(word));
}

/** At the next prompt the half-typed line comes back, also when nobody waits for the run any more. */
function putBackAtPrompt(terminal: WorkerTerminal, tracker: ShellTracker): void {
	const unsubscribe = tracker.subscribe(({ kind }) => {
		if (kind !== "ready") return;
		unsubscribe();
		terminal.write(PUT_BACK_KEY);
	});
}
