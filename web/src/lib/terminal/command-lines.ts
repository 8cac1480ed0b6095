/**
 * Where commands were typed, found by what stands there. A picture of the screen has no marks of shell integration; the order of the
 * commands tells one `ls` from the next. Pure.
 */

export interface Line {
	text: string;
	/** Its row in the terminal. */
	row: number;
}

/** What stands between a prompt and a command. */
const AFTER_PROMPT = /(^|[\s$%#>❯➜»λ)\]])$/;

/** For each of `commands`, oldest first, the row where it was typed; null when it is not in `lines` (whole ones, top first). */
export function rowsOf(commands: readonly string[], lines: readonly Line[]): (number | null)[] {
	let below = lines.length;
	return commands
		.toReversed()
		.map((command) => {
			const typed = command.split("\n", 1)[0]!.trim();
			for (let at = below - 1; at >= 0 && typed !== ""; at--) {
				const { text, row } = lines[at]!;
				if (!text.endsWith(typed) || !AFTER_PROMPT.test(text.slice(0, -typed.length))) continue;
				below = at;
				return row;
			}
			return null;
		})
		.reverse();
}
