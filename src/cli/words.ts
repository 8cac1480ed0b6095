/**
 * Words of the contract that the command line offers. They are written out here, held to the contract's types, because its schema
 * modules load TypeBox, and a command that lists sessions should not pay for that.
 */
import type { ScreenFormat } from "../contract/io.ts";
import type { PtyDriverName, ScreenEngineName } from "../contract/link.ts";
import type { NewSession } from "../contract/session.ts";
import type { EventType, Scope } from "../contract/system.ts";

export const restartPolicies = [
	"no",
	"on-failure",
	"always",
] as const satisfies readonly NewSession["restart"][];
export const tokenScopes = ["read", "write", "admin"] as const satisfies readonly Scope[];
export const screenFormats = ["text", "ansi", "html", "json"] as const satisfies readonly ScreenFormat[];
export const exportFormats = ["cast3", "cast2", "text", "raw"] as const;
export const ptyDrivers = ["bun", "bun-pty"] as const satisfies readonly PtyDriverName[];
export const screenEngines = ["ghostty", "xterm"] as const satisfies readonly ScreenEngineName[];
export const shells = ["bash", "zsh", "fish"] as const;
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
] as const satisfies readonly EventType[];

/** Key names that are worth offering; every other single character is one as well (contract/keys.ts). */
export const keyNames = (
	"Enter Tab BTab Escape Space BSpace Up Down Left Right Home End PageUp PageDown Insert Delete " +
	"F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 C-a C-c C-d C-e C-k C-l C-r C-u C-w C-z"
).split(" ");
