/** Where in the output commands begin, by the marks of shell integration: FinalTerm's OSC 133 and Visual Studio Code's OSC 633. */

/** OSC numbers; `C` begins a command's output in both. */
export const MARK_CODES = [133, 633];
export const BEGINS = "C";

const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;
const starts = MARK_CODES.map((code) => new TextEncoder().encode(`\x1b]${code};${BEGINS}`));

/** The output in parts, each but the last of which ends with a command's mark: so the mark's offset is the part's end. */
export function* endingWithMarks(output: Uint8Array): Generator<Uint8Array> {
	let from = 0;
	for (let at = output.indexOf(ESC); at !== -1; at = output.indexOf(ESC, at + 1)) {
		if (!starts.some((start) => start.every((byte, index) => output[at + index] === byte))) continue;
		const end = endOfOsc(output, at + 2);
		if (end === -1) break;
		yield output.subarray(from, end);
		from = end;
		at = end - 1;
	}
	if (from < output.length) yield output.subarray(from);
}

/** The index after the terminator, BEL or ST; -1 when it is not there yet. */
function endOfOsc(output: Uint8Array, from: number): number {
	for (let at = from; at < output.length; at++) {
		if (output[at] === BEL) return at + 1;
		if (output[at] === ESC) return output[at + 1] === BACKSLASH ? at + 2 : -1;
	}
	return -1;
}
