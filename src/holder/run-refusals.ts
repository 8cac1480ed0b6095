/** Why `run` refuses, and with what the shell is busy. */
import { BerthError } from "../contract/errors.ts";
import { readProcess } from "../platform/processes/index.ts";
import type { RefusedText } from "./shell/marks.ts";
import type { ShellTracker } from "./shell/tracker.ts";
import type { WorkerTerminal } from "./terminal.ts";

const USE_EXEC = "use `berth exec`, which runs a command as a process of its own";

export function busy(busyWith: string): BerthError {
	return new BerthError(
		"session_busy",
		`the shell is busy with ${busyWith}; wait until it is done, or ${USE_EXEC}`,
		{
			busyWith,
		},
	);
}

export function ended(): BerthError {
	return new BerthError("session_ended", "the shell has ended; restart the session");
}

/** `why` continues the sentence "the shell …". */
export function notIntegrated(why: string): BerthError {
	return new BerthError("shell_not_integrated", `${why}; ${USE_EXEC}`);
}

export function replaced(): BerthError {
	return notIntegrated(
		"the shell was replaced by another program (exec), which does not report its commands",
	);
}

/** `ran` tells what became of the text. */
export function refusedText(why: RefusedText, ran: string): BerthError {
	const reasons: Record<RefusedText, string> = {
		unfinished:
			"is unfinished (a quote, bracket, block or heredoc is open), and the shell would ask for more",
		invalid: "cannot be parsed by the shell",
	};
	return new BerthError("bad_request", `the command ${reasons[why]}; ${ran}`);
}

/** The foreground job's name, or the command line when the shell itself is at work. */
export function busyWith(terminal: WorkerTerminal, tracker: ShellTracker): string {
	const group = terminal.foregroundGroup();
	const job = group === null || group === terminal.pid ? null : readProcess(group);
	if (job !== null) return job.comm;
	return tracker.running?.command.trim().split("\n")[0] || "a command";
}
