/**
 * Looks at the screens of agents whose own screen is all that tells their state, and says what the rules see.
 *
 *   output, title, bell, size ─▶ a look when the screen has settled ─▶ rules ─▶ seen
 *                                        └ once more while it changes
 *
 * A look is one question to the holder. Few are made at once, and none while nothing changes: what an agent shows at rest has been looked
 * at twice, and is true until something comes. A TUI that draws anew is caught half drawn now and then, and an agent between two steps
 * shows no spinner for a moment: so idleness after work, and that no rule holds, must be seen twice in a row.
 *
 * Work is what a rule tells, or a spinner (spinner.ts): that a screen changes is none, since a person's typing changes it as well.
 */
import type { Evidence } from "../../../contract/agent.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { AgentState } from "../../../contract/words.ts";
import type { HolderClient } from "../../../link/client.ts";
import type { LivingNotice } from "../news.ts";
import type { Held, Picture, ScreenRules } from "./screen-rules.ts";
import { spinningLine } from "./spinner.ts";

/** Milliseconds from a sign of life to the look, so that what is being drawn is drawn; and between two looks at one screen. */
const SETTLE_MS = 120;
const INTERVAL_MS = 500;

/**
 * Looks a second at all screens together, and how many are under way at once: thirty busy agents are looked at every 1.2 s. Measured with
 * thirty copies of Claude Code's busy screen that turn eight times a second: the daemon takes what it takes for thirty such terminals, 5 % of a core.
 */
const LOOKS_PER_SECOND = 25;
const LOOKS_AT_ONCE = 4;

/** Milliseconds after which the same is told again, with its new age. */
const AGAIN_MS = 5000;

/** Milliseconds that a holder may take to answer. */
const ANSWER_MS = 5000;

/** Evidence that no manifest's rule gave. */
const SPINNER = "spinner";
const NO_RULE = "no-rule-holds";
const NO_ANSWER = "no-answer";

export interface Seen {
	state: AgentState;
	evidence: Evidence;
}

export interface ScreenWatchParts {
	/** The control connection; null while there is none. */
	client: (workerId: string) => HolderClient | null;
	/** Asked at every look: a manifest that has changed counts from the next one on. */
	rules: (definition: string) => ScreenRules;
	seen: (workerId: string, seen: Seen) => void;
	/** A look failed for a reason that is no silence of the holder's. */
	onFailure: (workerId: string, error: unknown) => void;
	now: () => number;
	monotonic: () => number;
}

interface Watched {
	definition: string;
	picture: Picture | null;
	/** What the last look saw, told or not: `STATE RULE`. */
	last: string | null;
	/** The state that was told last. */
	told: AgentState | null;
	toldAt: number;
	lookedAt: number;
	timer: Timer | null;
	/** Something came while a look was under way. */
	again: boolean;
	looking: boolean;
}

/** Notices after which the screen may show something else. */
const SIGNS: ReadonlySet<LivingNotice["kind"]> = new Set([
	"status",
	"title",
	"bell",
	"notification",
	"progress",
	"size",
]);

export class ScreenWatch {
	readonly #parts: ScreenWatchParts;
	readonly #watched = new Map<string, Watched>();
	readonly #queue: string[] = [];
	#underWay = 0;

	constructor(parts: ScreenWatchParts) {
		this.#parts = parts;
	}

	/** Watches it from now on; the first look is made when its holder tells something, which it does when it is first listened to. */
	watch(workerId: string, definition: string): void {
		this.forget(workerId);
		const fresh = { picture: null, last: null, told: null, timer: null, again: false, looking: false };
		const before = Number.NEGATIVE_INFINITY;
		this.#watched.set(workerId, { ...fresh, definition, toldAt: before, lookedAt: before });
	}

	watches(workerId: string): boolean {
		return this.#watched.has(workerId);
	}

	forget(workerId: string): void {
		const watched = this.#watched.get(workerId);
		if (watched?.timer) clearTimeout(watched.timer);
		this.#watched.delete(workerId);
	}

