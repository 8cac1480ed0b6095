/** What every start of a worker has that is its own: what runs, and the nonce that proves its holder. */
import type { AgentChange } from "../../store/agents.ts";

/** Random bytes of a nonce: 128 bits cannot be guessed. */
const NONCE_BYTES = 16;

export function newNonce(): string {
	return Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_BYTES))).toString("hex");
}

/** What a worker that has been started before is going to be started with. */
export interface RestartPlan {
	command: string[];
	env: Record<string, string>;
	/** Of an agent's configuration; null when it stays. */
	agent: AgentChange | null;
	/** What that was before; null when it stays. */
	undo: AgentChange | null;
}
