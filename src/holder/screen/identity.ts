/** Who the terminal says it is: the same whichever engine keeps the screen. */
import { VERSION } from "../../contract/version.ts";

/** DA1 (CSI c): a VT220 with ANSI colour. Claims nothing that the screen does not keep (no sixel, no DRCS). */
export const PRIMARY_ATTRIBUTES = "\x1b[?62;22c";

/** DA2 (CSI > c): VT220, firmware 10, no cartridge. Below 95, which vim takes for "an xterm with mouse bugs". */
export const SECONDARY_ATTRIBUTES = "\x1b[>1;10;0c";

/** DA3 (CSI = c): unit id 0. */
export const TERTIARY_ATTRIBUTES = "\x1bP!|00000000\x1b\\";

/** XTVERSION (CSI > q). */
export const TERMINAL_VERSION = `\x1bP>|berth(${VERSION})\x1b\\`;

/** Pixels of a cell, for CSI 14 t and 16 t: nobody draws the holder's screen, so what a common font would give. */
export const CELL_PIXELS = { width: 8, height: 16 } as const;

/** XTGETTCAP: capabilities of the terminfo entry that programs get as TERM, as far as programs ask for them this way. */
export const CAPABILITIES: Record<string, string> = {
	TN: "xterm-256color",
	Co: "256",
	colors: "256",
	RGB: "8/8/8",
};

export interface Rgb {
	r: number;
	g: number;
	b: number;
}

/** A colour as OSC 4, 10, 11 and 12 take it. */
export function xcolor({ r, g, b }: Rgb): string {
	return `rgb:${[r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("/")}`;
}

/** Colours that are reported (OSC 10, 11, 12) while the program sets none: light on dark. */
export const DEFAULT_COLORS: Record<"foreground" | "background" | "cursor", Rgb> = {
	foreground: { r: 0xe5, g: 0xe5, b: 0xe5 },
	background: { r: 0, g: 0, b: 0 },
	cursor: { r: 0xe5, g: 0xe5, b: 0xe5 },
};

/** The first sixteen colours, as xterm has them. */
const ANSI_COLORS = [
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000,
	0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];

/** xterm's 256 colours: 16 named, a cube of 6×6×6, 24 greys. */
export function defaultColor(index: number): Rgb {
	if (index < 16) {
		const value = ANSI_COLORS[index]!;
		return { r: value >> 16, g: (value >> 8) & 0xff, b: value & 0xff };
	}
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return { r: grey, g: grey, b: grey };
	}
	const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
	const cube = index - 16;
	return {
		r: level(Math.floor(cube / 36)),
		g: level(Math.floor(cube / 6) % 6),
		b: level(cube % 6),
	};
}
