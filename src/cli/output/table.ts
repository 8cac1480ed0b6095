/** Columns of text, as wide as their content, cut to the terminal where there is one. */

export interface Column {
	title: string;
	align?: "right";
	/** The column that gives way when the terminal is too narrow; the last such column gives way first. */
	shrinks?: boolean;
}

const GAP = "  ";

/** No column gets narrower than this, in cells: below it nobody can tell what was there. */
const NARROWEST = 8;

/**
 * Lines of a table, header first. `width` is the terminal's, null for a pipe: then nothing is cut. `paint` colours one cell and must
 * not change what the cell shows.
 */
export function table(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	width: number | null,
	paint: (text: string, column: number, row: number) => string = (text) => text,
): string[] {
	const widths = columns.map((column, index) =>
		Math.max(Bun.stringWidth(column.title), ...rows.map((row) => Bun.stringWidth(row[index] ?? ""))),
	);
	if (width !== null) fit(columns, widths, width);
	const line = (cells: readonly string[], row: number) =>
		cells
			.map((cell, index) => {
				const text = cut(cell, widths[index]!);
				const blanks = " ".repeat(Math.max(0, widths[index]! - Bun.stringWidth(text)));
				const painted = paint(text, index, row);
				if (columns[index]!.align === "right") return blanks + painted;
				return index === cells.length - 1 ? painted : painted + blanks;
			})
			.join(GAP)
			.trimEnd();
	return [
		line(
			columns.map(({ title }) => title),
			-1,
		),
		...rows.map(line),
	];
}

function fit(columns: readonly Column[], widths: number[], width: number): void {
	const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
	for (let index = columns.length - 1; index >= 0 && total() > width; index--) {
		if (columns[index]!.shrinks) {
			widths[index] = Math.max(Math.min(NARROWEST, widths[index]!), widths[index]! - (total() - width));
		}
	}
}

/** The text in at most `width` cells, with an ellipsis where something was cut. */
export function cut(text: string, width: number): string {
	if (Bun.stringWidth(text) <= width) return text;
	let kept = "";
	let used = 1;
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		used += Bun.stringWidth(segment);
		if (used > width) break;
		kept += segment;
	}
	return `${kept}…`;
}
