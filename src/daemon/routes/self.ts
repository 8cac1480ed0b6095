import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { Self } from "../../contract/system.ts";
import type { DaemonContext } from "../context.ts";
import { type Caller, callerOf } from "../http/caller.ts";
import { sharedCookie } from "../http/cookie.ts";
import { json, operation } from "../http/operation.ts";
import { LOGIN_LIFETIME_MS } from "../services/tokens.ts";

const example: Self = { via: "cookie", scope: "admin", sessionId: null, expiresAt: 1_769_914_800_000 };

/** Who a browser is, and how a shared link makes it somebody. */
export const selfRoutes = ({ now, baseUrl }: DaemonContext) =>
	new Elysia({ prefix: "/login", normalize: false })
		.get("/self", ({ request }): Self => selfOf(callerOf(request)), {
			...operation({
				id: "getSelf",
				tag: "Access",
				summary: "What this caller may do, and for how long",
				scope: "read",
				answers: [json(Self, example, "The caller")],
				errors: ["unauthorized"],
			}),
		})
		.post(
			"/cookie",
			({ request, set }): Self => {
				const caller = callerOf(request);
				const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
				if (caller.via !== "bearer" || token === undefined) {
					throw new BerthError("bad_request", "send the link's token as Authorization: Bearer …");
				}
				const lifetimeMs = Math.min(
					LOGIN_LIFETIME_MS,
					(caller.expiresAt ?? Number.POSITIVE_INFINITY) - now(),
				);
				const secure = baseUrl()?.startsWith("https:") ?? false;
				set.headers["set-cookie"] = sharedCookie(token, Math.max(1, Math.floor(lifetimeMs / 1000)), secure);
				return selfOf(caller);
			},
			operation({
				id: "logInWithToken",
				tag: "Access",
				summary: "Log this browser in with the token of a shared link",
				description: "The cookie is worth what the token is, and ends with it.",
				scope: "read",
				answers: [json(Self, { ...example, scope: "read" }, "Logged in; the answer sets the cookie")],
				errors: ["bad_request", "unauthorized"],
			}),
		);

function selfOf({ via, scope, sessionId, expiresAt }: Caller): Self {
	if (via === "nobody" || scope === null) throw new BerthError("unauthorized", "nobody is logged in");
	return { via, scope, sessionId, expiresAt };
}