	stop(): void {
		for (const workerId of [...this.#watched.keys()]) this.forget(workerId);
	}

	noticed(workerId: string, { kind }: LivingNotice): void {
		if (SIGNS.has(kind)) this.look(workerId);
	}

	/** Looks at all of them: the rules have changed. */
	lookAtAll(): void {
		for (const workerId of this.#watched.keys()) this.look(workerId);
	}

	/** Looks soon. */
	look(workerId: string): void {
		const watched = this.#watched.get(workerId);
		if (!watched || watched.timer) return;
		if (watched.looking) {
			watched.again = true;
			return;
		}
		const interval = Math.max(INTERVAL_MS, (this.#watched.size * 1000) / LOOKS_PER_SECOND);
		const wait = Math.max(SETTLE_MS, watched.lookedAt + interval - this.#parts.monotonic());
		watched.timer = setTimeout(() => {
			watched.timer = null;
			watched.looking = true;
			this.#queue.push(workerId);
			this.#next();
		}, wait);
	}

	/** The screen as it is now; null while nobody answers. */
	async picture(workerId: string): Promise<Picture | null> {
		const answer = await this.#parts.client(workerId)?.call("screen", { format: "json" }, ANSWER_MS);
		return answer ? { lines: answer.lines, title: answer.title } : null;
	}

	#next(): void {
		while (this.#underWay < LOOKS_AT_ONCE) {
			const workerId = this.#queue.shift();
			if (workerId === undefined) return;
			const watched = this.#watched.get(workerId);
			if (!watched) continue;
			this.#underWay++;
			void this.#lookAt(workerId, watched).finally(() => {
				this.#underWay--;
				this.#next();
			});
		}
	}

	async #lookAt(workerId: string, watched: Watched): Promise<void> {
		let changed = false;
		try {
			const picture = await this.picture(workerId).catch((error: unknown) => {
				if (isSilence(error)) return null;
				throw error;
			});
			if (this.#watched.get(workerId) !== watched) return;
			changed = this.#judge(workerId, watched, picture);
		} catch (error) {
			this.#parts.onFailure(workerId, error);
		}
		watched.lookedAt = this.#parts.monotonic();
		watched.looking = false;
		if (changed || watched.again) {
			watched.again = false;
			this.look(workerId);
		}
	}

	/** Whether it must be looked at once more, whatever comes. */
	#judge(workerId: string, watched: Watched, picture: Picture | null): boolean {
		const { rules, seen, now, monotonic } = this.#parts;
		const before = watched.picture;
		watched.picture = picture;
		const verdict =
			picture === null ? silent(now()) : judge(rules(watched.definition), before, picture, now());
		const { state, evidence } = verdict;
		const key = `${state} ${evidence.rule}`;
		const again = key === watched.last;
		watched.last = key;
		const settled = again || !mustLast(state, watched.told);
		const news = !again || watched.told !== state || monotonic() - watched.toldAt >= AGAIN_MS;
		if (settled && news) {
			watched.told = state;
			watched.toldAt = monotonic();
			seen(workerId, verdict);
		}
		return !again || (picture !== null && before !== null && !same(before, picture));
	}
}

/** What a picture tells, with the one before it. */
export function judge(rules: ScreenRules, before: Picture | null, picture: Picture, at: number): Seen {
	const held = rules.find(picture);
	if (held === null || held.rule.state === "idle") {
		const line = before && spinningLine(before, picture);
		if (line) return { state: "busy", evidence: { kind: "screen", rule: SPINNER, text: line, at } };
	}
	return held ? told(held, at) : { state: "unknown", evidence: none(NO_RULE, at) };
}

/** A title is a signal to the terminal, the rest is what it shows. */
function told({ rule: { id, state, where }, text }: Held, at: number): Seen {
	return { state, evidence: { kind: where === "title" ? "terminal" : "screen", rule: id, text, at } };
}

function isSilence(error: unknown): boolean {
	return error instanceof BerthError && error.code === "holder_unreachable";
}

function silent(at: number): Seen {
	return { state: "unknown", evidence: none(NO_ANSWER, at) };
}

function none(rule: string, at: number): Evidence {
	return { kind: "none", rule, text: null, at };
}

function mustLast(state: AgentState, told: AgentState | null): boolean {
	return told !== state && told !== null && (state === "unknown" || (state === "idle" && told === "busy"));
}

function same(a: Picture, b: Picture): boolean {
	return (
		a.title === b.title &&
		a.lines.length === b.lines.length &&
		a.lines.every((line, row) => line === b.lines[row])
	);
}
