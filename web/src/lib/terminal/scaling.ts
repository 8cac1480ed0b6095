/** How a terminal of a given size is shown in a window of another. Pure. */

export interface Size {
	cols: number;
	rows: number;
}

/** CSS pixels: a desk's width on a phone is a picture to zoom into; what does not even fit then is scrolled to. */
const SMALLEST_FONT = 3;

/** Fractions of a pixel that font sizes are rounded down to, so that sizes nearby look alike. */
const STEP = 0.25;

/** Rounded down to a size that text can have. */
export const textSize = (font: number): number => Math.max(SMALLEST_FONT, Math.floor(font / STEP) * STEP);

/** How far a window of `window` cells must be counted: `width` alone where people scroll up and down anyway. */
export type Fit = "all" | "width";

/**
 * The font size that should show `terminal` in a window which holds `window` cells at `font` pixels; never larger than `font`. A browser that
 * rounds what a letter takes may need less: whether it is shown must be tried.
 */
export function fontFor(terminal: Size, window: Size, font: number, fit: Fit): number {
	const across = window.cols / terminal.cols;
	const scale = Math.min(1, fit === "width" ? across : Math.min(across, window.rows / terminal.rows));
	return textSize(font * scale);
}

/** The largest font size from `font` downwards at which the window, as `cellsAt` counts it, shows all of `terminal`. */
export function largestThatShows(
	terminal: Size,
	font: number,
	fit: Fit,
	cellsAt: (font: number) => Size | null,
): number {
	for (let size = font; size > SMALLEST_FONT; size -= STEP) {
		const cells = cellsAt(size);
		if (cells === null) return font;
		if (cells.cols >= terminal.cols && (fit === "width" || cells.rows >= terminal.rows)) return size;
	}
	return SMALLEST_FONT;
}
