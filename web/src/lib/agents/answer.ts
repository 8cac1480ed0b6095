/** Answers a request for permission. What becomes of it is told by its events. */
import { answer, berth, pathPart } from "../api/berth.ts";
import type { Permission, PermissionAnswer } from "../types.ts";

export function answerPermission(id: string, body: PermissionAnswer): Promise<Permission> {
	return answer(berth.api.permissions({ id: pathPart(id) }).answer.post(body));
}
