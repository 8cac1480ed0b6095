import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { NewPermissionRule, PermissionRule } from "../../contract/permission.ts";
import { Deleted } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";
import { ruleExample } from "../openapi/examples.ts";

/** For all sessions: a token that is bound to one has no business with them. */
export const permissionRuleRoutes = ({ agents }: DaemonContext) => {
	const { permissions, rules } = agents.asking;
	return new Elysia({ prefix: "/permissions/rules", normalize: false })
		.get("", (): PermissionRule[] => rules.list(), {
			...operation({
				id: "listPermissionRules",
				tag: "Permissions",
				summary: "The rules that answer requests without asking, oldest first",
				scope: "read",
				unbound: true,
				answers: [json(Type.Array(PermissionRule), [ruleExample], "The rules")],
				errors: ["unauthorized", "forbidden"],
			}),
		})
		.post(
			"",
			({ body, set }): PermissionRule => {
				const { rule, added } = permissions.addRule(body);
				set.status = added ? 201 : 200;
				return rule;
			},
			{
				body: NewPermissionRule,
				...operation({
					id: "addPermissionRule",
					tag: "Permissions",
					summary: "Add a rule that answers requests without asking",
					description:
						"A rule fits when everything it names fits. Of those that fit, one that is narrower than another in something and wider in nothing " +
						"takes its place; of those that are left deny comes before ask before allow. Requests that wait are answered by it as well.",
					scope: "admin",
					unbound: true,
					body: { example: { decision: "allow", tool: "Bash", subject: "npm test*" } },
					answers: [
						json(PermissionRule, ruleExample, "It was there already"),
						json(PermissionRule, ruleExample, "The rule", 201),
					],
					errors: ["bad_request", "unauthorized", "forbidden", "unsupported_media_type"],
				}),
			},
		)
		.delete(
			"/:id",
			({ params: { id } }) => {
				rules.remove(id);
				return { status: "deleted" as const };
			},
			{
				params: Type.Object({
					id: Type.String({ minLength: 1, description: "The rule's id", examples: [ruleExample.id] }),
				}),
				...operation({
					id: "removePermissionRule",
					tag: "Permissions",
					summary: "Remove a rule; what it answered stays answered",
					scope: "admin",
					unbound: true,
					answers: [json(Deleted, { status: "deleted" }, "It answers nothing any more")],
					errors: ["unauthorized", "forbidden", "rule_not_found"],
				}),
			},
		);
};
