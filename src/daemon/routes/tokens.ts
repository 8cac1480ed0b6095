import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { NewToken, Token, TokenCreated } from "../../contract/system.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";

const example: Token = {
	id: "t_3n5p7r9tvx",
	label: "ci",
	scope: "write",
	sessionId: null,
	createdAt: 1_767_322_800_000,
	expiresAt: 1_767_409_200_000,
};

const Revoked = Type.Object({ status: Type.Literal("revoked") });

export const tokenRoutes = ({ tokens, sessions, now }: DaemonContext) =>
	new Elysia({ prefix: "/tokens", normalize: false })
		.get("", (): Token[] => tokens.list(), {
			...operation({
				id: "listTokens",
				tag: "Access",
				summary: "The valid tokens, never their text; browsers' logins among them",
				scope: "admin",
				unbound: true,
				answers: [json(Type.Array(Token), [example], "The tokens")],
				errors: ["unauthorized", "forbidden"],
			}),
		})
		.post(
			"",
			({ body: { label = "", scope = "read", session, expiresInSeconds }, set }): TokenCreated => {
				const created = tokens.create({
					label,
					scope,
					sessionId: session === undefined ? null : sessions.get(session).id,
					expiresAt: expiresInSeconds === undefined ? null : now() + expiresInSeconds * 1000,
					browser: false,
				});
				set.status = 201;
				return created;
			},
			{
				body: NewToken,
				...operation({
					id: "createToken",
					tag: "Access",
					summary: "Make a token; its text is shown this once",
					scope: "admin",
					unbound: true,
					body: { example: { label: "ci", scope: "write", expiresInSeconds: 86_400 } },
					answers: [
						json(
							TokenCreated,
							{ ...example, token: "berth_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4gYXQgYWxs" },
							"The token",
							201,
						),
					],
					errors: [
						"bad_request",
						"unauthorized",
						"forbidden",
						"session_not_found",
						"ambiguous_reference",
						"unsupported_media_type",
					],
				}),
			},
		)
		.delete(
			"/:id",
			({ params: { id } }) => {
				tokens.revoke(id);
				return { status: "revoked" as const };
			},
			{
				params: Type.Object({
					id: Type.String({ minLength: 1, description: "The token's id", examples: ["t_3n5p7r9tvx"] }),
				}),
				...operation({
					id: "revokeToken",
					tag: "Access",
					summary: "Revoke a token, at once: what it has open is closed",
					scope: "admin",
					unbound: true,
					answers: [json(Revoked, { status: "revoked" }, "The token is worth nothing now")],
					errors: ["unauthorized", "forbidden", "token_not_found"],
				}),
			},
		);
