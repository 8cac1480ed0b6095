/**
 * What stands between the driver, which knows turns, permissions and the log, and one protocol, which knows how to say it. A Protocol
 * is made for one process and lives as long as it.
 */
import type { Learned } from "../../contract/agent-log.ts";
import type { Image } from "../../contract/conversation.ts";
import type { Request } from "./request.ts";
import type { Transcript } from "./transcript.ts";

export interface PromptImage extends Image {
	content: Buffer;
}

/** How a turn ended. */
export interface TurnEnd {
	outcome: "completed" | "failed" | "stopped";
	/** As the agent said. */
	stopReason: string | null;
	detail: string | null;
	/** Null: what it said last stands in the transcript. */
	answer: string | null;
	usage: { inputTokens?: number; outputTokens?: number; costUsd?: number } | null;
}

/** The protocol's own names of what tells a state. */
export interface Evidence {
	ready: string;
	busy: string;
	idle: string;
	permission: string;
	question: string;
}

export interface Protocol {
	readonly evidence: Evidence;
	/**
	 * Brings the conversation up. Rejects with the reason why there can be none. `choice` is applied as far as the agent takes it; the
	 * rest is told as a notice.
	 */
	open(): Promise<void>;
	/** Works on a prompt; resolves when the turn has ended, also when the agent failed at it. */
	prompt(text: string, images: PromptImage[]): Promise<TurnEnd>;
	/** Asks it to stop; the turn ends by itself then. */
	interrupt(): void;
	/** Throws `agent_refused` when the agent does not take it. */
	setModel(model: string): Promise<void>;
	setMode(mode: string): Promise<void>;
	/** A line of the agent's standard output. */
	receive(line: string): void;
	/** The process has ended: whatever waits for it fails, and what was started for it ends. */
	close(): void;
	/** Whether this is a process that was started on the agent's behalf, and that is waited for. */
	owns(pid: number): boolean;
}

/** What a protocol is given to work with. */
export interface Desk {
	readonly transcript: Transcript;
	/** Where the agent works. */
	readonly cwd: string;
	readonly env: Record<string, string>;
	/** Counts the worker's starts: from the second on the conversation is in the store already. */
	readonly generation: number;
	readonly choice: { model: string | null; mode: string | null; conversation: string | null };
	send(message: unknown): void;
	learned(news: Learned): void;
	/** Returns the request's id, for `withdraw`. */
	ask(request: Request): string;
	/** The agent does not ask any more. */
	withdraw(id: string): void;
	/** The agent works without having been prompted, or has stopped to. */
	working(working: boolean): void;
	/** Something that was not understood: a notice in the conversation, as long as there are not too many. */
	garbled(what: string): void;
	/** What the conversation is called. */
	title(text: string): void;
	/** Keeps an image; null when it is none that can be kept. */
	keepImage(base64: string): Image | null;
	report(failure: unknown): void;
}
