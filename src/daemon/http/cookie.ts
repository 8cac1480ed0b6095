/** The browser's login cookie. */

/** One cookie per host: browsers do not tell ports apart, so two daemons on one machine take turns. */
export const COOKIE_NAME = "berth_login";

/** HttpOnly: no script reads it. SameSite=Strict: no other site's page makes the browser send it (RFC 6265bis §5.6.7). */
export function loginCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
	const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? "; Secure" : ""}`;
	return `${COOKIE_NAME}=${token}; ${attributes}`;
}

/** Marks a cookie that holds the token of a shared link: worth what the link is, and over when the link is revoked. */
const SHARED = "shared.";

export function sharedCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
	return loginCookie(SHARED + token, maxAgeSeconds, secure);
}

/** The token in the login cookie and what kind it must be; null without one. */
export function readLogin(request: Request): { token: string; kind: "bearer" | "browser" } | null {
	const value = readCookie(request, COOKIE_NAME);
	if (value === null) return null;
	return value.startsWith(SHARED)
		? { token: value.slice(SHARED.length), kind: "bearer" }
		: { token: value, kind: "browser" };
}

export function clearedCookie(): string {
	return `${COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
}

export function readCookie(request: Request, name: string): string | null {
	for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
		const at = pair.indexOf("=");
		if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
	}
	return null;
}
