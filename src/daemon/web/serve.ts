/** Answers with a file of the web app, in the best encoding that the client takes. */
import { gunzipSync } from "node:zlib";
import { APP_POLICY } from "../http/security-headers.ts";
import type { WebAsset } from "./asset.ts";

/** A year: as long as caches keep anything. The name changes with the content. */
const FOREVER = "public, max-age=31536000, immutable";
/** Files whose names stay are asked for again. */
const REVALIDATE = "no-cache";

/** `policy`: the content security policy of what is neither part of a page nor a page. */
export async function servedAsset(asset: WebAsset, request: Request, policy?: string): Promise<Response> {
	const headers = new Headers({
		"content-type": asset.type,
		"cache-control": asset.immutable ? FOREVER : REVALIDATE,
		vary: "Accept-Encoding",
	});
	const ownPolicy = asset.type.startsWith("text/html") ? APP_POLICY : policy;
	if (ownPolicy !== undefined) headers.set("content-security-policy", ownPolicy);
	const accepted = request.headers.get("accept-encoding") ?? "";
	for (const encoding of ["br", "gzip"] as const) {
		const source = asset[encoding];
		if (
			source === undefined ||
			!new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)
		)
			continue;
		headers.set("content-encoding", encoding);
		return new Response(Bun.file(source), { headers });
	}
	if (asset.identity !== undefined) return new Response(Bun.file(asset.identity), { headers });
	return new Response(gunzipSync(await Bun.file(asset.gzip!).bytes()), { headers });
}
