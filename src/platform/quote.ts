/** Arguments quoted so that a shell reads exactly them. */

export type ShellKind = "posix" | "fish" | "other";

/** Words that need no quotes in any of the shells. `=` is not among them: it assigns, and zsh expands it at a word's start. */
const PLAIN = /^[A-Za-z0-9_@:,./+-]+$/;

/** Words that a shell reads as its grammar when they come first. */
const KEYWORDS = new Set(
	(
		"if then else elif fi case esac for select while until do done in function time coproc repeat foreach end " +
		"begin switch and or not builtin command exec nocorrect noglob"
	).split(" "),
);

/** Bytes that a line editor would act upon instead of taking them as text. */
const CONTROL = /[\x00-\x1f\x7f]/;

/** Which quoting rules a shell has, by its path. Plain sh has no $'…': text with control characters cannot be typed into it. */
export function shellKind(path: string): ShellKind {
	const name = path.slice(path.lastIndexOf("/") + 1).replace(/^-/, "");
	if (name === "fish") return "fish";
	return name === "bash" || name === "zsh" ? "posix" : "other";
}

/** One command line of these arguments. */
export function quoteArgv(argv: readonly string[], shell: ShellKind): string {
	return argv.map((word, index) => quoteWord(word, shell, index === 0)).join(" ");
}

export function quoteWord(word: string, shell: ShellKind, first = false): string {
	if (PLAIN.test(word) && !(first && KEYWORDS.has(word))) return word;
	return shell === "fish" ? quoteFish(word) : quotePosix(word, shell);
}

function quotePosix(word: string, shell: ShellKind): string {
	if (shell === "other" || !CONTROL.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
	// ANSI-C quoting, in octal: unlike \xHH it cannot swallow the digits that follow.
	const escaped = word.replace(/[\x00-\x1f\x7f\\'!]/g, (character) => {
		return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
	});
	return `$'${escaped}'`;
}

/** In fish's single quotes only \\ and \' are escapes; control characters are escapes outside of quotes. */
function quoteFish(word: string): string {
	const parts = word.split(/([\x00-\x1f\x7f])/).filter((part) => part !== "");
	if (parts.length === 0) return "''";
	return parts
		.map((part) =>
			CONTROL.test(part)
				? `\\x${part.charCodeAt(0).toString(16).padStart(2, "0")}`
				: `'${part.replace(/[\\']/g, "\\$&")}'`,
		)
		.join("");
}
