/** Text from terminal bytes. */

/**
 * Escape and control sequences of ECMA-48: CSI, the string sequences (OSC, DCS, SOS, PM, APC) up to ST or BEL, two- and
 * three-byte escapes, and C0 controls other than tab, line feed and carriage return.
 */
const SEQUENCE =
	/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][\s\S]*?(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** The text without its control sequences. Does not apply cursor movements: a screen does that. */
export function stripControls(text: string): string {
	return text.replace(SEQUENCE, "");
}

/** Undoes the terminal driver's ONLCR: what the program wrote as `\n` arrives as `\r\n`. */
export function undoOnlcr(text: string): string {
	return text.replaceAll("\r\n", "\n");
}
