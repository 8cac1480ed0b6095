/** The API's shapes, by their names in the page. Types only: the schemas stay in the daemon. */
export type { CommandBlock, HolderStatus } from "../../../src/contract/link.ts";
export type { NewSession, NewWorker, Session, Worker } from "../../../src/contract/session.ts";
export type { SignalName } from "../../../src/contract/signals.ts";
export type { Exit, WorkerState } from "../../../src/contract/state.ts";
export type { Event, EventType, Token, TokenCreated } from "../../../src/contract/system.ts";
export type { Repository, WorktreeState } from "../../../src/contract/worktree.ts";
