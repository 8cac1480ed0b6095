/** A text that stands at the prompt of an agent's screen: alone in its row, behind what marks the prompt. */

/** Before it stands what marks the prompt, and no word. */
export function standsAlone(row: string, text: string): boolean {
	const shown = row
		.trimEnd()
		.replace(/[│┃|]$/, "")
		.trimEnd();
	return text !== "" && shown.endsWith(text) && !/[\p{L}\p{N}]/u.test(shown.slice(0, -text.length));
}

/**
 * How many rows that are not blank stand below the last one in which the text stands alone; null when it does in none. It grows when the
 * text moves up from the prompt into what was said.
 */
export function linesBelow(rows: readonly string[], text: string): number | null {
	const last = rows.findLastIndex((row) => standsAlone(row, text));
	return last === -1 ? null : rows.slice(last + 1).filter((row) => row.trim() !== "").length;
}
