/**
 * Keys of the page. Single letters count only where nobody types; with the focus in a terminal every key is the program's, but for
 * control with shift (terminal/keys.ts).
 */
import { tick } from "svelte";
import { overlays } from "./stores/overlays.svelte.ts";
import { route, sessionPath } from "./stores/route.svelte.ts";
import { sessions } from "./stores/sessions.svelte.ts";

export interface Shortcut {
	keys: string[];
	does: string;
}

export const shortcuts: { where: string; list: Shortcut[] }[] = [
	{
		where: "Anywhere outside a terminal",
		list: [
			{ keys: ["Ctrl K", "⌘ K"], does: "Command palette" },
			{ keys: ["N"], does: "New session" },
			{ keys: ["/"], does: "Filter the sessions" },
			{ keys: ["1", "…", "9"], does: "Open a session of the list" },
			{ keys: ["G"], does: "Grid" },
			{ keys: ["T"], does: "Timeline" },
			{ keys: ["?"], does: "This sheet" },
		],
	},
	{
		where: "In a terminal",
		list: [
			{ keys: ["Ctrl Shift K", "⌘ K"], does: "Command palette" },
			{ keys: ["Ctrl Shift C"], does: "Copy what is selected" },
			{ keys: ["Ctrl Shift V"], does: "Paste" },
			{ keys: ["Ctrl Shift F"], does: "Search the scrollback" },
			{ keys: ["Ctrl Shift ↓", "Ctrl Shift ↑"], does: "Next and previous session" },
			{ keys: ["Ctrl Shift .", "Ctrl Shift ,"], does: "Larger and smaller text" },
		],
	},
];

const isTyping = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	(target.isContentEditable ||
		/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
		target.closest(".xterm") !== null);

export function appShortcut(event: KeyboardEvent): void {
	if (event.defaultPrevented || overlays.current !== null) return;
	const inTerminal = event.target instanceof HTMLElement && event.target.closest(".xterm") !== null;
	if (!inTerminal && event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey) {
		event.preventDefault();
		overlays.open({ name: "palette" });
		return;
	}
	if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
	const act = actions[event.key];
	if (act) {
		event.preventDefault();
		act();
	} else if (/^[1-9]$/.test(event.key)) {
		const session = sessions.live[Number(event.key) - 1];
		if (session) route.go(sessionPath(session.id));
	}
}

const actions: Record<string, () => void> = {
	n: () => overlays.open({ name: "new-session", from: null }),
	g: () => route.go("/grid"),
	t: () => route.go("/timeline"),
	"?": () => overlays.open({ name: "shortcuts" }),
	"/": () => {
		const focus = () => document.querySelector<HTMLElement>("[data-filter]")?.focus();
		if (route.page.name === "overview") return focus();
		route.go("/");
		void tick().then(focus);
	},
};

/** The session before or after this one in the list; the list is a circle. */
export function neighbour(id: string, step: 1 | -1): string | null {
	const { live } = sessions;
	const at = live.findIndex((session) => session.id === id);
	if (live.length < 2 || at < 0) return null;
	return live[(at + step + live.length) % live.length]!.id;
}
