/** How a prompt is handed to an agent. Safe to try again after any failure: what was given is not given twice. */
import { BerthError } from "../../../contract/errors.ts";
import type { HolderClient } from "../../../link/client.ts";
import type { PromptRow } from "../../../store/schema.ts";

/** Milliseconds that a holder may take for what it has in memory. */
export const HOLDER_MS = 10_000;

/**
 * `given`: the agent has it. `later`: it was not given, and may be another time. `unsure`: the holder went before it answered; asking
 * again tells. `refused`: this agent will not take this prompt.
 */
export type Handed = { outcome: "given" | "later" | "unsure" } | { outcome: "refused"; detail: string };

export interface Delivery {
	/** `begins` is called when the agent is about to begin, where no log tells that it has. */
	give(client: HolderClient, prompt: PromptRow, begins: () => void): Promise<Handed>;
	/** Stops what the agent does; the prompt that it was at, if it is known here. */
	interrupt(client: HolderClient): Promise<string | null>;
}

/** Structured agents take prompts by their id, and their log says when one has begun and ended. */
export const structuredDelivery: Delivery = {
	async give(client, { id: promptId, text, images }) {
		const params = { promptId, text, images: images.map(({ sha256, mediaType }) => ({ sha256, mediaType })) };
		try {
			await client.call("agentPrompt", params, HOLDER_MS);
			return { outcome: "given" };
		} catch (error) {
			return failed(error);
		}
	},
	async interrupt(client) {
		return (await client.call("agentInterrupt", {}, HOLDER_MS)).promptId;
	},
};

/** What a call's failure says of the prompt. */
export function failed(error: unknown): Handed {
	const { code, message } = BerthError.from(error);
	if (code === "holder_unreachable") return { outcome: "unsure" };
	if (code === "agent_busy" || code === "session_ended" || code === "session_busy")
		return { outcome: "later" };
	return { outcome: "refused", detail: message };
}
