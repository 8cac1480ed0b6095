/** What can be done with a session, and with one of its workers, as menus: the same wherever they are shown. */
import CirclePlay from "@lucide/svelte/icons/circle-play";
import CircleX from "@lucide/svelte/icons/circle-x";
import CopyPlus from "@lucide/svelte/icons/copy-plus";
import History from "@lucide/svelte/icons/history";
import OctagonX from "@lucide/svelte/icons/octagon-x";
import Pause from "@lucide/svelte/icons/pause";
import Pencil from "@lucide/svelte/icons/pencil";
import RotateCw from "@lucide/svelte/icons/rotate-cw";
import Share2 from "@lucide/svelte/icons/share-2";
import SquarePlus from "@lucide/svelte/icons/square-plus";
import Trash2 from "@lucide/svelte/icons/trash-2";
import type { MenuItem } from "../components/ui/Menu.svelte";
import type { EndAction } from "./ending.ts";
import { isWorkerLive, lifeOf } from "./life.ts";
import { resume } from "./lifecycle.ts";
import { login } from "./stores/login.svelte.ts";
import { overlays } from "./stores/overlays.svelte.ts";
import { historyPath } from "./stores/route.svelte.ts";
import type { Session, Worker } from "./types.ts";

export function sessionMenu(session: Session): MenuItem[] {
	const items: MenuItem[] = [{ label: "History and replay", icon: History, href: historyPath(session.id) }];
	if (login.may("write")) {
		items.push({
			label: "Name, tags, idle limit",
			icon: Pencil,
			run: () => overlays.open({ name: "edit", session }),
		});
	}
	if (!login.may("admin")) return items;
	const life = lifeOf(session);
	if (life === "live") {
		items.push({
			label: "Add a worker",
			icon: SquarePlus,
			run: () => overlays.open({ name: "new-worker", session }),
		});
	}
	items.push(
		{ label: "Share", icon: Share2, run: () => overlays.open({ name: "share", session }) },
		{ label: "Duplicate", icon: CopyPlus, run: () => overlays.open({ name: "new-session", from: session }) },
	);
	const end = (action: EndAction) => () => overlays.open({ name: "end", action, sessions: [session] });
	const close: MenuItem = { label: "Close", icon: CircleX, run: end("close"), danger: true };
	const forget: MenuItem = { label: "Forget", icon: Trash2, run: end("forget"), danger: true };
	switch (life) {
		case "live":
			items.push(
				{ label: "Restart", icon: RotateCw, run: end("restart"), separated: true },
				{ label: "Pause", icon: Pause, run: end("pause") },
				close,
				{ label: "Kill", icon: OctagonX, run: end("kill"), danger: true },
			);
			break;
		case "paused":
			items.push(
				{ label: "Resume", icon: CirclePlay, run: () => void resume(session), separated: true },
				close,
				forget,
			);
			break;
		case "ended":
			items.push({ label: "Start again", icon: RotateCw, run: end("restart"), separated: true }, forget);
			break;
	}
	return items;
}

/** Lifecycle of one worker among several; whoever has only one has the session's menu. */
export function workerMenu(session: Session, worker: Worker): MenuItem[] {
	const items: MenuItem[] = [
		{ label: "History and replay", icon: History, href: historyPath(session.id, worker.id) },
	];
	if (login.may("write")) {
		items.push({
			label: "Rename",
			icon: Pencil,
			run: () => overlays.open({ name: "rename-worker", session, worker }),
		});
	}
	// Nothing of a paused session starts but by its resumption.
	if (!login.may("admin") || lifeOf(session) === "paused") return items;
	const end = (action: EndAction) => () =>
		overlays.open({ name: "end", action, sessions: [session], worker });
	if (isWorkerLive(worker)) {
		items.push(
			{ label: "Restart", icon: RotateCw, run: end("restart"), separated: true },
			{ label: "Close", icon: CircleX, run: end("close"), danger: true },
			{ label: "Kill", icon: OctagonX, run: end("kill"), danger: true },
		);
		return items;
	}
	items.push({ label: "Start again", icon: RotateCw, run: end("restart"), separated: true });
	// The first one goes with its session.
	if (worker.id !== session.workers[0]?.id)
		items.push({ label: "Forget", icon: Trash2, run: end("forget"), danger: true });
	return items;
}
