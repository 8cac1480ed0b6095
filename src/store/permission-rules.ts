/** Queries of the rules that answer requests for permission. */
import { asc, eq } from "drizzle-orm";
import { BerthError } from "../contract/errors.ts";
import { type PermissionRuleRow, permissionRules } from "./schema.ts";
import type { Change, Reader } from "./store.ts";

/** Oldest first. */
export function allRules(read: Reader): PermissionRuleRow[] {
	return read
		.select()
		.from(permissionRules)
		.orderBy(asc(permissionRules.createdAt), asc(permissionRules.id))
		.all();
}

export function createRule(change: Change, row: PermissionRuleRow): void {
	change.tx.insert(permissionRules).values(row).run();
	change.record({ type: "permission.rule_added", sessionId: null, workerId: null, data: { ...row } });
}

export function deleteRule(change: Change, id: string): void {
	const row = change.tx.delete(permissionRules).where(eq(permissionRules.id, id)).returning().get();
	if (!row)
		throw new BerthError("rule_not_found", `there is no rule ${id}; berth permissions rules ls shows them`);
	change.record({ type: "permission.rule_removed", sessionId: null, workerId: null, data: { ...row } });
}
