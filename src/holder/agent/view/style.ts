/** How the conversation looks in a terminal: the sixteen colours that every theme has, and nothing an agent says but its letters. */
import { stripControls } from "../../../contract/ansi.ts";

const style = (start: number, end: number) => (text: string) =>
	text === "" ? "" : `\x1b[${start}m${text}\x1b[${end}m`;

export const bold = style(1, 22);
export const dim = style(2, 22);
export const red = style(31, 39);
export const green = style(32, 39);
export const yellow = style(33, 39);
export const cyan = style(36, 39);

/** C0 and C1 but tab and line feed; and what turns the direction of text, so that a command cannot look like another. */
const UNWANTED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that can do nothing to a terminal but stand in it. */
export function clean(text: string): string {
	return stripControls(text).replaceAll("\r\n", "\n").replace(UNWANTED, "");
}

/** The first lines, and how many more there are. Every line is cut at `width` characters. */
export function firstLines(text: string, lines: number, width: number): string[] {
	const all = clean(text).trimEnd().split("\n");
	const shown = all.slice(0, lines).map((line) => (line.length > width ? `${line.slice(0, width)}…` : line));
	if (all.length > lines) shown.push(`… ${all.length - lines} more lines`);
	return shown;
}
