/** What is pasted is looked at first: a newline in it runs a command. */
import { overlays } from "./stores/overlays.svelte.ts";
import { settings } from "./stores/settings.svelte.ts";

/** The text to paste, or null when the person thought better of it. */
export function askBeforePaste(text: string): Promise<string | null> {
	if (!settings.get("confirmPaste") || !/[\r\n]/.test(text.trimEnd())) {
		// A newline at the very end comes along with a copied line; nobody means to run it.
		return Promise.resolve(settings.get("confirmPaste") ? text.replace(/[\r\n]+$/, "") : text);
	}
	return new Promise((answer) => overlays.open({ name: "paste", text, answer }));
}
