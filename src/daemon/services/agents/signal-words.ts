/**
 * What an agent's signals to its terminal tell.
 *
 *   progress (OSC 9;4)    any but `none` is busy, for as long as it is said again now and then; `none` takes it back, and is no idleness:
 *                         a program takes its progress back before it asks something, too
 *   prompt (OSC 133)      at a prompt that a shell with integration marked, whatever ran in it has ended: idle. Marks without the nonce
 *                         are none: agents mark their messages with them, and programs that they run print them
 *   bell, notification    somebody should look: attention, which is `unknown` and least trusted. What at, the screen tells, which they make
 *                         Berth look at
 *   title                 nothing by itself; screen rules may look at it
 */
import type { Evidence } from "../../../contract/agent.ts";
import type { AgentState } from "../../../contract/words.ts";
import type { LivingNotice } from "../news.ts";
import type { Source, Word } from "./decide.ts";

/**
 * Milliseconds for which progress holds. Programs repeat it while they work; one that was killed in a shell leaves its last one behind.
 * Terminals give up on it earlier (Ghostty after 15 s), but a build may be silent for minutes.
 */
const PROGRESS_HOLDS_MS = 5 * 60_000;

/** A new word, the source whose word is taken back, or null when it tells nothing. */
export function signalWord(notice: LivingNotice, at: number): Word | Source | null {
	switch (notice.kind) {
		case "progress": {
			if (notice.state === "none") return "signal";
			const text = notice.value === null ? notice.state : `${notice.state} ${notice.value}%`;
			return word("signal", "busy", { rule: "progress", text, at }, at + PROGRESS_HOLDS_MS);
		}
		case "prompt":
			if (notice.prompt !== "prompt") return "signal";
			return word("signal", "idle", { rule: "shell-prompt", text: null, at });
		case "bell":
			return word("attention", "unknown", { rule: "bell", text: null, at });
		case "notification": {
			const text = [notice.title, notice.body].filter(Boolean).join(": ");
			return word("attention", "unknown", { rule: "notification", text, at });
		}
		default:
			return null;
	}
}

function word(
	source: Source,
	state: AgentState,
	evidence: Omit<Evidence, "kind">,
	until: number | null = null,
): Word {
	return { source, state, since: evidence.at, evidence: { kind: "terminal", ...evidence }, until };
}
