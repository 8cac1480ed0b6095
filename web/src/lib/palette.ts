/** Everything that the page can do, by name, for the command palette. */

import type { MenuItem } from "../components/ui/Menu.svelte";
import { sentence } from "./api/errors.ts";
import { shortPath } from "./format.ts";
import { score } from "./fuzzy.ts";
import { isWorkerLive, lifeOf } from "./life.ts";
import { endingSignals, handSignals, signal } from "./lifecycle.ts";
import { sessionMenu, workerMenu } from "./session-menu.ts";
import { login } from "./stores/login.svelte.ts";
import { overlays } from "./stores/overlays.svelte.ts";
import { historyPath, route, sessionPath } from "./stores/route.svelte.ts";
import { sessions } from "./stores/sessions.svelte.ts";
import { settings } from "./stores/settings.svelte.ts";
import { toasts } from "./stores/toasts.svelte.ts";
import type { Session, Worker } from "./types.ts";

export interface PaletteEntry {
	id: string;
	group: string;
	label: string;
	/** Words that find it besides its label. */
	also?: string;
	hint?: string;
	session?: Session;
	/** Only found when it is looked for: there are many of its kind. */
	rare?: boolean;
	run: () => void;
}

export function paletteEntries(): PaletteEntry[] {
	return [...ofSessions(), ...ofCurrent(), ...ofApp()];
}

function ofSessions(): PaletteEntry[] {
	return sessions.list.map((session) => {
		return {
			id: `open-${session.id}`,
			group: "Sessions",
			label: session.name,
			also: [session.cwd, ...session.tags].join(" "),
			hint: shortPath(session.workers[0]?.cwd ?? session.cwd, settings.get("home")),
			session,
			run: () => route.go(lifeOf(session) === "ended" ? historyPath(session.id) : sessionPath(session.id)),
		};
	});
}

function ofCurrent(): PaletteEntry[] {
	const { page } = route;
	if (page.name !== "session") return [];
	const { worker: ofPage } = page;
	const session = sessions.get(page.id);
	const worker = session?.workers.find(({ id }) => id === ofPage) ?? session?.workers[0];
	if (!session || !worker) return [];
	const group = session.name;
	const entries: PaletteEntry[] = [
		...fromMenu(sessionMenu(session), group, "session"),
		{
			id: "session-timeline",
			group,
			label: "Timeline of this session",
			run: () => route.go(`/timeline?session=${session.id}`),
		},
	];
	if (session.workers.length > 1) {
		entries.push(
			...session.workers.map((one) => ({
				id: `worker-${one.id}`,
				group,
				label: `Worker ${one.name}`,
				run: () => route.go(sessionPath(session.id, one.id)),
			})),
			...fromMenu(workerMenu(session, worker), `${group} / ${worker.name}`, "worker"),
		);
	}
	return [...entries, ...signalsFor(session, worker, group)];
}

/** Words that find an entry of a menu besides its label. */
const also: Record<string, string> = {
	"Name, tags, idle limit": "rename",
	Share: "link",
	"Add a worker": "process tab",
	Forget: "delete remove worktree",
	"Start again": "restart",
	Resume: "continue unpause",
};

function fromMenu(items: MenuItem[], group: string, of: string): PaletteEntry[] {
	return items.map(({ label, run, href }) => ({
		id: `${of}-${label}`,
		group,
		label,
		also: also[label] ?? "",
		run: () => {
			if (href !== undefined) route.go(href);
			else run?.();
		},
	}));
}

function signalsFor(session: Session, worker: Worker, group: string): PaletteEntry[] {
	if (!login.may("write") || !isWorkerLive(worker)) return [];
	return handSignals.map(({ name, meaning }) => ({
		id: `signal-${name}`,
		group,
		label: `Send SIG${name}`,
		hint: meaning,
		also: name === "INT" ? "interrupt" : "",
		rare: true,
		run: () => {
			if (endingSignals.has(name)) overlays.open({ name: "signal", session, worker, signal: name });
			else signal(session, worker, name).catch((error: unknown) => toasts.failed(sentence(error)));
		},
	}));
}

function ofApp(): PaletteEntry[] {
	const group = "Berth";
	const entries: PaletteEntry[] = [
		{ id: "overview", group, label: "All sessions", also: "overview list", run: () => route.go("/") },
		{ id: "grid", group, label: "Grid", also: "side by side", hint: "G", run: () => route.go("/grid") },
		{ id: "timeline", group, label: "Timeline", also: "events", hint: "T", run: () => route.go("/timeline") },
		{
			id: "repositories",
			group,
			label: "Repositories",
			also: "git worktrees",
			run: () => route.go("/repositories"),
		},
		{ id: "settings", group, label: "Settings", run: () => route.go("/settings") },
		{ id: "light", group, label: "Light theme", run: () => settings.set("theme", "light") },
		{ id: "dark", group, label: "Dark theme", run: () => settings.set("theme", "dark") },
		{ id: "system", group, label: "Theme of the system", run: () => settings.set("theme", "system") },
		{
			id: "larger",
			group,
			label: "Larger terminal text",
			also: "font zoom",
			run: () => settings.changeFontSize(1),
		},
		{
			id: "smaller",
			group,
			label: "Smaller terminal text",
			also: "font zoom",
			run: () => settings.changeFontSize(-1),
		},
		{
			id: "shortcuts",
			group,
			label: "Keyboard shortcuts",
			also: "help keys",
			hint: "?",
			run: () => overlays.open({ name: "shortcuts" }),
		},
		{
			id: "docs",
			group,
			label: "API description",
			also: "swagger docs",
			run: () => void window.open("/docs", "_blank", "noopener"),
		},
		{ id: "logout", group, label: "Log out", run: () => void login.logout() },
	];
	if (login.may("admin")) {
		entries.unshift({
			id: "new",
			group,
			label: "New session",
			hint: "N",
			run: () => overlays.open({ name: "new-session", from: null }),
		});
		entries.push({
			id: "access",
			group,
			label: "Access",
			also: "tokens links share",
			run: () => route.go("/access"),
		});
	}
	return entries;
}

export function found(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
	if (query.trim() === "") return entries.filter(({ rare }) => rare !== true);
	return entries
		.flatMap((entry) => {
			const own = score(query, entry.label);
			const also = entry.also ? score(query, entry.also) : null;
			const best = Math.max(
				own ?? Number.NEGATIVE_INFINITY,
				also === null ? Number.NEGATIVE_INFINITY : also - 6,
			);
			return best === Number.NEGATIVE_INFINITY ? [] : [{ entry, best }];
		})
		.sort((a, b) => b.best - a.best)
		.map(({ entry }) => entry);
}
