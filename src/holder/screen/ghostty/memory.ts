/**
 * How many bytes of scrollback hold so many lines.
 *
 * libghostty-vt limits scrollback in bytes and keeps it in pages of a fixed size, of which it drops the oldest whole. Measured
 * (0.1.0-dev, the pinned build): a page counts 585,728 bytes against the limit, of which 373,700 are rows at 8 bytes plus 8 per
 * cell; the rest is room for styles, graphemes and links, touched only when used. 10,000 lines of 80 columns take 7.4 MB of
 * memory. Lines with very many styles or combining characters take larger pages; then fewer lines fit.
 */

const PAGE_BYTES = 585_728;
const PAGE_ROW_BYTES = 373_700;
const ROW_BYTES = 8;
const CELL_BYTES = 8;

/** The limit that keeps `lines` lines of `cols` columns above a screen of `rows` rows. */
export function scrollbackBytes(lines: number, cols: number, rows: number): number {
	if (lines === 0) return 0;
	const rowsPerPage = rowsOfPage(cols);
	// One page more than the lines fill: the one that is being written stands partly empty after the oldest was dropped.
	return (Math.ceil((lines + rows) / rowsPerPage) + 1) * PAGE_BYTES;
}

/** Rows that lie within a limit at most, at this width: whole pages, and the one that is being written. */
export function capacityRows(bytes: number, cols: number, rows: number): number {
	return (Math.ceil(bytes / PAGE_BYTES) + 1) * rowsOfPage(cols) + rows;
}

function rowsOfPage(cols: number): number {
	return Math.max(1, Math.floor(PAGE_ROW_BYTES / (ROW_BYTES + CELL_BYTES * cols)));
}
