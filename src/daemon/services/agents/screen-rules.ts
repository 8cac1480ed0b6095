/** A manifest's screen rules on what a terminal shows. Pure: the same screen gives the same answer. */
import type { AgentExplanation } from "../../../contract/agent.ts";
import type { ScreenRule } from "../../../contract/agent-definition.ts";
import { BerthError } from "../../../contract/errors.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** What rules look at: the rendered rows, so that what was drawn with cursor movements is there as well. */
export interface Picture {
	lines: readonly string[];
	title: string;
}

/** Lines of the bottom when the rule names no number. */
const BOTTOM_LINES = 12;

/** Characters that patterns are tried on: more than any screen that somebody reads, and it bounds a huge one. The last ones count. */
const TEXT_LIMIT = 64 * 1024;

interface Compiled {
	rule: ScreenRule;
	all: Pattern[];
	any: Pattern[];
	none: Pattern[];
}

export interface Held {
	rule: ScreenRule;
	/** What its first pattern matched, without the blanks around it. */
	text: string;
}

export class ScreenRules {
	readonly #rules: Compiled[];

	/** Throws `invalid_agent` that names the rule. */
	constructor(rules: readonly ScreenRule[]) {
		this.#rules = rules.map(compiled);
	}

	/** The first rule that holds. */
	find(picture: Picture): Held | null {
		const texts = new Texts(picture);
		for (const rule of this.#rules) {
			const text = held(rule, texts);
			if (text !== null) return { rule: rule.rule, text };
		}
		return null;
	}

	/** Every rule up to the first that holds. */
	explain(picture: Picture): AgentExplanation["rules"] {
		const texts = new Texts(picture);
		const told: AgentExplanation["rules"] = [];
		for (const rule of this.#rules) {
			const text = held(rule, texts);
			const { id, state } = rule.rule;
			told.push({ id, state, matched: text !== null, text });
			if (text !== null) break;
		}
		return told;
	}
}

function compiled(rule: ScreenRule): Compiled {
	const patterns = (sources: readonly string[] = []): Pattern[] => sources.map(compilePattern);
	try {
		const made = { rule, all: patterns(rule.all), any: patterns(rule.any), none: patterns(rule.none) };
		if (made.all.length + made.any.length > 0) return made;
		throw new BerthError("invalid_pattern", "needs a pattern in all or any");
	} catch (error) {
		if (!(error instanceof BerthError)) throw error;
		throw new BerthError("invalid_agent", `screen rule ${rule.id}: ${error.message}`, undefined, error);
	}
}

/** What was matched; null when the rule does not hold. */
function held({ rule, all, any, none }: Compiled, texts: Texts): string | null {
	const text = texts.of(rule);
	const found: string[] = [];
	for (const pattern of all) {
		const match = pattern.find(text);
		if (match === null) return null;
		found.push(match);
	}
	if (any.length > 0) {
		const match = first(any, text);
		if (match === null) return null;
		found.push(match);
	}
	if (first(none, text) !== null) return null;
	return found[0]?.trim() ?? null;
}

function first(patterns: readonly Pattern[], text: string): string | null {
	for (const pattern of patterns) {
		const match = pattern.find(text);
		if (match !== null) return match;
	}
	return null;
}

/** The parts of a picture that rules look at, each put together once. */
class Texts {
	readonly #picture: Picture;
	readonly #made = new Map<number, string>();

	constructor(picture: Picture) {
		this.#picture = picture;
	}

	of({ where = "screen", lines = BOTTOM_LINES }: ScreenRule): string {
		if (where === "title") return this.#picture.title;
		return this.#rows(where === "screen" ? Number.POSITIVE_INFINITY : lines);
	}

	#rows(count: number): string {
		const made = this.#made.get(count);
		if (made !== undefined) return made;
		const { lines } = this.#picture;
		const rows =
			count === Number.POSITIVE_INFINITY ? lines : lines.filter((line) => line.trim() !== "").slice(-count);
		const text = rows.join("\n").slice(-TEXT_LIMIT);
		this.#made.set(count, text);
		return text;
	}
}
