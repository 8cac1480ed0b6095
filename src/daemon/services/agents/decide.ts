/**
 * Which of the sources' last words on an agent is its state. Pure: everything it goes by is in the words and the time.
 *
 * The most trusted word that is neither stale nor contradicted counts. In the order of trust:
 *
 *   process    its end; nothing comes after it
 *   protocol   what the agent's own protocol said: said at every change, so it never gets stale
 *   request    a request for permission by a hook that Berth itself holds open
 *   hook       what the agent's hooks said
 *   signal     what it said to its terminal: progress (OSC 9;4), a trusted shell's prompt (OSC 133)
 *   rules      the rule that holds for its title or its screen
 *   start      it was started, and nothing has been heard since
 *   silence    somebody looked and found nothing that tells: `unknown`, with what was found wanting
 *   attention  a bell or a notification: `unknown`, but somebody should look
 *
 * A word is stale from its `until` on; whoever says it knows for how long it holds.
 *
 * Hooks and signals tell moments, and not every one: no hook tells that a person stopped the turn with Escape, or answered a dialog in
 * the terminal. So a word of theirs is contradicted when a less trusted source has begun to say something else after it, and has gone
 * on saying so for {@link CONTRADICTION_MS}: long enough that a hook which was on its way would have come.
 */
import type { AgentStatus, Evidence } from "../../../contract/agent.ts";
import type { AgentState } from "../../../contract/words.ts";

/** Sources of words, the most trusted first. */
export const sources = [
	"process",
	"protocol",
	"request",
	"hook",
	"signal",
	"rules",
	"start",
	"silence",
	"attention",
] as const;
export type Source = (typeof sources)[number];

export interface Word {
	source: Source;
	state: AgentState;
	/** When the source began to say so. Unix milliseconds, as all times here. */
	since: number;
	/** With `at`, when it said so last. */
	evidence: Evidence;
	/** When it stops being true unless it is said again; null holds until something else is said. */
	until: number | null;
}

/** Milliseconds for which a less trusted source must say something else until it counts against a hook or a signal. */
export const CONTRADICTION_MS = 3000;

/** Those whose words are of a moment. */
const momentary: readonly Source[] = ["hook", "signal"];
/** Those that go by what there is to see now. */
const observing: readonly Source[] = ["signal", "rules"];

export interface Decision {
	/** Null when nobody has said anything that holds. */
	word: Word | null;
	/** When the same words may decide otherwise; null never. */
	reviewAt: number | null;
}

export function decide(words: Iterable<Word>, now: number): Decision {
	const holding = [...words]
		.filter(({ until }) => until === null || now < until)
		.sort((a, b) => sources.indexOf(a.source) - sources.indexOf(b.source));
	const reviews = holding.flatMap(({ until }) => (until === null ? [] : [until]));
	const decided = (word: Word | null): Decision => ({
		word,
		reviewAt: reviews.length === 0 ? null : Math.min(...reviews),
	});
	for (const [index, word] of holding.entries()) {
		if (!momentary.includes(word.source)) return decided(word);
		const against = holding.slice(index + 1).filter((other) => contradicts(other, word));
		const due = against.map(({ since }) => since + CONTRADICTION_MS);
		if (due.every((at) => now < at)) {
			reviews.push(...due);
			return decided(word);
		}
	}
	return decided(null);
}

function contradicts(other: Word, word: Word): boolean {
	return observing.includes(other.source) && other.state !== word.state && other.since > word.evidence.at;
}

/** What to store and show of a decision. The state lasts since `before` unless it is another one. */
export function statusOf({ word }: Decision, before: AgentStatus, now: number): AgentStatus {
	const state = word?.state ?? "unknown";
	const evidence = word?.evidence ?? { kind: "none", rule: "nothing-heard", text: null, at: now };
	// A contradicted source gives way some time after the other began: the times of states must not overlap.
	const since = state === before.state ? before.since : Math.max(before.since, word?.since ?? now);
	return { state, since, evidence };
}
