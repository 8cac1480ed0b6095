/** Programs write the clipboard (OSC 52) only after the person said so, for each session. Forgotten with the page. */
import type { Session } from "../types.ts";
import { toasts } from "./toasts.svelte.ts";

const granted = new Map<string, boolean>();

/** Characters of the text that the question shows. */
const SHOWN = 60;

export function clipboardConsent(session: Session, text: string): void {
	const known = granted.get(session.id);
	if (known === false) return;
	if (known === true) {
		void write(text);
		return;
	}
	const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
	toasts.question(`${session.name} wants to copy “${shown}” to your clipboard.`, [
		{ label: "Copy", run: () => void write(text) },
		{
			label: "Always here",
			run: () => {
				granted.set(session.id, true);
				void write(text);
			},
		},
		{ label: "Never", run: () => granted.set(session.id, false) },
	]);
}

async function write(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Browsers want a recent click before a page may write.
		toasts.question("The browser wants a click before it lets a program copy.", [
			{ label: "Copy", run: () => void navigator.clipboard.writeText(text) },
			{ label: "Leave it", run: () => {} },
		]);
	}
}
