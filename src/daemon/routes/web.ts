import { Elysia } from "elysia";
import { operation } from "../http/operation.ts";
import { assetResponse, pageResponse } from "../http/pages.ts";
import { readPage } from "../pages/pages.macro.ts" with { type: "macro" };

const indexPage = readPage("index.html");
const script = readPage("index.js");
const style = readPage("style.css");
const icon = readPage("icon.svg");

const file = (id: string, summary: string) =>
	operation({ id, tag: "Daemon", summary, scope: "public", hidden: true, answers: [], errors: [] });

/** What `/` shows until there is a web application: what runs, and how to go on. */
export const webRoutes = () =>
	new Elysia({ normalize: false })
		.get("/", () => pageResponse(indexPage), file("getIndex", "The page for people"))
		.get(
			"/assets/index.js",
			() => assetResponse(script, "text/javascript; charset=utf-8"),
			file("getIndexScript", "Its script"),
		)
		.get(
			"/assets/style.css",
			() => assetResponse(style, "text/css; charset=utf-8"),
			file("getStyle", "Its style"),
		)
		.get("/assets/icon.svg", () => assetResponse(icon, "image/svg+xml"), file("getIcon", "Its icon"))
		.get(
			"/favicon.ico",
			() => assetResponse(icon, "image/svg+xml"),
			file("getFavicon", "The same icon where browsers look by themselves"),
		);
