/** Output as lines. Pure. */
import { stripControls } from "../../../src/contract/ansi.ts";

/** Text as it stands after the terminal went over it: a carriage return starts its line anew. */
export function asLines(text: string): string {
	return stripControls(text)
		.replaceAll("\r\n", "\n")
		.split("\n")
		.map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, ""))
		.join("\n")
		.replace(/\n+$/, "");
}
