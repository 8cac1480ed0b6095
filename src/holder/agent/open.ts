/** Picks the driver of a structured agent; only the protocol that is spoken is loaded. */
import type { StructuredDriver } from "../../contract/words.ts";
import { type AgentParts, StructuredAgent } from "./agent.ts";
import type { Desk, Protocol } from "./protocol.ts";

const protocols: Record<StructuredDriver, () => Promise<(desk: Desk) => Protocol>> = {
	async acp() {
		const { Acp } = await import("./acp/acp.ts");
		return (desk) => new Acp(desk);
	},
	async "claude-stream"() {
		const { ClaudeStream } = await import("./claude/claude-stream.ts");
		return (desk) => new ClaudeStream(desk);
	},
};

export async function structuredAgent(parts: Omit<AgentParts, "open">): Promise<StructuredAgent> {
	return new StructuredAgent({ ...parts, open: await protocols[parts.agent.driver]() });
}
