/** DECRQSS: what would set a thing again, in the form that both engines report. */

export interface Settings {
	/** SGR sequences that give the attributes of what is written next. */
	pen: string;
	protected: boolean;
	/** DECSCUSR's parameter. */
	cursorStyle: number;
	/** Rows and columns from 0, both included. */
	vertical: { top: number; bottom: number };
	horizontal: { left: number; right: number };
}

/** The answer's text for the setting that is named by its final characters; null for one that is not kept. */
export function settingOf(name: string, settings: Settings): string | null {
	switch (name) {
		case "m": {
			const params = [...settings.pen.matchAll(/\x1b\[([\d;:]*)m/g)].map((match) => match[1] || "0");
			return `${params.length === 0 ? "0" : params.join(";")}m`;
		}
		case "r":
			return `${settings.vertical.top + 1};${settings.vertical.bottom + 1}r`;
		case "s":
			return `${settings.horizontal.left + 1};${settings.horizontal.right + 1}s`;
		case " q":
			return `${settings.cursorStyle} q`;
		case '"q':
			return `${settings.protected ? 1 : 0}"q`;
		case '"p':
			// DECSCL: VT200 level, 7-bit controls; what DA1 says.
			return '62;1"p';
		default:
			return null;
	}
}

/** Cursor shapes as libghostty numbers them. */
export const CursorShape = { bar: 0, block: 1, underline: 2 } as const;

/** DECSCUSR's parameter for a shape; a steady block is what a terminal starts with, 0. */
export function decscusr(shape: number, blink: boolean): number {
	if (shape === CursorShape.underline) return blink ? 3 : 4;
	if (shape === CursorShape.bar) return blink ? 5 : 6;
	return blink ? 1 : 0;
}
