import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { operation } from "../http/operation.ts";
import { assetResponse, pageResponse } from "../http/pages.ts";
import { WORKER_POLICY } from "../http/security-headers.ts";
import { readPage } from "../pages/pages.macro.ts" with { type: "macro" };
import { webAssets } from "../web/assets.ts";
import { servedAsset } from "../web/serve.ts";

const unbuiltPage = readPage("unbuilt.html");
const style = readPage("style.css");
const icon = readPage("icon.svg");

const file = (id: string, summary: string) =>
	operation({ id, tag: "Daemon", summary, scope: "public", hidden: true, answers: [], errors: [] });

/** Addresses of the web app's pages (web/src/lib/stores/route.svelte.ts): each is the app, which shows what the address says. */
const pages = {
	overview: "/",
	session: "/s/*",
	grid: "/grid",
	timeline: "/timeline",
	inbox: "/inbox",
	repositories: "/repositories",
	access: "/access",
	settings: "/settings",
	share: "/share",
};

/** The web app and its files. */
export const webRoutes = () => {
	const assets = webAssets();
	const page = (request: Request): Response | Promise<Response> =>
		assets === null ? pageResponse(unbuiltPage) : servedAsset(assets.get("/index.html")!, request);
	const app = new Elysia({ normalize: false })
		.get(
			"/assets/style.css",
			() => assetResponse(style, "text/css; charset=utf-8"),
			file("getStyle", "The style of the plain pages"),
		)
		.get("/assets/icon.svg", () => assetResponse(icon, "image/svg+xml"), file("getIcon", "The icon"))
		.get(
			"/favicon.ico",
			() => assetResponse(icon, "image/svg+xml"),
			file("getFavicon", "The same icon where browsers look by themselves"),
		)
		.get(
			"/sw.js",
			({ request }) => {
				const worker = assets?.get("/sw.js");
				if (!worker)
					throw new BerthError("not_found", "there is no service worker before the web app is built");
				return servedAsset(worker, request, WORKER_POLICY);
			},
			file("getServiceWorker", "What opens the web app while the daemon is away"),
		)
		.get(
			"/assets/*",
			({ params, request }) => {
				const asset = assets?.get(`/assets/${params["*"]}`);
				if (!asset) throw new BerthError("not_found", `there is no file ${params["*"]}; reload the page`);
				return servedAsset(asset, request);
			},
			file("getAsset", "A file of the web app"),
		);
	for (const [name, path] of Object.entries(pages)) {
		app.get(path, ({ request }) => page(request), file(`getPage-${name}`, "A page of the web app"));
	}
	return app;
};
