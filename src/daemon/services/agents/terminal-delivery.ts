/**
 * Prompts for an agent that has a screen: pasted, then entered. Each step has a name that the holder remembers, so that a daemon which
 * died in between, and the next one, type it once.
 *
 * Its end is told by the agent's state (terminal-turns.ts).
 */
import type { HolderClient } from "../../../link/client.ts";
import type { PromptRow } from "../../../store/schema.ts";
import { type Delivery, failed, type Handed, HOLDER_MS } from "./delivery.ts";

/**
 * Milliseconds of quiet after the paste, before Return is typed, and for how long quiet is waited for: programs take a Return that
 * comes with a paste for a part of it.
 */
export const SETTLE_MS = { quiet: 250, longest: 3000 } as const;

export interface TerminalDeliveryOptions {
	/** What the terminal showed before the prompt was typed into it. */
	onBefore: (promptId: string, output: string) => void;
}

/** What Escape does in every agent that has a screen: it stops what the agent is at, and never ends the agent. */
const INTERRUPT_KEYS = ["Escape"];

export function terminalDelivery({ onBefore }: TerminalDeliveryOptions): Delivery {
	return {
		async give(client, prompt, begins) {
			try {
				return await type(client, prompt, begins);
			} catch (error) {
				return failed(error);
			}
		},
		async interrupt(client) {
			await client.call("keys", { keys: INTERRUPT_KEYS }, HOLDER_MS);
			return null;
		},
	};

	async function type(client: HolderClient, { id, text }: PromptRow, begins: () => void): Promise<Handed> {
		const pasted = `${id}.text`;
		const entered = `${id}.enter`;
		const { typed } = await client.call("status", {}, HOLDER_MS);
		if (typed !== entered) {
			if (typed !== pasted) {
				onBefore(id, (await client.call("output", { lines: ANSWER_LINES }, HOLDER_MS)).text);
				const data = Buffer.from(text.replaceAll("\r\n", "\n")).toString("base64");
				await client.call("input", { data, paste: true, once: pasted }, HOLDER_MS);
			}
			await client.call("wait", { idleMs: SETTLE_MS.quiet, timeoutMs: SETTLE_MS.longest }, HOLDER_MS);
		}
		// Before Return, for its effect may be seen at once.
		begins();
		const data = Buffer.from("\r").toString("base64");
		await client.call("input", { data, once: entered }, HOLDER_MS);
		return { outcome: "given" };
	}
}

/** Lines of output among which an answer is looked for. */
export const ANSWER_LINES = 2000;
