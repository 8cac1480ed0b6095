/** May this caller do this? Asked before validation, of every route; a route that says nothing about itself is refused to all. */
import { BerthError } from "../../contract/errors.ts";
import type { SessionsService } from "../services/sessions-service.ts";
import { type Caller, callerOf, requireScope, requireUnbound } from "./caller.ts";
import type { OperationFacts } from "./operation.ts";

export function authorize(
	facts: OperationFacts | undefined,
	request: Request,
	ref: string | null | undefined,
	sessions: SessionsService,
): void {
	if (!facts) throw new BerthError("forbidden", "the route does not say who may call it");
	if (facts.scope === "public") return;
	const caller = callerOf(request);
	requireScope(caller, facts.scope);
	if (facts.unbound) requireUnbound(caller);
	if (typeof ref === "string") requireSession(caller, ref, sessions);
}

/** A token that is bound to one session learns nothing about others, not even that they exist. */
export function requireSession(caller: Caller, ref: string, sessions: SessionsService): void {
	if (caller.sessionId === null || ref === caller.sessionId) return;
	let id: string | null = null;
	try {
		id = sessions.get(ref).id;
	} catch (error) {
		if (!(error instanceof BerthError)) throw error;
	}
	if (id !== caller.sessionId) {
		throw new BerthError(
			"session_not_found",
			`the token is bound to ${caller.sessionId} and sees no session ${ref}`,
		);
	}
}
