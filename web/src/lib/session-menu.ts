/** What can be done with a session, as a menu. The same wherever a session is shown. */
import CircleX from "@lucide/svelte/icons/circle-x";
import CopyPlus from "@lucide/svelte/icons/copy-plus";
import History from "@lucide/svelte/icons/history";
import OctagonX from "@lucide/svelte/icons/octagon-x";
import Pencil from "@lucide/svelte/icons/pencil";
import RotateCw from "@lucide/svelte/icons/rotate-cw";
import Share2 from "@lucide/svelte/icons/share-2";
import Trash2 from "@lucide/svelte/icons/trash-2";
import type { MenuItem } from "../components/ui/Menu.svelte";
import { login } from "./stores/login.svelte.ts";
import { overlays } from "./stores/overlays.svelte.ts";
import { historyPath } from "./stores/route.svelte.ts";
import { isSessionLive } from "./stores/sessions.svelte.ts";
import type { Session } from "./types.ts";

export function sessionMenu(session: Session): MenuItem[] {
	const live = isSessionLive(session);
	const end = (action: "close" | "kill" | "restart" | "forget") => () =>
		overlays.open({ name: "end", action, sessions: [session] });
	const items: MenuItem[] = [{ label: "History and replay", icon: History, href: historyPath(session.id) }];
	if (login.may("write")) {
		items.push({
			label: "Name, tags, idle limit",
			icon: Pencil,
			run: () => overlays.open({ name: "edit", session }),
		});
	}
	if (!login.may("admin")) return items;
	items.push(
		{ label: "Share", icon: Share2, run: () => overlays.open({ name: "share", session }) },
		{ label: "Duplicate", icon: CopyPlus, run: () => overlays.open({ name: "new-session", from: session }) },
		{ label: live ? "Restart" : "Start again", icon: RotateCw, run: end("restart"), separated: true },
	);
	if (live) {
		items.push(
			{ label: "Close", icon: CircleX, run: end("close"), danger: true },
			{ label: "Kill", icon: OctagonX, run: end("kill"), danger: true },
		);
	} else items.push({ label: "Forget", icon: Trash2, run: end("forget"), danger: true });
	return items;
}
