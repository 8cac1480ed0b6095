/**
 * Who takes what an agent's log tells (log-reader). Everything of one reading is taken in one transaction, together with the new reading
 * position, so that a daemon that dies has taken all of it or nothing. Facts may come twice after a crash of the holder's disk; each
 * sink takes what it knows already as no change.
 *
 * `ended` is told for every end, after the last record of the log has been taken, to permissions, prompts and states in this order; and
 * again at a daemon's start for agents that do not run, so that it must be quiet when there is nothing to end. A sink writes its own
 * change there.
 */
import type { AgentStatus } from "../../../contract/agent.ts";
import type { AgentFact, AskedPermission, EndedPermission } from "../../../contract/agent-log.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { Change } from "../../../store/store.ts";

export interface StateSink {
	/** Another generation has begun, after all of the one before was read and its end was told: state `starting`. */
	started(worker: WorkerRow): void;
	/** The protocol's word. `at` is when the holder wrote it. */
	protocol(change: Change, worker: WorkerRow, status: AgentStatus): void;
	/** A hook of the agent's own has told something. */
	hook(worker: WorkerRow, fact: HookFact): void;
	/** Nobody is there any more: state `exited`. */
	ended(worker: WorkerRow): void;
}

/** What a hook told (hooks.ts). */
export interface HookFact {
	/**
	 * The event as Claude Code names it: SessionStart, UserPromptSubmit, PreToolUse, PostToolUse, PostToolUseFailure, Notification, Stop,
	 * SubagentStop, SessionEnd; Codex has Interrupt besides. And two of Berth's: PermissionRequest is told when a request begins to wait for a person (one that a
	 * rule answers never waits), PermissionEnded when the last that waited has ended.
	 */
	event: string;
	/** Unix milliseconds. */
	at: number;
	/** The agent's own id of its conversation. */
	conversation: string | null;
	/** Notification: its type, as `permission_prompt` or `idle_prompt`; tools: the tool's name. */
	about: string | null;
	/** Notification: its message; tools and permissions: the call's title; Stop: what the agent said last. */
	text: string | null;
	/** It comes from a subagent: the agent itself may be doing something else. */
	subagent: boolean;
}

export interface PermissionSink {
	asked(change: Change, worker: WorkerRow, permission: AskedPermission, at: number): void;
	answered(change: Change, worker: WorkerRow, permission: EndedPermission, at: number): void;
	/** Nobody asks any more: what still waits is cancelled. */
	ended(worker: WorkerRow): void;
}

export interface PromptSink {
	started(change: Change, worker: WorkerRow, promptId: string, at: number): void;
	finished(
		change: Change,
		worker: WorkerRow,
		turn: Extract<AgentFact, { kind: "turn-ended" }>,
		at: number,
	): void;
	/** Nobody works on it any more: what was under way has failed; what waits goes on waiting for a restart. */
	ended(worker: WorkerRow): void;
}

/** Those that the runtime is made of. */
export interface AgentSinks {
	permissions?: PermissionSink;
	prompts?: PromptSink;
	states?: StateSink;
}
