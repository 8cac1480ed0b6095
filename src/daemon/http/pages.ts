/** Our own pages and what they load. */
import { PAGE_POLICY } from "./security-headers.ts";

export function pageResponse(html: string, status = 200): Response {
	return new Response(html, {
		status,
		headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY },
	});
}

/** Assets change with the binary only; an hour keeps a reload cheap and an upgrade visible. */
const ASSET_CACHE = "public, max-age=3600";

export function assetResponse(body: string | Blob, type: string): Response {
	return new Response(body, { headers: { "content-type": type, "cache-control": ASSET_CACHE } });
}
