/** What state an agent is in by its protocol, and what of the protocol told it. */
import type { AgentFact } from "../../contract/agent-log.ts";
import type { Evidence } from "./protocol.ts";
import type { Request } from "./request.ts";

export type Standing = Pick<Extract<AgentFact, { kind: "state" }>, "state" | "rule">;

export interface Situation {
	ready: boolean;
	/** The request that waits longest. */
	asked: Request | null;
	working: boolean;
	/** Nothing has been asked of it yet. */
	fresh: boolean;
}

export function standing({ ready, asked, working, fresh }: Situation, evidence: Evidence): Standing {
	if (!ready) return { state: "starting", rule: "process" };
	if (asked?.questions?.length) return { state: "needs-input", rule: evidence.question };
	if (asked) return { state: "needs-permission", rule: evidence.permission };
	if (working) return { state: "busy", rule: evidence.busy };
	return { state: "idle", rule: fresh ? evidence.ready : evidence.idle };
}
