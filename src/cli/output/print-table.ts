/** A table as commands print it: as wide as the terminal, its header dim. */
import type { Cli } from "../cli.ts";
import { type Column, table } from "./table.ts";

/** `paint` colours one cell of a row and must not change what it shows. */
export function printTable(
	cli: Cli,
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	paint: (text: string, column: number, row: number) => string = (text) => text,
): void {
	const lines = table(columns, rows, cli.columns, (text, column, row) =>
		row === -1 ? cli.style.dim(text) : paint(text, column, row),
	);
	cli.write(`${lines.join("\n")}\n`);
}
