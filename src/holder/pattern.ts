/** What `wait` looks for in text: a string, or a regular expression that is kept from taking the holder's time. */
import { BerthError } from "../contract/errors.ts";

export interface PatternMatch {
	match: string;
	groups: (string | null)[];
}

export interface Pattern {
	/** The first match in the text. May throw `invalid_pattern`. */
	find(text: string): PatternMatch | null;
}

/**
 * Milliseconds that one search may take. JavaScript cannot break off a search, and backtracking may take longer than anybody
 * waits, so a pattern is tried on a short text first and on twice as much only while that was quick.
 */
const SEARCH_LIMIT_MS = 50;

/** Characters of the first, shortest trial. Even a cubic pattern takes milliseconds on it. */
const FIRST_TRIAL = 256;

export function textPattern(text: string): Pattern {
	return { find: (within) => (within.includes(text) ? { match: text, groups: [] } : null) };
}

/** Throws `invalid_pattern`. `clock` gives milliseconds. */
export function regexPattern(source: string, clock: () => number = () => performance.now()): Pattern {
	let regex: RegExp;
	try {
		regex = new RegExp(source, "mu");
	} catch (error) {
		throw new BerthError("invalid_pattern", `${(error as Error).message}; the flags are m and u`, {
			field: "regex",
		});
	}
	return {
		find(text) {
			for (let length = FIRST_TRIAL; length < text.length; length *= 2) {
				const began = clock();
				regex.test(text.slice(-length));
				if (clock() - began > SEARCH_LIMIT_MS) throw tooCostly(source);
			}
			const found = regex.exec(text);
			if (found === null) return null;
			return { match: found[0], groups: found.slice(1).map((group) => group ?? null) };
		},
	};
}

function tooCostly(source: string): BerthError {
	return new BerthError(
		"invalid_pattern",
		`the regular expression ${source} takes too long on this output; avoid repetitions inside or next to repetitions`,
		{ field: "regex" },
	);
}
