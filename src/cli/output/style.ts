/** Colour, where somebody looks: a terminal, and nobody asked for none (https://no-color.org). */

export interface Style {
	bold(text: string): string;
	dim(text: string): string;
	red(text: string): string;
	green(text: string): string;
	yellow(text: string): string;
	cyan(text: string): string;
}

const wrap = (open: number, close: number) => (text: string) =>
	text === "" ? "" : `\x1b[${open}m${text}\x1b[${close}m`;

const coloured: Style = {
	bold: wrap(1, 22),
	dim: wrap(2, 22),
	red: wrap(31, 39),
	green: wrap(32, 39),
	yellow: wrap(33, 39),
	cyan: wrap(36, 39),
};
const same = (text: string) => text;
const plain: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

export function styleFor(env: Record<string, string | undefined>, isTerminal: boolean): Style {
	return isTerminal && !env.NO_COLOR && env.TERM !== "dumb" ? coloured : plain;
}
