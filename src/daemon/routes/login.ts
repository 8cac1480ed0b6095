import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { Ticket } from "../../contract/system.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { clearedCookie, loginCookie, readLogin } from "../http/cookie.ts";
import { json, operation } from "../http/operation.ts";
import { pageResponse } from "../http/pages.ts";
import { readPage } from "../pages/pages.macro.ts" with { type: "macro" };
import { LOGIN_LIFETIME_MS } from "../services/tokens.ts";

const loginPage = readPage("login.html");
const usedPage = readPage("login-used.html");

const LoggedOut = Type.Object({ status: Type.Literal("logged_out") });

export const loginRoutes = ({ tokens, tickets, now, baseUrl }: DaemonContext) =>
	new Elysia({ normalize: false })
		.post(
			"/login/tickets",
			({ set }): Ticket => {
				const base = baseUrl();
				if (base === null) {
					throw new BerthError(
						"bad_request",
						"the daemon has no TCP port: set `port` in config.toml and restart it",
					);
				}
				const { ticket, expiresAt } = tickets.create();
				set.status = 201;
				return { url: `${base}/login?ticket=${ticket}`, expiresAt };
			},
			operation({
				id: "createLoginTicket",
				tag: "Access",
				summary: "Make a link that logs a browser in; it works once, for 60 seconds",
				scope: "admin",
				unbound: true,
				answers: [
					json(
						Ticket,
						{ url: "http://127.0.0.1:19999/login?ticket=b25jZQ", expiresAt: 1_767_322_860_000 },
						"The link",
						201,
					),
				],
				errors: ["bad_request", "unauthorized", "forbidden"],
			}),
		)
		.get(
			"/login",
			({ query: { ticket, next }, request }) => {
				if (ticket === undefined || request.method === "HEAD") return pageResponse(loginPage);
				try {
					tickets.redeem(ticket);
				} catch (error) {
					const person = request.headers.get("accept")?.includes("text/html");
					if (person && error instanceof BerthError) return pageResponse(usedPage, error.status);
					throw error;
				}
				const { token } = tokens.create({
					label: "browser",
					scope: "admin",
					sessionId: null,
					expiresAt: now() + LOGIN_LIFETIME_MS,
					browser: true,
				});
				const secure = baseUrl()?.startsWith("https:") ?? false;
				return new Response(null, {
					status: 303,
					headers: {
						location: safePath(next),
						"set-cookie": loginCookie(token, LOGIN_LIFETIME_MS / 1000, secure),
					},
				});
			},
			{
				query: Type.Object(
					{
						ticket: Type.Optional(
							Type.String({ minLength: 1, maxLength: 200, description: "From a login link" }),
						),
						next: Type.Optional(
							Type.String({ maxLength: 2000, description: "Path of ours to go on to", examples: ["/docs"] }),
						),
					},
					{ additionalProperties: false },
				),
				...operation({
					id: "login",
					tag: "Access",
					summary: "Exchange a ticket for the login cookie, or read how to get one",
					scope: "public",
					answers: [
						{
							description: "How to get a link",
							content: { "text/html": { example: "<!doctype html><title>Log in to Berth</title>" } },
						},
						{ status: 303, description: "Logged in; on to `next`", headers: { "Set-Cookie": "The login" } },
					],
					errors: ["bad_request", "ticket_invalid"],
				}),
			},
		)
		.post(
			"/logout",
			({ request, set }) => {
				const { via, tokenId } = callerOf(request);
				// A shared link's token is also other people's: only this browser forgets it.
				const own = readLogin(request)?.kind === "browser";
				if (via === "cookie" && own && tokenId !== null) tokens.revoke(tokenId);
				set.headers["set-cookie"] = clearedCookie();
				return { status: "logged_out" as const };
			},
			operation({
				id: "logout",
				tag: "Access",
				summary: "Forget this browser's login, here and in the browser",
				scope: "read",
				answers: [json(LoggedOut, { status: "logged_out" }, "Logged out")],
				errors: ["unauthorized"],
			}),
		);

/** A path of ours; anything that a browser could take for another site becomes `/`. */
export function safePath(next: string | undefined): string {
	if (next === undefined || !/^\/[^/\\]/.test(next)) return "/";
	const base = "http://berth.invalid";
	const url = URL.canParse(next, base) ? new URL(next, base) : null;
	return url !== null && url.origin === base ? `${url.pathname}${url.search}${url.hash}` : "/";
}
