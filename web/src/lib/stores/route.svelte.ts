/** Where the person is: the address of the page, as state. Links are ordinary links; `follow` keeps those of ours in the page. */

import { type Page, pageOf } from "../pages.ts";

class Route {
	page = $state.raw<Page>(pageOf(location.pathname, location.search));
	path = $state(location.pathname + location.search);

	constructor() {
		addEventListener("popstate", () => this.#read());
	}

	go(path: string, how: "push" | "replace" = "push"): void {
		if (how === "push") history.pushState(null, "", path);
		else history.replaceState(null, "", path);
		this.#read();
	}

	/** For clicks anywhere: a plain click on a link to one of our pages stays in this page. */
	follow(event: MouseEvent): void {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
			return;
		const link = (event.target as Element).closest("a");
		if (link?.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
		if (pageOf(link.pathname, link.search).name === "unknown") return;
		event.preventDefault();
		if (link.href !== location.href) this.go(link.pathname + link.search + link.hash);
	}

	#read(): void {
		this.path = location.pathname + location.search;
		this.page = pageOf(location.pathname, location.search);
	}
}

export const route = new Route();
/** Of the first worker, unless another is named. */
export const sessionPath = (id: string, worker?: string): string =>
	`/s/${encodeURIComponent(id)}${of(worker)}`;
/** The terminal of a structured agent, whose page is else its conversation. */
export const terminalPath = (id: string, worker: string): string => `${sessionPath(id, worker)}&as=terminal`;
export const historyPath = (id: string, worker?: string): string =>
	`/s/${encodeURIComponent(id)}/history${of(worker)}`;

function of(worker: string | undefined): string {
	return worker === undefined ? "" : `?worker=${encodeURIComponent(worker)}`;
}
