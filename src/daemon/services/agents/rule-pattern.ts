/**
 * Patterns of rules: `*` stands for any text, line breaks included, `\*` for a star and `\\` for a backslash. The whole text must fit.
 * Matching takes linear time whatever the pattern: what is matched is chosen by an agent.
 */

/** The literal text between the stars; one part: no star. */
export function partsOf(pattern: string): string[] {
	const parts: string[] = [];
	let part = "";
	for (let at = 0; at < pattern.length; at++) {
		const next = pattern[at + 1];
		if (pattern[at] === "*") {
			parts.push(part);
			part = "";
		} else if (pattern[at] === "\\" && (next === "*" || next === "\\")) {
			part += next;
			at++;
		} else part += pattern[at];
	}
	return [...parts, part];
}

/** A pattern that only this text fits. */
export function literally(text: string): string {
	return text.replaceAll(/[*\\]/g, "\\$&");
}

export function fits(pattern: string, text: string): boolean {
	const [first, ...rest] = partsOf(pattern);
	const last = rest.pop();
	if (last === undefined) return text === first;
	if (!text.startsWith(first!)) return false;
	const end = text.length - last.length;
	let at = first!.length;
	if (end < at || !text.endsWith(last)) return false;
	for (const part of rest) {
		const found = text.indexOf(part, at);
		if (found === -1 || found + part.length > end) return false;
		at = found + part.length;
	}
	return true;
}

/** What makes a command more than the one that its beginning promises: separators, redirections, substitutions, line breaks. */
const SHELL_OPERATORS = /[;&|<>`\n\r]|\$\(/g;
/** A step up in a path. */
const STEPS_UP = /(?<![^/\s"'=:])\.\.(?![^/\s"'])/g;

/**
 * As {@link fits}, for a rule that allows: a star beside other text must not stand for something that leads elsewhere, so that `npm test*`
 * is not `npm test; curl … | sh` and `/home/me/*` not `/home/me/../you`. A lone star means what it says.
 */
export function fitsSafely(pattern: string, text: string, isCommand: boolean): boolean {
	if (!fits(pattern, text)) return false;
	const parts = partsOf(pattern);
	if (parts.length === 1 || parts.every((part) => part === "")) return true;
	// What the literal parts have of them is meant; the text may have no more.
	const own = parts.join("\0");
	const dangers = isCommand ? [SHELL_OPERATORS, STEPS_UP] : [STEPS_UP];
	return dangers.every((danger) => count(danger, text) === count(danger, own));
}

function count(pattern: RegExp, text: string): number {
	return text.match(pattern)?.length ?? 0;
}

/** How much a pattern demands: a text without stars most, then the length of its literal text. */
export function strictness(pattern: string | null): number {
	if (pattern === null) return 0;
	const parts = partsOf(pattern);
	return parts.length === 1 ? Number.POSITIVE_INFINITY : parts.join("").length;
}
