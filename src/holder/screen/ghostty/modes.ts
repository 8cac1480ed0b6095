/** The library's modes: packed numbers (an ANSI mode, without `?`, has 0x8000 added) and what a snapshot does with them. */

const ANSI = 0x8000;

export const Mode = {
	insert: ANSI | 4,
	applicationCursor: 1,
	origin: 6,
	cursorBlink: 12,
	alternateLegacy: 47,
	alternate: 1047,
	alternateSave: 1049,
	focus: 1004,
	bracketedPaste: 2004,
	graphemeClusters: 2027,
} as const;

/**
 * Modes that a snapshot carries, with their initial state, in the order of writing. Left out: the alternate screen and DECOM
 * (written in their place), grapheme clusters (always on), cursor blink (a part of DECSCUSR), DECCOLM with its mode 40 (sizes the terminal), 1048 (an action), and 2031 and 2048: the
 * terminal that sends those reports to the program is the holder's; a client's would send them a second time, as input.
 */
export const CARRIED_MODES: ReadonlyArray<readonly [tag: number, initial: boolean]> = [
	[ANSI | 2, false],
	[ANSI | 4, false],
	[ANSI | 12, true],
	[ANSI | 20, false],
	[1, false],
	[4, false],
	[5, false],
	[7, true],
	// The library starts with DECARM off and never looks at it; written as it stands it would stop a person's keys from repeating.
	[8, false],
	[9, false],
	[25, true],
	[45, false],
	[66, false],
	[67, false],
	[69, false],
	[1000, false],
	[1002, false],
	[1003, false],
	[1004, false],
	[1005, false],
	[1006, false],
	[1007, true],
	[1015, false],
	[1016, false],
	[1035, true],
	[1036, true],
	[1039, false],
	[1045, false],
	[2004, false],
	[2026, false],
];

/** Modes that a snapshot leaves out and a copy of the terminal in this process needs: DECCOLM with 40, and the reports 2031 and 2048. */
export const UNCARRIED_MODES: readonly number[] = [3, 40, 2031, 2048];

/** The ANSI modes that the library knows: KAM, IRM, SRM, LNM. */
export const ANSI_MODES: ReadonlySet<number> = new Set([2, 4, 12, 20]);

export function ansiTag(mode: number): number {
	return ANSI | mode;
}

export function modeParameter(tag: number): string {
	return tag & ANSI ? String(tag & ~ANSI) : `?${tag}`;
}
