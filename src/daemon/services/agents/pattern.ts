/**
 * Regular expressions that users write and the daemon runs, without end: so they take linear time. RE2's syntax has what a screen rule
 * needs; what would need backtracking (back references, looking around) is refused when a rule is read. `^` and `$` are the ends of
 * lines. Measured: 0.01 to 0.05 ms a pattern on a full screen; `(.*)(.*)(.*)(.*)x`, which keeps JavaScript's own busy for more than a
 * minute on 2,000 letters, 0.05 ms.
 */
import type { RE2JS } from "re2js";
import { BerthError } from "../../../contract/errors.ts";

export interface Pattern {
	/** The first text that matches; null when none does. */
	find(text: string): string | null;
}

/** Throws `invalid_pattern` with what is wrong in it. */
export function compilePattern(source: string): Pattern {
	// Loaded for the first pattern: it takes 12 ms and 5 MB, and most daemons never need it.
	const re2 = require("re2js") as typeof import("re2js");
	let compiled: RE2JS;
	try {
		compiled = re2.RE2JS.compile(source, re2.RE2JS.MULTILINE);
	} catch (error) {
		if (!(error instanceof re2.RE2JSException)) throw error;
		const detail = `${JSON.stringify(source)}: ${error.message}; the syntax is RE2's`;
		throw new BerthError("invalid_pattern", detail, undefined, error);
	}
	return {
		find(text) {
			const matcher = compiled.matcher(text);
			return matcher.find() ? matcher.group() : null;
		},
	};
}
