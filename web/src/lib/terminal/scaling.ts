/** How a terminal of a given size is shown in a window of another. Pure. */

export interface Size {
	cols: number;
	rows: number;
}

/** CSS pixels: a desk's width on a phone is a picture to zoom into; what does not even fit then is scrolled to. */
const SMALLEST_FONT = 3;

/** Fractions of a pixel that font sizes are rounded down to, so that sizes nearby look alike. */
const STEP = 0.25;

/**
 * The font size that shows `terminal` in a window which holds `window` cells at `font` pixels. Never larger than `font` by itself;
 * `zoom` multiplies what fits. `width` alone counts where people scroll up and down anyway.
 */
export function fontFor(
	terminal: Size,
	window: Size,
	font: number,
	zoom: number,
	fit: "all" | "width",
): number {
	const across = window.cols / terminal.cols;
	const scale = Math.min(1, fit === "width" ? across : Math.min(across, window.rows / terminal.rows));
	return Math.max(SMALLEST_FONT, Math.floor((font * scale * zoom) / STEP) * STEP);
}
