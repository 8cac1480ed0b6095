/**
 * Text that somebody else chose, shown so that nothing in it is hidden and nothing acts on a terminal: control characters and those
 * that turn the direction of writing around or take no room are written as escapes. Tabs and, where they are kept, line breaks stay.
 */
const HIDDEN =
	/[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text: string): string {
	return text.replaceAll(HIDDEN, (character) => {
		const code = character.charCodeAt(0).toString(16);
		return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, "0")}`;
	});
}

/** For one line of a table. */
export function visibleLine(text: string): string {
	return visible(text.replaceAll("\n", "⏎").replaceAll("\t", " "));
}
