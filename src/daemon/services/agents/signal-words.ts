/**
 * What an agent's signals to its terminal tell.
 *
 *   progress (OSC 9;4)    any but `none` is busy, for as long as it is said again now and then; `none` takes it back, and is no idleness:
 *                         a program takes its progress back before it asks something, too
 *   prompt (OSC 133)      at a prompt that a shell with integration marked, whatever ran in it has ended: idle. Marks without the nonce
 *                         are none: agents mark their messages with them, and programs that they run print them
 *   bell, notification    somebody should look; what at, the screen tells. Neither says a state: they make Berth look at once
 *   title                 nothing by itself; screen rules may look at it
 */
import type { LivingNotice } from "../news.ts";
import type { Word } from "./decide.ts";

/**
 * Milliseconds for which progress holds. Programs repeat it while they work; one that was killed in a shell leaves its last one behind.
 * Terminals give up on it earlier (Ghostty after 15 s), but a build may be silent for minutes.
 */
const PROGRESS_HOLDS_MS = 5 * 60_000;

/** A new word, null for one that is taken back, undefined when it tells nothing. */
export function signalWord(notice: LivingNotice, now: number): Word | null | undefined {
	if (notice.kind === "progress") {
		if (notice.state === "none") return null;
		const text = notice.value === null ? notice.state : `${notice.state} ${notice.value}%`;
		const evidence = { kind: "terminal", rule: "progress", text, at: now } as const;
		return { source: "signal", state: "busy", since: now, evidence, until: now + PROGRESS_HOLDS_MS };
	}
	if (notice.kind === "prompt") {
		if (notice.prompt !== "prompt") return null;
		const evidence = { kind: "terminal", rule: "shell-prompt", text: null, at: now } as const;
		return { source: "signal", state: "idle", since: now, evidence, until: null };
	}
	return undefined;
}
