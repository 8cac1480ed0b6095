import { Elysia } from "elysia";
import swaggerStyle from "../../../node_modules/swagger-ui-dist/swagger-ui.css" with { type: "file" };
import swaggerScript from "../../../node_modules/swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { operation } from "../http/operation.ts";
import { assetResponse, pageResponse } from "../http/pages.ts";
import type { DocumentedRoute } from "../openapi/document.ts";
import { readPage } from "../pages/pages.macro.ts" with { type: "macro" };

const docsPage = readPage("docs.html");
const startScript = readPage("docs.js");

const file = (id: string, summary: string) =>
	operation({ id, tag: "Daemon", summary, scope: "public", hidden: true, answers: [], errors: [] });

/** Swagger UI and the document it shows; everything comes from this binary, nothing from the network. */
export const docsRoutes = (routes: () => readonly DocumentedRoute[]) => {
	/** Made when first asked for: most daemons are never asked. */
	let document: string | null = null;
	const documentText = async (): Promise<string> => {
		if (document === null) {
			const { openApiDocument } = await import("../openapi/document.ts");
			document = await openApiDocument(routes());
		}
		return document;
	};
	return new Elysia({ prefix: "/docs", normalize: false })
		.get(
			"",
			() => pageResponse(docsPage),
			operation({
				id: "getDocs",
				tag: "Daemon",
				summary: "This description, for people",
				scope: "public",
				answers: [{ description: "Swagger UI", content: { "text/html": { example: "<!doctype html>" } } }],
				errors: [],
			}),
		)
		.get(
			"/json",
			async () => new Response(await documentText(), { headers: { "content-type": "application/json" } }),
			operation({
				id: "getOpenApi",
				tag: "Daemon",
				summary: "This description, for programs",
				scope: "public",
				answers: [
					{
						description: "The OpenAPI document",
						content: { "application/json": { example: { openapi: "3.1.0" } } },
					},
				],
				errors: [],
			}),
		)
		.get(
			"/assets/swagger-ui-bundle.js",
			() => assetResponse(Bun.file(swaggerScript), "text/javascript; charset=utf-8"),
			file("getDocsBundle", "Swagger UI"),
		)
		.get(
			"/assets/swagger-ui.css",
			() => assetResponse(Bun.file(swaggerStyle), "text/css; charset=utf-8"),
			file("getDocsStyle", "Swagger UI's style"),
		)
		.get(
			"/assets/start.js",
			() => assetResponse(startScript, "text/javascript; charset=utf-8"),
			file("getDocsStart", "Starts Swagger UI"),
		);
};
