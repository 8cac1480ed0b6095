/** Lists of words that schemas are made of and that the command line offers. Apart from the schemas, so that a reader loads no TypeBox. */

export const restartPolicies = ["no", "on-failure", "always"] as const;

export const screenFormats = ["text", "ansi", "html", "json"] as const;
export type ScreenFormat = (typeof screenFormats)[number];

export const eventTypes = [
	"daemon.started",
	"session.created",
	"session.updated",
	"session.paused",
	"session.resumed",
	"session.deleted",
	"worker.created",
	"worker.starting",
	"worker.running",
	"worker.stopping",
	"worker.exited",
	"worker.lost",
	"worker.updated",
	"worker.bell",
	"worker.notification",
	"worker.command",
	"agent.state",
	"agent.configured",
	"agent.added",
	"agent.removed",
	"prompt.queued",
	"prompt.started",
	"prompt.ended",
	"permission.requested",
	"permission.ended",
	"permission.rule_added",
	"permission.rule_removed",
	"repository.added",
	"repository.removed",
	"token.created",
	"token.revoked",
] as const;
export type EventType = (typeof eventTypes)[number];

export const scopes = ["read", "write", "admin"] as const;
export type Scope = (typeof scopes)[number];

export const workerKinds = ["terminal", "agent"] as const;

/** Agents whose hooks Berth can wire in. */
export const hookKinds = ["claude", "codex", "opencode"] as const;

/**
 * How Berth talks to an agent. `pty`: the agent's own screen in a terminal. `acp`: the Agent Client Protocol. `claude-stream`: Claude
 * Code's stream-json. The latter two are structured: their messages are known one by one.
 */
export const agentDrivers = ["pty", "acp", "claude-stream"] as const;
export type AgentDriver = (typeof agentDrivers)[number];
export type StructuredDriver = Exclude<AgentDriver, "pty">;

export const agentStates = [
	"starting",
	"busy",
	"idle",
	"needs-input",
	"needs-permission",
	"exited",
	"unknown",
] as const;
export type AgentState = (typeof agentStates)[number];

/** Where a state is known from, the most trusted first; `process` is the end of it, `none` goes with `unknown`. */
export const evidenceKinds = ["process", "protocol", "hook", "terminal", "screen", "none"] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** As the Agent Client Protocol names them. */
export const permissionOptionKinds = ["allow_once", "allow_always", "reject_once", "reject_always"] as const;
export type PermissionOptionKind = (typeof permissionOptionKinds)[number];

export const permissionDecisions = ["allow", "deny"] as const;
export type PermissionDecision = (typeof permissionDecisions)[number];

/** Who or what ended a request for permission. */
export const answerers = ["person", "rule", "deadline", "agent", "holder", "daemon"] as const;
export type Answerer = (typeof answerers)[number];

/** What a rule may say: `ask` leaves it to a person, and keeps a more general rule from answering. */
export const ruleDecisions = ["allow", "deny", "ask"] as const;
export type RuleDecision = (typeof ruleDecisions)[number];

/** What a text that answers a question must be. */
export const answerTypes = ["text", "number", "integer"] as const;

/** What a tool does, as the Agent Client Protocol sorts them. */
export const toolKinds = [
	"read",
	"edit",
	"delete",
	"move",
	"search",
	"execute",
	"think",
	"fetch",
	"switch_mode",
	"other",
] as const;
export type ToolKind = (typeof toolKinds)[number];
