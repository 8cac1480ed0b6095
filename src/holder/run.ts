/**
 * `run`: types a command into the live shell at its prompt and tells how it ended.
 *
 * One command at a time: a shell that is not at its prompt is refused, and nothing is queued, since what somebody meant for one state
 * of the shell may be wrong in the next. What cannot be told is refused, not guessed.
 */
import { BerthError } from "../contract/errors.ts";
import type { RunRequest, RunResult } from "../contract/io.ts";
import { INPUT_LIMIT_BYTES } from "../contract/limits.ts";
import { RunAttempt } from "./run-attempt.ts";
import { busy, busyWith, ended, notIntegrated, replaced } from "./run-refusals.ts";
import type { ShellTracker } from "./shell/tracker.ts";
import type { WorkerTerminal } from "./terminal.ts";

/** Milliseconds until the first prompt: start-up files may be slow, and a shell that they replaced never shows one. */
const FIRST_PROMPT_MS = 15_000;

/** Milliseconds until the prompt after a command: what the user's prompt takes (git status in a large tree). */
const NEXT_PROMPT_MS = 10_000;

/** Trackers whose shell has a run: until its output starts nothing else tells that the prompt is taken. */
const taken = new WeakSet<ShellTracker>();

/**
 * Throws `shell_not_integrated`, `session_busy` (`info.busyWith` names the job), `session_ended`, and `bad_request` for a text that
 * is empty or that the shell found unfinished.
 */
export async function runCommand(
	terminal: WorkerTerminal,
	tracker: ShellTracker,
	request: RunRequest,
): Promise<RunResult> {
	const text = checkCommand(request.command);
	const { integration } = tracker;
	if (integration === null) throw notIntegrated("the program is no bash, zsh or fish that Berth started");
	if (terminal.exit !== null) throw ended();
	if (tracker.checkReplaced()) throw replaced();
	if (tracker.phase === "running") throw busy(busyWith(terminal, tracker));
	if (taken.has(tracker)) throw busy("another run");
	taken.add(tracker);
	try {
		await atPrompt(terminal, tracker);
		return await new RunAttempt(terminal, tracker, integration).run(text, request);
	} finally {
		taken.delete(tracker);
	}
}

/** The text without the line ends at its end, since accepting it adds one. A line end that a backslash continues stays. */
function checkCommand(command: string): string {
	if (command.includes("\0")) throw new BerthError("bad_request", "a command cannot hold a NUL character");
	if (Buffer.byteLength(command) > INPUT_LIMIT_BYTES) {
		throw new BerthError(
			"too_large",
			`a command has at most ${INPUT_LIMIT_BYTES} bytes; put a longer one in a file`,
		);
	}
	if (command.trim() === "") throw new BerthError("bad_request", "the command is empty");
	const bare = command.replace(/\n+$/, "");
	return /(?<!\\)(?:\\\\)*\\$/.test(bare) ? command : bare;
}

/** Resolves when the shell's line editor reads; throws what keeps it from that. */
async function atPrompt(terminal: WorkerTerminal, tracker: ShellTracker): Promise<void> {
	if (tracker.phase === "ready") return;
	if (tracker.phase === "continuation") throw busy("an unfinished command line");
	const first = tracker.phase === "starting";
	const seen = await waitForReady(terminal, tracker, first ? FIRST_PROMPT_MS : NEXT_PROMPT_MS);
	if (terminal.exit !== null) throw ended();
	if (seen) return;
	if (!first) throw busy(busyWith(terminal, tracker));
	const seconds = FIRST_PROMPT_MS / 1000;
	throw notIntegrated(
		`the shell showed no prompt within ${seconds} s: its start-up files may still run, or have started another program`,
	);
}

function waitForReady(terminal: WorkerTerminal, tracker: ShellTracker, ms: number): Promise<boolean> {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	const timer = setTimeout(() => resolve(false), ms);
	const unsubscribe = tracker.subscribe(({ kind }) => {
		if (kind === "ready") resolve(true);
	});
	const unlisten = terminal.onExit(() => resolve(false));
	return promise.finally(() => {
		clearTimeout(timer);
		unsubscribe();
		unlisten();
	});
}
