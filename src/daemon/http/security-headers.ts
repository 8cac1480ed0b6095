/** Headers that every answer carries. A route that sets one of them itself keeps its own. */

const HEADERS: Record<string, string> = {
	// Answers hold terminals' content: no cache may keep it. Static assets say otherwise themselves.
	"cache-control": "no-store",
	"content-security-policy": "default-src 'none'; frame-ancestors 'none'",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
};

/** For our own pages: everything from us, inline styles for Swagger UI, data: images for its icons. */
export const PAGE_POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * For the web app: scripts from us alone, none in the page itself. xterm.js sets the style of its cells in elements that it makes;
 * images in terminals and recordings are decoded by WebAssembly from our own scripts, and drawn from memory (blob:).
 */
export const APP_POLICY =
	"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'";

/** For the web app's service worker: it fetches what is ours, and nothing else. */
export const WORKER_POLICY = "default-src 'none'; connect-src 'self'";

/** For a terminal's content rendered as HTML: it may be looked at, and do nothing at all. */
export const SANDBOX_POLICY =
	"sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function secure(response: Response): Response {
	for (const [name, value] of Object.entries(HEADERS)) {
		if (!response.headers.has(name)) response.headers.set(name, value);
	}
	return response;
}
