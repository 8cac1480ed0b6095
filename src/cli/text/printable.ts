const CONTROLS = /[\x00-\x1f\x7f-\x9f]+/g;

/** Titles, screens and matched texts come from programs: nothing in them may act on the terminal that shows them. */
export function printable(text: string): string {
	return text.replace(CONTROLS, " ");
}
