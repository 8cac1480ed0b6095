import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { Permission, PermissionAnswer } from "../../contract/permission.ts";
import { literals } from "../../contract/schemas.ts";
import { permissionStates } from "../../contract/state.ts";
import { covers } from "../../contract/system.ts";
import type { PermissionFilter } from "../../store/permissions.ts";
import type { DaemonContext } from "../context.ts";
import { requireSession } from "../http/authorize.ts";
import { type Caller, callerOf } from "../http/caller.ts";
import { json, operation } from "../http/operation.ts";
import { permissionExample } from "../openapi/examples.ts";

/** Requests of a list when nobody says how many, and the most: each holds what its tool would be given. */
const LIST = { usual: 100, most: 500 } as const;

const query = Type.Object(
	{
		state: Type.Optional(
			literals(permissionStates, { description: "Only those in this state", examples: ["pending"] }),
		),
		session: Type.Optional(Type.String({ minLength: 1, description: "Only of this session (REF)" })),
		limit: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: LIST.most,
				default: LIST.usual,
				description: "The newest ones, when there are more",
			}),
		),
	},
	{ additionalProperties: false },
);

const params = Type.Object({
	id: Type.String({ minLength: 1, description: "The request's id", examples: [permissionExample.id] }),
});

const answered: Permission = {
	...permissionExample,
	...{ state: "answered", decision: "allow", by: "person", endedAt: 1_767_322_890_000 },
};

export const permissionRoutes = ({ agents, sessions }: DaemonContext) => {
	const { permissions } = agents.asking;
	/** A token that is bound to one session learns of no other's requests, not even that they exist. */
	const seen = (caller: Caller, id: string): Permission => {
		const permission = permissions.get(id);
		if (caller.sessionId === null || permission.sessionId === caller.sessionId) return permission;
		throw new BerthError(
			"permission_not_found",
			`the token is bound to ${caller.sessionId} and sees no request ${id}`,
		);
	};
	return new Elysia({ prefix: "/permissions", normalize: false })
		.get(
			"",
			({ query: { state, session, limit = LIST.usual }, request }): Permission[] => {
				const caller = callerOf(request);
				const filter: PermissionFilter = {};
				if (state !== undefined) filter.state = state;
				if (session !== undefined) requireSession(caller, session, sessions);
				const sessionId = session === undefined ? caller.sessionId : sessions.get(session).id;
				if (sessionId !== null) filter.sessionId = sessionId;
				return permissions.list(filter, limit);
			},
			{
				query,
				...operation({
					id: "listPermissions",
					tag: "Permissions",
					summary: "Requests for permission by agents, oldest first",
					description: "Those that have ended stay for a while, to be looked at.",
					scope: "read",
					answers: [json(Type.Array(Permission), [permissionExample], "The requests")],
					errors: ["bad_request", "unauthorized", "session_not_found", "ambiguous_reference"],
				}),
			},
		)
		.get("/:id", ({ params: { id }, request }): Permission => seen(callerOf(request), id), {
			params,
			...operation({
				id: "getPermission",
				tag: "Permissions",
				summary: "One request, with what the tool would be given and what the agent offers",
				scope: "read",
				answers: [json(Permission, permissionExample, "The request")],
				errors: ["unauthorized", "permission_not_found"],
			}),
		})
		.post(
			"/:id/answer",
			({ params: { id }, body, request }): Promise<Permission> => {
				const caller = callerOf(request);
				seen(caller, id);
				const mayMakeRules =
					caller.scope !== null && covers(caller.scope, "admin") && caller.sessionId === null;
				return permissions.answer(id, body, mayMakeRules);
			},
			{
				params,
				body: PermissionAnswer,
				...operation({
					id: "answerPermission",
					tag: "Permissions",
					summary: "Allow or deny a request; the first answer counts",
					description:
						"An answer that comes too late is refused with 409 `permission_ended`. `always` takes the agent's own option for that; where it " +
						"offers none it makes a rule, for which the token needs the scope `admin` and no bond.",
					scope: "write",
					body: { example: { decision: "allow" } },
					answers: [json(Permission, answered, "The request as it has ended")],
					errors: [
						"bad_request",
						"unauthorized",
						"forbidden",
						"permission_not_found",
						"permission_ended",
						"unsupported_media_type",
						"holder_unreachable",
					],
				}),
			},
		);
};
