/**
 * What the holder of a structured agent writes down, one JSON object a line, in `agent.jsonl` of the generation's folder: everything
 * that was said and asked, in order. The holder appends and never rewrites; the daemon reads on from the byte it knows, told by the
 * notice `agent` that there is more, so nothing is lost while no daemon runs. It is protocol between versions like link.ts: fields are
 * added, never changed; a reader skips a kind that it does not know.
 */
import type { Choice } from "./agent.ts";
import type { ItemBody } from "./conversation.ts";
import type { PermissionOption } from "./permission.ts";
import type { Answers, Question } from "./question.ts";
import type { Answerer, PermissionDecision, StructuredDriver, ToolKind } from "./words.ts";

/** Name of the file in the generation's folder. */
export const AGENT_LOG = "agent.jsonl";

/** How a structured agent is to be driven: part of its HolderSpec. */
export interface AgentSpec {
	driver: StructuredDriver;
	/** Chosen before the start; null leaves it to the agent. */
	model: string | null;
	mode: string | null;
	/** The agent's own id of the conversation to go on with; null begins one. */
	conversation: string | null;
	/** Milliseconds that a request for permission waits before it is denied. The holder keeps the time: a daemon may be away. */
	permissionTimeoutMs: number;
	/** Milliseconds for which it may say nothing before it is ready; a daemon of before says none. */
	startTimeoutMs?: number;
	/** The store of images: `SHA256` files, 0600. */
	imagesDir: string;
}

/** A prompt as the holder is given it; images are in the store. */
export interface AgentPrompt {
	promptId: string;
	text: string;
	images: { sha256: string; mediaType: string }[];
}

export interface AskedPermission {
	/** Made by the holder: `p_` and ten letters and digits. */
	id: string;
	/** The agent's own id of the tool call; null when it named none. */
	call: string | null;
	tool: string;
	kind: ToolKind;
	title: string;
	subject: string;
	input: unknown;
	options: PermissionOption[];
	/** What it wants to know; absent or empty when it only asks to be allowed something. */
	questions?: Question[];
	/** Unix milliseconds. */
	deadlineAt: number;
}

export interface EndedPermission {
	id: string;
	state: "answered" | "expired" | "cancelled";
	decision: PermissionDecision;
	optionId: string | null;
	/** To its questions, when it had some and they were answered. */
	answers?: Answers;
	by: Answerer;
	ruleId: string | null;
	reason: string | null;
}

/** What became known of an agent: after its start, and when it changes. Absent fields stay what they were. */
export interface Learned {
	conversation?: string;
	model?: string | null;
	mode?: string | null;
	models?: Choice[];
	modes?: Choice[];
	images?: boolean;
}

export type AgentFact =
	| ({ kind: "agent" } & Learned)
	/** The protocol's word on the state; `text` quotes what told it. */
	| {
			kind: "state";
			state: "starting" | "busy" | "idle" | "needs-input" | "needs-permission";
			rule: string;
			text: string | null;
	  }
	/** A new item, or the whole of one that is there already. */
	| { kind: "item"; id: string; body: ItemBody }
	/** More text of a message: goes to the end of its last part, which is text. */
	| { kind: "text"; id: string; text: string }
	| { kind: "permission"; permission: AskedPermission }
	| { kind: "permission-ended"; permission: EndedPermission }
	| { kind: "turn"; promptId: string }
	| {
			kind: "turn-ended";
			promptId: string;
			outcome: "completed" | "failed" | "stopped";
			stopReason: string | null;
			detail: string | null;
			/** What the agent said last in the turn, as Markdown. */
			answer: string | null;
	  };

/** A line of the log. `n` counts from 1 without a gap; `at` is Unix milliseconds. */
export type AgentRecord = AgentFact & { n: number; at: number };
