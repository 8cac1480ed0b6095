/** Characters of what an agent said that are quoted as evidence, or in a notice. */
const QUOTE_LIMIT = 200;

/** The first line, cut short. */
export function quote(text: string): string {
	const line = text.trim().split("\n", 1)[0]!;
	return line.length > QUOTE_LIMIT ? `${line.slice(0, QUOTE_LIMIT)}…` : line;
}
