/**
 * `wait`: answers when the first of several conditions holds.
 *
 * Everything listens before the input is written, so nothing that the input causes can be missed. With input only what is new counts:
 * the echo of the input is new as well. Without input the screen as it is counts too, and a prompt that is shown.
 */
import { BerthError } from "../contract/errors.ts";
import type { WaitRequest, WaitResult } from "../contract/io.ts";
import { WAIT_LIMITS_MS } from "../contract/limits.ts";
import { signalNumber } from "../contract/signals.ts";
import { shellStatus } from "../contract/state.ts";
import { OutputWatch } from "./output-watch.ts";
import { type Pattern, type PatternMatch, regexPattern, textPattern } from "./pattern.ts";
import { notIntegrated, replaced } from "./run-refusals.ts";
import type { ShellTracker } from "./shell/tracker.ts";
import type { WorkerTerminal } from "./terminal.ts";

/**
 * Throws `bad_request` without a condition, `invalid_pattern`, and `shell_not_integrated` for `prompt` of a program that tells none. A
 * process that has ended ends every wait, with status `exit`: nothing else can come. So does `signal`, with status `timeout`.
 */
export async function waitFor(
	terminal: WorkerTerminal,
	tracker: ShellTracker,
	request: WaitRequest,
	signal?: AbortSignal,
): Promise<WaitResult> {
	const patterns = checkConditions(request, tracker);
	const { promise, resolve, reject } = Promise.withResolvers<WaitResult>();
	const closers: (() => void)[] = [];
	const end = (status: WaitResult["status"], found?: PatternMatch): void => {
		const { exit } = terminal;
		resolve({
			status,
			match: found?.match ?? null,
			groups: found?.groups ?? [],
			offset: terminal.offset,
			exitCode: status === "exit" && exit ? shellStatus(exit, signalNumber) : null,
		});
	};

	const watches = patterns.map((pattern) => {
		const watch = new OutputWatch(terminal, {
			pattern,
			fresh: request.input !== undefined,
			onMatch: (match) => end("matched", match),
			onError: reject,
		});
		closers.push(() => watch.close());
		return watch;
	});
	const finish = (): void => {
		for (const watch of watches) watch.finish();
		end("exit");
	};
	try {
		closers.push(terminal.onExit(finish));
		if (request.prompt) {
			closers.push(tracker.subscribe((event) => event.kind === "ready" && end("prompt")));
			if (request.input === undefined && tracker.phase === "ready") end("prompt");
		}
		if (request.idleMs !== undefined) closers.push(onIdle(terminal, request.idleMs, () => end("idle")));
		const timeoutMs = request.timeoutMs ?? WAIT_LIMITS_MS.wait;
		if (timeoutMs > 0) closers.push(after(timeoutMs, () => end("timeout")));
		signal?.addEventListener("abort", () => end("timeout"), { once: true });
		if (signal?.aborted) end("timeout");
		if (terminal.exit !== null) finish();
		else if (request.input !== undefined) terminal.write(Buffer.from(request.input));
		return await promise;
	} finally {
		for (const close of closers) close();
	}
}

function checkConditions(request: WaitRequest, tracker: ShellTracker): Pattern[] {
	const patterns: Pattern[] = [];
	if (request.text !== undefined) patterns.push(textPattern(request.text));
	if (request.regex !== undefined) patterns.push(regexPattern(request.regex));
	if (patterns.length === 0 && request.idleMs === undefined && !request.prompt && !request.exit) {
		throw new BerthError(
			"bad_request",
			"name at least one of text, regex, idleMs, prompt and exit to wait for",
		);
	}
	if (request.prompt) {
		if (tracker.integration === null) {
			throw notIntegrated(
				"the program is no bash, zsh or fish that Berth started, so its prompt cannot be told",
			);
		}
		if (tracker.checkReplaced()) throw replaced();
	}
	return patterns;
}

/** Calls back once there was no output for `ms`; returns what stops it. */
function onIdle(terminal: WorkerTerminal, ms: number, idle: () => void): () => void {
	let timer = setTimeout(idle, ms);
	const unlisten = terminal.onOutput(() => {
		clearTimeout(timer);
		timer = setTimeout(idle, ms);
	});
	return () => {
		clearTimeout(timer);
		unlisten();
	};
}

function after(ms: number, call: () => void): () => void {
	const timer = setTimeout(call, ms);
	return () => clearTimeout(timer);
}
