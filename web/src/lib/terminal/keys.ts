/** Keys of the terminal's own page: which ones the page takes, and the bytes that the phone's key bar sends. */

/** What the page does with a key while the terminal has the focus. Everything else is the program's. */
export type PageKey = "copy" | "paste" | "search" | "palette" | "next" | "previous" | "larger" | "smaller";

/** Control with shift, as terminals have it; on a Mac, command where browsers leave it free. */
export function pageKey(event: KeyboardEvent): PageKey | null {
	const control = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
	const command = event.metaKey && !event.ctrlKey && !event.altKey;
	if (command && event.code === "KeyK") return "palette";
	if (command && event.code === "KeyF") return "search";
	if (!control) return null;
	switch (event.code) {
		case "KeyC":
			return "copy";
		case "KeyV":
			return "paste";
		case "KeyF":
			return "search";
		case "KeyK":
			return "palette";
		case "ArrowDown":
			return "next";
		case "ArrowUp":
			return "previous";
		case "Period":
			return "larger";
		case "Comma":
			return "smaller";
		default:
			return null;
	}
}

export interface Modifiers {
	control: boolean;
	alt: boolean;
}

/** A typed character with the modifiers of the key bar: what a keyboard with these keys would have sent. */
export function withModifiers(data: string, { control, alt }: Modifiers): string {
	if (data.length !== 1) return data;
	let text = data;
	if (control) {
		const code = text.toUpperCase().charCodeAt(0);
		if (code >= 0x40 && code <= 0x5f) text = String.fromCharCode(code & 0x1f);
		else if (text === " ") text = "\0";
		else if (text === "?") text = "\x7f";
	}
	return alt ? `\x1b${text}` : text;
}
