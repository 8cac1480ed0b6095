/** Addresses of the app, and the pages that they mean; src/daemon/routes/web.ts serves the same ones. Pure. */
export type Page =
	| { name: "overview" }
	| { name: "inbox" }
	| {
			name: "session";
			id: string;
			view: "terminal" | "history";
			worker: string | null;
			/** A structured agent's terminal instead of its conversation. */
			asTerminal: boolean;
	  }
	| { name: "grid" }
	| { name: "timeline"; session: string | null }
	| { name: "repositories" }
	| { name: "access" }
	| { name: "settings" }
	| { name: "share" }
	| { name: "unknown" };

export function pageOf(path: string, search: string): Page {
	const [, first = "", second, third] = path.split("/");
	switch (first) {
		case "":
			return { name: "overview" };
		case "s":
			if (second === undefined || second === "") return { name: "overview" };
			return {
				name: "session",
				id: decoded(second),
				view: third === "history" ? "history" : "terminal",
				worker: new URLSearchParams(search).get("worker"),
				asTerminal: new URLSearchParams(search).get("as") === "terminal",
			};
		case "timeline":
			return { name: "timeline", session: new URLSearchParams(search).get("session") };
		case "inbox":
		case "grid":
		case "repositories":
		case "access":
		case "settings":
		case "share":
			return { name: first };
		default:
			return { name: "unknown" };
	}
}

/** What no encoding gives is left as it stands: no session is called so. */
function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
