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
	"worker.command",
	"repository.added",
	"repository.removed",
	"token.created",
	"token.revoked",
] as const;
export type EventType = (typeof eventTypes)[number];

export const scopes = ["read", "write", "admin"] as const;
export type Scope = (typeof scopes)[number];
