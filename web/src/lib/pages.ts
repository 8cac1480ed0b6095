/** Addresses of the app, and the pages that they mean; src/daemon/routes/web.ts serves the same ones. Pure. */
export type Page =
	| { name: "overview" }
	| { name: "session"; id: string; view: "terminal" | "history"; worker: string | null }
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
			};
		case "timeline":
			return { name: "timeline", session: new URLSearchParams(search).get("session") };
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
