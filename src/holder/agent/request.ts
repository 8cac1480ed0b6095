/** What an agent asks a person, and what it is told. */
import type { AskedPermission } from "../../contract/agent-log.ts";
import type { Answers } from "../../contract/question.ts";
import type { PermissionDecision } from "../../contract/words.ts";

/** A request for permission as a protocol hears it; the driver gives it an id and a deadline. */
export interface Request extends Omit<AskedPermission, "id" | "deadlineAt"> {
	/** Called exactly once. */
	respond(outcome: Outcome): void;
}

export interface Outcome {
	decision: PermissionDecision;
	/** Null when no option was chosen: it is a denial then. */
	optionId: string | null;
	/** To the request's questions; null when it had none, or they were not answered. */
	answers: Answers | null;
	/** The turn is being ended; the agent should not try another way. */
	cancelled: boolean;
	reason: string | null;
}
